#define _GNU_SOURCE
#include "cdevstart.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cd_become_subreaper(void)
{
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int cd_stop_being_subreaper(void)
{
  return prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

void cd_set_command_name(const char *name)
{
  prctl(PR_SET_NAME, name);
}

void cd_keep_memory_in_heap(void)
{
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}

/* Unmaps what can be read from the file again: at rest a few pages of the program are enough. */
static int give_program_back(struct dl_phdr_info *program, size_t size, void *data)
{
  (void)size;
  (void)data;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < program->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &program->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
    uintptr_t start = (program->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (program->dlpi_addr + part->p_vaddr + part->p_memsz) & ~(page - 1);
    if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 1;  /* The program itself comes first; libraries are others' too. */
}

void cd_give_memory_back(void)
{
  malloc_trim(64 * 1024);
  dl_iterate_phdr(give_program_back, NULL);
}

int cd_sealed_memfd(const char *name, const void *bytes, size_t size)
{
  int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return -1;
  size_t done = 0;
  while (done < size) {
    ssize_t count = write(file, (const char *)bytes + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) goto failed;
    done += (size_t)count;
  }
  if (fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    goto failed;
  return file;
failed: {
    int code = errno;
    close(file);
    errno = code;
    return -1;
  }
}

int cd_poll(struct pollfd *entries, size_t count, int64_t nanoseconds)
{
  struct timespec time = {
    .tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000 };
  return ppoll(entries, count, nanoseconds < 0 ? NULL : &time, NULL);
}

int cd_accept(int socket)
{
  return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int cd_replace(int from, int number)
{
  return dup3(from, number, O_CLOEXEC);
}

uint64_t cd_swapped_bytes(void)
{
  struct sysinfo system;
  if (sysinfo(&system) < 0) return 0;
  return (uint64_t)(system.totalswap - system.freeswap) * system.mem_unit;
}

pid_t cd_peer_process(int socket)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
  return peer.pid;
}

int cd_unreceived_bytes(int socket)
{
  int count = 0;
  return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : 0;
}

pid_t cd_reap_any(int32_t *value, int32_t *is_signal)
{
  siginfo_t ended = { .si_pid = 0 };
  if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | __WALL) != 0)
    return errno == ECHILD ? 0 : -1;
  *value = ended.si_status;
  *is_signal = ended.si_code != CLD_EXITED;
  return ended.si_pid;
}
