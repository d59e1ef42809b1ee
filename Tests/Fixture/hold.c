#define _GNU_SOURCE
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket that listens on 127.0.0.1, or on ::1. */
static int listener_at(long port, bool six)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct sockaddr_in6 address6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  address6.sin6_addr = in6addr_loopback;
  int listener = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const struct sockaddr *place =
    six ? (const struct sockaddr *)&address6 : (const struct sockaddr *)&address;
  if (bind(listener, place, six ? sizeof address6 : sizeof address) < 0) fail("bind");
  if (listen(listener, 16) < 0) fail("listen");
  return listener;
}

/* Listens for as long as the process lives. */
void do_listen(struct script *script)
{
  long port = take_number(script, "port");
  bool six = false;
  long delay = 0;
  for (;;) {
    if (take_flag(script, "--v6")) six = true;
    else if (take_flag(script, "--after-ms")) delay = take_number(script, "milliseconds");
    else break;
  }
  if (delay > 0) pass_milliseconds(delay);
  listener_at(port, six);
}

/* Answers every request on the port with the status that a file holds when it comes, and 404 while
   there is none; with the status 0 it accepts and says nothing. */
_Noreturn void do_serve_http(struct script *script)
{
  int listener = listener_at(take_number(script, "port"), false);
  const char *path = take_word(script, "file");
  settled();
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    char bytes[4096];
    if (read(client, bytes, sizeof bytes) < 0) fail("read");
    int status = 404;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      ssize_t count = read(file, bytes, sizeof bytes - 1);
      bytes[count > 0 ? count : 0] = '\0';
      // Half written: no answer yet.
      if (count > 0) status = atoi(bytes);
      close(file);
    }
    // A client that is told nothing is kept waiting.
    if (status == 0) continue;
    dprintf(client, "HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\n\r\n", status);
    close(client);
  }
}

/* Holds a lock that only one may have; where another has it, that is recorded and 75 the end. */
void do_lock(struct script *script)
{
  const char *path = take_word(script, "file");
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail(path);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return;
  record("DOUBLE");
  finish(75);
}

/* Waits until somebody opens the named pipe for writing. */
void wait_at(const char *path)
{
  int gate;
  while ((gate = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR) {}
  if (gate < 0) fail(path);
  close(gate);
}

void do_gate(struct script *script)
{
  record("at-gate");
  wait_at(take_word(script, "named pipe"));
}

/* As watchers do: the end of stdin is the end of the program. */
void do_exit_on_eof(struct script *script)
{
  (void)script;
  settled();
  char bytes[256];
  ssize_t count;
  while ((count = read(STDIN_FILENO, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR)) {}
  finish(0);
}
