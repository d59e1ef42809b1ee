/* Talks to a socket as a client of any kind would. */
#define _GNU_SOURCE
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* `say-to SOCKET TEXT`: sends the text and prints what is answered, up to the end of that; `closed`
   where there is no answer but the end. */
void do_say_to(struct script *script)
{
  const char *path = take_word(script, "socket");
  const char *text = take_word(script, "text");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) usage("too long for a socket", path);
  strcpy(address.sun_path, path);
  int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (peer < 0 || connect(peer, (struct sockaddr *)&address, sizeof address) < 0) fail(path);
  /* Nobody need be there any more to hear it. */
  send(peer, text, strlen(text), MSG_NOSIGNAL);
  char answer[4096];
  ssize_t size = read(peer, answer, sizeof answer);
  if (size > 0) fwrite(answer, 1, (size_t)size, stdout);
  else puts("closed");
  fflush(stdout);
  close(peer);
}
