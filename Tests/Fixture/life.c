#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool never_reaps = false;
bool stops_at_the_end = false;
bool is_main = true;

void pass_milliseconds(long milliseconds)
{
  struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) {}
}

/* The words in braces, if there are any. */
void perform_block(struct script *script)
{
  if (!take_flag(script, "{")) return;
  perform(script);
  take_word(script, "}");
}

void live(void)
{
  settled();
  if (stops_at_the_end) raise(SIGSTOP);
  if (!never_reaps)
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
  for (;;) pause();
}

void finish(int status)
{
  settled();
  _exit(status);
}
