#define _GNU_SOURCE
#include "cdevstart.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
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

/* Whether an attribute after the message says so; kernels before 4.3 say nothing. */
static uint8_t only_version6(const struct nlmsghdr *header)
{
  const struct inet_diag_msg *found = NLMSG_DATA(header);
  unsigned int left = (unsigned int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *found));
  for (const struct rtattr *attribute = (const struct rtattr *)(const void *)(found + 1);
    RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
    if (attribute->rta_type == INET_DIAG_SKV6ONLY) return *(const uint8_t *)RTA_DATA(attribute);
  return 0;
}

static struct cd_listener listener_of(const struct nlmsghdr *header)
{
  const struct inet_diag_msg *found = NLMSG_DATA(header);
  struct cd_listener listener = {
    .port = ntohs(found->id.idiag_sport), .version = found->idiag_family == AF_INET ? 4 : 6,
    .only_version6 = only_version6(header), .user = found->idiag_uid,
    .inode = found->idiag_inode };
  memcpy(listener.address, found->id.idiag_src, sizeof listener.address);
  return listener;
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
      if (count < capacity) listeners[count] = listener_of(header);
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
