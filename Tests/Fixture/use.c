#include "fixture.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Uses the processor for so many milliseconds of its own CPU time. */
void do_burn(struct script *script)
{
  long milliseconds = take_number(script, "milliseconds");
  struct timespec now;
  long long end = -1;
  for (;;) {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    long long used = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
    if (end < 0) end = used + milliseconds;
    if (used >= end) return;
  }
}

/* Fills so many megabytes, which children made later share until somebody writes. */
void do_fill(struct script *script)
{
  size_t size = (size_t)take_number(script, "megabytes") << 20;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  memset(memory, 1, size);
}
