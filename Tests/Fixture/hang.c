/* Processes that hang in the kernel: KILL is sent, and nothing happens. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file over `path` that this process serves (fuse(4)), seen by this process's children alone. */
static int mount_file(const char *path)
{
  int namespaces = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
  if (unshare(namespaces) < 0) fail("unshare");
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("mount");
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) fail("/dev/fuse");
  char options[96];
  snprintf(options, sizeof options, "fd=%d,rootmode=100644,user_id=0,group_id=0", device);
  if (mount("fixture", path, "fuse", MS_NOSUID | MS_NODEV, options) < 0) fail(path);
  return device;
}

static void answer(int device, uint64_t request, const void *bytes, size_t size)
{
  union {
    struct fuse_out_header header;
    char bytes[256];
  } reply = {.header = {.len = (uint32_t)(sizeof reply.header + size), .unique = request}};
  memcpy(reply.bytes + sizeof reply.header, bytes, size);
  if (write(device, reply.bytes, reply.header.len) < 0 && errno != ENOENT) fail("answer");
}

/* Serves the file but for one kind of request that is never answered: whoever waits for that
   waits until this process is gone, whatever signals it gets. */
static _Noreturn void serve_but(uint32_t unanswered, int device)
{
  union {
    struct fuse_in_header header;
    char bytes[FUSE_MIN_READ_BUFFER + 65536];
  } request;
  for (;;) {
    if (read(device, &request, sizeof request) < 0) {
      if (errno == EINTR || errno == ENOENT) continue;
      fail("read");
    }
    uint64_t unique = request.header.unique;
    if (request.header.opcode == unanswered) {
      record("hung");
      settled();
      continue;
    }
    switch (request.header.opcode) {
    case FUSE_INIT: {
      struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION};
      answer(device, unique, &out, sizeof out);
      break;
    }
    case FUSE_GETATTR: {
      struct fuse_attr_out out = {.attr = {.ino = 1, .mode = S_IFREG | 0644, .nlink = 1}};
      answer(device, unique, &out, sizeof out);
      break;
    }
    case FUSE_OPEN: {
      struct fuse_open_out out = {.fh = 1};
      answer(device, unique, &out, sizeof out);
      break;
    }
    default:
      break;
    }
  }
}

/* `hang open|exit FILE`: a server in a session of its own, and a child of it that hangs: in
   open(2), or, once it is KILLed or ends, in closing what it has open. The server ignores TERM. */
void do_hang(struct script *script)
{
  const char *where = take_word(script, "open or exit");
  const char *path = take_word(script, "file");
  bool at_exit = strcmp(where, "exit") == 0;
  if (make() == 0) {
    setsid();
    signal(SIGTERM, SIG_IGN);
    int device = mount_file(path);
    record("hang-server");
    if (fork() == 0) {
      close(device);
      record("hanging");
      /* At the end of the process the kernel asks the server to flush the file. */
      _exit(open(path, O_RDONLY | O_CLOEXEC) < 0);
    }
    serve_but(at_exit ? FUSE_FLUSH : FUSE_OPEN, device);
  }
  skip_block(script);
}

/* Opens a file, which may take for ever. */
void do_open(struct script *script)
{
  const char *path = take_word(script, "file");
  settled();
  if (open(path, O_RDONLY | O_CLOEXEC) < 0) fail(path);
}

/* So many megabytes of address space, each page of it mapped: the kernel takes its time to take
   them down again when the process ends. They are all the same page and use no memory. */
void do_map(struct script *script)
{
  size_t size = (size_t)take_number(script, "megabytes") << 20;
  char *memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  if (madvise(memory, size, MADV_NOHUGEPAGE) < 0 && errno != EINVAL) fail("madvise");
  volatile char sum = 0;
  for (size_t offset = 0; offset < size; offset += 4096) sum += memory[offset];
}
