/*
 * The memory that a keeper is forked with: the program, the stack, and what it needs for its launch.
 *
 * The supervisor's heap stays behind (MADV_DONTFORK, madvise(2)). A keeper needs nothing of it, and
 * it would cost both: its page tables would be copied, and so would every page that the supervisor
 * writes to next, which is most of what a launch takes.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The number of a field in /proc/PID/stat (proc(5)). */
enum { START_BRK_FIELD = 47 };

/* A static executable has the thread's own data (errno, the stack's canary) at the beginning of its
   heap: that comes along. */
static uintptr_t heap_to_leave(uintptr_t page, uintptr_t end)
{
  uintptr_t start = (cd_stat_field(getpid(), START_BRK_FIELD) + page - 1) & ~(page - 1);
  const uintptr_t own = (uintptr_t)&errno & ~(page - 1);
  return own >= start && own < end ? own + 3 * page : start;
}

/* Of what the heap has grown by since the last time, nothing is known yet: each fork says it again. */
static void leave_heap(void)
{
  static uintptr_t start;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  const uintptr_t end = (uintptr_t)sbrk(0) & ~(page - 1);
  if (start == 0) start = heap_to_leave(page, end);
  if (start != 0 && start < end) madvise((void *)start, end - start, MADV_DONTFORK);
}

/* Points to `count` texts that follow one another, and NULL; what follows them. */
static char *point(char **pointers, size_t count, char *text)
{
  for (size_t i = 0; i < count; i++, text += strlen(text) + 1) pointers[i] = text;
  pointers[count] = NULL;
  return text;
}

int cd_pack(const struct cd_launch *launch, struct baggage *baggage)
{
  leave_heap();
  const size_t pointers = launch->argument_count + 1 + launch->environment_count + 1;
  const size_t limits = launch->limit_count * sizeof *launch->limits;
  baggage->size = limits + pointers * sizeof(char *) + launch->texts_size;
  baggage->memory = mmap(
    NULL, baggage->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (baggage->memory == MAP_FAILED) return -1;
  if (limits > 0) memcpy(baggage->memory, launch->limits, limits);
  baggage->limits = baggage->memory;
  baggage->arguments = (char **)((char *)baggage->memory + limits);
  baggage->environment = baggage->arguments + launch->argument_count + 1;
  char *text = (char *)(baggage->arguments + pointers);
  memcpy(text, launch->texts, launch->texts_size);
  baggage->title = text;
  baggage->record_head = text += strlen(text) + 1;
  baggage->directory = text += strlen(text) + 1;
  text = point(baggage->arguments, launch->argument_count, text + strlen(text) + 1);
  point(baggage->environment, launch->environment_count, text);
  return 0;
}

void cd_unpack(const struct baggage *baggage)
{
  munmap(baggage->memory, baggage->size);
}
