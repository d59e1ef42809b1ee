#ifndef CDEVSTART_H
#define CDEVSTART_H

#include <stdint.h>
#include <sys/types.h>

/* pidfd_open(2), pidfd_send_signal(2): -1 and errno on failure. */
int cd_pidfd_open(pid_t pid);
int cd_pidfd_send_signal(int pidfd, int signal, unsigned int flags);

#endif
