#define _GNU_SOURCE
#include "cdevstart.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Linux 6.5; the C library's headers may be older than the kernel. */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* SCM_MAX_FD: the kernel lets no message carry more descriptors. With room for all of them none
   of the rest is cut off: a sender cannot hide who it is behind a heap of descriptors. */
enum { MOST_DESCRIPTORS = 253 };

int cd_notify_socket(void)
{
  int number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (number < 0) return -1;
  int yes = 1;
  if (setsockopt(number, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0) {
    int code = errno;
    close(number);
    errno = code;
    return -1;
  }
  /* An older kernel refuses; there credentials have to do. */
  setsockopt(number, SOL_SOCKET, SO_PASSPIDFD, &yes, sizeof yes);
  return number;
}

/* Keeps the one descriptor that came; of several each is closed. */
static void take_descriptors(const struct cmsghdr *part, struct cd_notice *notice, int *count)
{
  size_t total = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t index = 0; index < total; index++) {
    int number;
    memcpy(&number, CMSG_DATA(part) + index * sizeof number, sizeof number);
    if ((*count)++ == 0) notice->descriptor = number;
    else close(number);
  }
  if (*count > 1 && notice->descriptor >= 0) {
    close(notice->descriptor);
    notice->descriptor = -1;
  }
}

/* A kernel that has no descriptor for the sender puts the reason in its place. */
static void take_pidfd(const struct cmsghdr *part, struct cd_notice *notice)
{
  int number;
  memcpy(&number, CMSG_DATA(part), sizeof number);
  if (number >= 0) notice->pidfd = number;
  else if (number == -ESRCH || number == -EINVAL) notice->pidfd = CD_PIDFD_ENDED;
}

static void take_credentials(const struct cmsghdr *part, struct cd_notice *notice)
{
  struct ucred sender;
  memcpy(&sender, CMSG_DATA(part), sizeof sender);
  notice->pid = sender.pid;
  notice->user = sender.uid;
}

ssize_t cd_notify_receive(int socket, void *bytes, size_t size, struct cd_notice *notice)
{
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int)) +
               CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  struct iovec text = {bytes, size};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
  *notice = (struct cd_notice){0, UINT32_MAX, CD_PIDFD_UNKNOWN, -1};
  ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (length < 0) return -1;

  int count = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_RIGHTS) take_descriptors(part, notice, &count);
    else if (part->cmsg_type == SCM_PIDFD && part->cmsg_len == CMSG_LEN(sizeof(int)))
      take_pidfd(part, notice);
    else if (part->cmsg_type == SCM_CREDENTIALS && part->cmsg_len == CMSG_LEN(sizeof(struct ucred)))
      take_credentials(part, notice);
  }
  return length;
}

ssize_t cd_notify_send(int socket, const void *bytes, size_t size, int descriptor)
{
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {.bytes = {0}};
  struct iovec text = {(void *)bytes, size};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
  struct cmsghdr *part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
