/* Processes that make others faster than they can be listed. All of them end when the file of
   records is deleted, so that a test that fails leaves no swarm behind. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* A line of processes, each in a session of its own, each forking the next and dying after some
   milliseconds: whoever reads the process table is always late. Each waits until the next has
   recorded itself, so that the records name a living one at every moment. */
void do_chain(struct script *script)
{
  long milliseconds = take_number(script, "milliseconds");
  if (make() == 0) {
    for (;;) {
      setsid();
      record("chain");
      settled();
      pass_milliseconds(milliseconds);
      if (make() != 0) _exit(0);
    }
  }
}

/* The same without a pause and without a record: none of them lives long enough to be looked at. */
void do_race(struct script *script)
{
  if (make() == 0) {
    record("race");
    settled();
    while (is_recorded()) {
      if (fork() > 0) _exit(0);
      setsid();
    }
    _exit(0);
  }
  skip_block(script);
}

static void respawn(long levels);

/* A child that is what its parent is, a level below. */
static void respawn_child(long levels)
{
  if (make() != 0) return;
  setsid();
  record("respawner");
  respawn(levels - 1);
}

/* Three children, each with three of its own and so on down, and another for each that dies. */
static void respawn(long levels)
{
  for (int count = 0; levels > 0 && count < 3; count++) respawn_child(levels);
  settled();
  while (levels > 0 && is_recorded())
    if (wait(NULL) > 0) respawn_child(levels);
  for (;;) pause();
}

/* A tree of so many levels in which everybody replaces each child that it loses; with five levels
   it is 364 processes, each in a session of its own. */
void do_respawners(struct script *script)
{
  long levels = take_number(script, "levels");
  if (make() == 0) {
    setsid();
    record("respawner");
    respawn(levels);
  }
  skip_block(script);
}
