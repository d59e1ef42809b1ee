/* A web server for the example: `api PORT` answers every request with a line of JSON. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t is_ending;
static int listener;

/* Closes the listener too: a signal that comes just before accept(2) must not be missed. */
static void end(int signal)
{
  (void)signal;
  is_ending = 1;
  close(listener);
}

static void say(const char *text, long number)
{
  char moment[16];
  time_t now = time(NULL);
  strftime(moment, sizeof moment, "%H:%M:%S", localtime(&now));
  printf("%s api: %s %ld\n", moment, text, number);
  fflush(stdout);
}

static void answer(int client, long count)
{
  char request[4096], body[64], reply[256];
  if (read(client, request, sizeof request) <= 0) return;
  snprintf(body, sizeof body, "{\"service\": \"api\", \"requests\": %ld}\n", count);
  int length = snprintf(reply, sizeof reply,
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
    "Connection: close\r\n\r\n%s", strlen(body), body);
  if (write(client, reply, (size_t)length) < 0) perror("api: write");
}

int main(int count, char **arguments)
{
  long port = count == 2 ? strtol(arguments[1], NULL, 10) : 0;
  if (port < 1 || port > 65535) {
    fprintf(stderr, "usage: api PORT\n");
    return 2;
  }
  listener = socket(AF_INET, SOCK_STREAM, 0);
  /* Without SA_RESTART, so that accept(2) returns when it is time to go. */
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);

  int yes = 1;
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
    || listen(listener, 16) != 0) {
    perror("api: cannot listen");
    return 1;
  }
  say("listening on port", port);

  long requests = 0;
  while (!is_ending) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    /* One that says nothing must not hold up the others, nor the end. */
    struct timeval patience = { .tv_sec = 1 };
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    requests += 1;
    answer(client, requests);
    close(client);
    say("answered request", requests);
  }
  say("closing; requests answered:", requests);
  return 0;
}
