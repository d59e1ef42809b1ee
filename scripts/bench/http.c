/*
 * A client of HTTP endpoints on 127.0.0.1, with a clock.
 *
 *   http time PORT PATH N     N requests one after the other, a connection each: microseconds from
 *                             connect(2) to the end of the answer, a line each; all must be 200
 *   http load PORT N          the largest and the longest of N requests each: unknown pages, fields
 *                             without end, content of a megabyte, noise; whatever is answered
 *   http hold PORT N          N connections with half a request each, held until its standard input
 *                             ends; says «held» once all are there
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
  fprintf(stderr, "http: %s: %s\n", what, strerror(errno));
  exit(125);
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int connection(const char *port)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) fail("socket");
  if (connect(number, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  return number;
}

static void once(const char *port, const char *request, size_t size)
{
  char answer[65536];
  size_t have = 0;
  ssize_t count;
  double began = now();
  int number = connection(port);
  if (send(number, request, size, MSG_NOSIGNAL) != (ssize_t)size) fail("send");
  /* Only the beginning is looked at. */
  while ((count = recv(number, answer + (have < 64 ? have : 64), sizeof answer - 64, 0)) > 0)
    have += (size_t)count;
  if (count < 0) fail("recv");
  printf("%.1f\n", now() - began);
  close(number);
  if (have < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0) {
    fprintf(stderr, "http: the answer is not 200: %.12s\n", answer);
    exit(1);
  }
}

/* Sends as much as is taken, and reads all that is answered. */
static void pour(const char *port, const char *bytes, size_t size)
{
  char answer[65536];
  int number = connection(port);
  while (size > 0) {
    ssize_t count = send(number, bytes, size, MSG_NOSIGNAL);
    if (count <= 0) break;
    bytes += count;
    size -= (size_t)count;
  }
  while (recv(number, answer, sizeof answer, 0) > 0) continue;
  close(number);
}

static void load(const char *port, int times)
{
  static const char *const heads[] = {
    "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ", "GET /", "" };
  static char bytes[1 << 20];
  srandom(1);
  for (int left = times; left > 0; left--)
    for (size_t kind = 0; kind < sizeof heads / sizeof *heads; kind++) {
      size_t head = strlen(heads[kind]);
      memset(bytes, 'x', sizeof bytes);
      memcpy(bytes, heads[kind], head);
      if (head == 0)
        for (size_t index = 0; index < sizeof bytes; index++) bytes[index] = (char)random();
      pour(port, bytes, kind == 0 ? head : sizeof bytes);
    }
}

int main(int count, char **words)
{
  if (count == 5 && strcmp(words[1], "time") == 0) {
    char request[512];
    int size = snprintf(
      request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", words[3]);
    for (int left = atoi(words[4]); left > 0; left--) once(words[2], request, (size_t)size);
    return 0;
  }
  if (count == 4 && strcmp(words[1], "load") == 0) {
    load(words[2], atoi(words[3]));
    return 0;
  }
  if (count == 4 && strcmp(words[1], "hold") == 0) {
    static const char half[] = "GET /health HTTP/1.1\r\nX-Half: ";
    for (int left = atoi(words[3]); left > 0; left--)
      send(connection(words[2]), half, sizeof half - 1, MSG_NOSIGNAL);
    printf("held\n");
    fflush(stdout);
    while (getchar() != EOF) continue;
    return 0;
  }
  fprintf(stderr, "usage: http time PORT PATH N | http load PORT N | http hold PORT N\n");
  return 2;
}
