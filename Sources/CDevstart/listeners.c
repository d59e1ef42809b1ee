#define _GNU_SOURCE
#include "cdevstart.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asks for the listeners of one family alone: /proc/net/tcp would walk every connection. */
static int ask(int socket, int family)
{
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } message = {
    .header = { .nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .request = { .sdiag_family = (uint8_t)family, .sdiag_protocol = IPPROTO_TCP,
      .idiag_states = 1u << TCP_LISTEN } };
  ssize_t sent;
  while ((sent = send(socket, &message, sizeof message, 0)) < 0 && errno == EINTR) {}
  return sent < 0 ? -1 : 0;
}

static enum cd_address_kind kind_of(const struct inet_diag_msg *listener)
{
  const uint8_t *address = (const uint8_t *)listener->id.idiag_src;
  static const uint8_t any[16], four[4] = { 127, 0, 0, 1 }, six[16] = { [15] = 1 };
  const int is_four = listener->idiag_family == AF_INET;
  const size_t size = is_four ? sizeof four : sizeof six;
  if (memcmp(address, any, size) == 0) return CD_ADDRESS_ANY;
  return memcmp(address, is_four ? four : six, size) == 0 ? CD_ADDRESS_LOOPBACK : CD_ADDRESS_OTHER;
}

/* Reads one family's answer; how many listeners there are, or -1 and errno. */
static ssize_t receive(int socket, struct cd_listener *listeners, size_t capacity, size_t count)
{
  _Alignas(struct nlmsghdr) char buffer[16384];
  for (;;) {
    ssize_t size = recv(socket, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return -1;
    unsigned int left = (unsigned int)size;
    for (struct nlmsghdr *header = (struct nlmsghdr *)(void *)buffer; NLMSG_OK(header, left);
      header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE) return (ssize_t)count;
      if (header->nlmsg_type == NLMSG_ERROR) {
        errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
        return -1;
      }
      const struct inet_diag_msg *found = NLMSG_DATA(header);
      if (count < capacity)
        listeners[count] = (struct cd_listener){
          .port = ntohs(found->id.idiag_sport), .kind = kind_of(found),
          .user = found->idiag_uid, .inode = found->idiag_inode };
      count++;
    }
  }
}

ssize_t cd_tcp_listeners(struct cd_listener *listeners, size_t capacity)
{
  int socket_ = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (socket_ < 0) return -1;
  ssize_t count = 0;
  if (ask(socket_, AF_INET) != 0) count = -1;
  else count = receive(socket_, listeners, capacity, 0);
  if (count >= 0) {
    ssize_t both = ask(socket_, AF_INET6) != 0
      ? -1 : receive(socket_, listeners, capacity, (size_t)count);
    /* A kernel without IPv6 has none of its listeners. */
    if (both >= 0) count = both;
  }
  int code = errno;
  close(socket_);
  errno = code;
  return count;
}
