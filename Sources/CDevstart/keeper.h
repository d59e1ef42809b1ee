#ifndef KEEPER_H
#define KEEPER_H

/* What the parts of a keeper share; keeper.c, baggage.c. */

#include "cdevstart.h"

/* What a keeper takes along from the supervisor, in memory of its own. */
struct baggage {
  void *memory;
  size_t size;
  const char *title;
  const char *record_head;
  const char *directory;
  char **arguments;
  char **environment;
  const struct cd_limit *limits;
};

/* Copies what a launch is made of, and leaves the rest of the heap out of forks: -1 and errno. */
int cd_pack(const struct cd_launch *launch, struct baggage *baggage);

/* Unmaps it. */
void cd_unpack(const struct baggage *baggage);

/* A field of /proc/PID/stat (proc(5)), behind the last ')' of a name that may hold anything; 0
   where the process is gone. */
uint64_t cd_stat_field(pid_t pid, int wanted);

#endif
