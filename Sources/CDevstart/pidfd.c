#include "cdevstart.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc has wrappers only since 2.36; the numbers are the same on every architecture. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int cd_pidfd_open(pid_t pid)
{
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

int cd_pidfd_send_signal(int pidfd, int signal, unsigned int flags)
{
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, flags);
}
