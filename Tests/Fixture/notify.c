#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 253 };

/* A connection to `$NOTIFY_SOCKET`. */
static int connected(void)
{
  const char *name = getenv("NOTIFY_SOCKET");
  if (name == NULL) fail("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  if (length > sizeof address.sun_path) fail("NOTIFY_SOCKET");
  memcpy(address.sun_path, name, length);
  if (name[0] == '@') address.sun_path[0] = '\0';
  int number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  if (connect(number, (const struct sockaddr *)&address, size) != 0) fail("connect");
  return number;
}

/* Sends a datagram with so many copies of a descriptor; waits where the queue is full. */
static void send_with(int to, const char *text, size_t size, int descriptor, long copies)
{
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  struct iovec content = {(void *)text, size};
  struct msghdr message = {.msg_iov = &content, .msg_iovlen = 1};
  if (copies > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE((size_t)copies * sizeof(int));
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN((size_t)copies * sizeof(int));
    for (long index = 0; index < copies; index++)
      memcpy(CMSG_DATA(part) + (size_t)index * sizeof(int), &descriptor, sizeof descriptor);
  }
  ssize_t count;
  while ((count = sendmsg(to, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {}
  if (count < 0) fail("sendmsg");
}

/* Sends with copies of a pipe's end, and waits until the receiver has closed all of them. */
static void send_and_wait(int to, const char *text, size_t size, long copies)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  send_with(to, text, size, ends[1], copies);
  close(ends[1]);
  struct pollfd answer = {.fd = ends[0], .events = POLLIN};
  while (poll(&answer, 1, -1) < 0 && errno == EINTR) {}
  close(ends[0]);
}

/* `notify TEXT [--pad BYTES] [--times N]`, the padding of `x`; with `--descriptors N` it sends so
   many along and waits until they are closed. */
void do_notify(struct script *script)
{
  const char *text = take_word(script, "text");
  long padding = 0, copies = 0, times = 1;
  for (;;) {
    if (take_flag(script, "--pad")) padding = take_number(script, "bytes");
    else if (take_flag(script, "--descriptors")) copies = take_number(script, "number");
    else if (take_flag(script, "--times")) times = take_number(script, "number");
    else break;
  }
  if (copies > MOST_DESCRIPTORS) usage("too many descriptors", NULL);
  size_t length = strlen(text), size = length + (size_t)padding;
  char *content = malloc(size + 1);
  if (content == NULL) fail("malloc");
  memcpy(content, text, length);
  memset(content + length, 'x', (size_t)padding);
  int to = connected();
  for (long count = 0; count < times; count++) {
    if (copies > 0) send_and_wait(to, content, size, copies);
    else send_with(to, content, size, -1, 0);
  }
  close(to);
  free(content);
}

/* Waits until everything said before has been read (sd_notify_barrier(3)). */
void do_notify_barrier(struct script *script)
{
  (void)script;
  int to = connected();
  send_and_wait(to, "BARRIER=1", strlen("BARRIER=1"), 1);
  close(to);
}
