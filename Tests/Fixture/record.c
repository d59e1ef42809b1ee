#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *records;

void record_to(const char *path)
{
  records = path;
}

/* Whether the file of records, where there is one, has not been deleted. */
bool is_recorded(void)
{
  return records == NULL || access(records, F_OK) == 0;
}

/* The PID as whoever mounted /proc sees it, which is another than getpid(2) gives in a PID
   namespace, and field 22 of /proc/self/stat (proc(5)); the name in field 2 may hold blanks and
   brackets. */
static pid_t identity(unsigned long long *start)
{
  char text[1024];
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  char *field = strrchr(text, ')');
  for (int number = 2; field != NULL && number < 22; number++) field = strchr(field + 1, ' ');
  *start = field == NULL ? 0 : strtoull(field + 1, NULL, 10);
  return atoi(text);
}

/* Opened for each line, so that no process holds a descriptor that a service would not. */
void record(const char *kind)
{
  if (records == NULL) return;
  char line[128];
  unsigned long long start = 0;
  pid_t pid = identity(&start);
  int length = snprintf(line, sizeof line, "%s %d %llu\n", kind, (int)pid, start);
  int file = open(records, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0 || write(file, line, (size_t)length) != length) fail(records);
  close(file);
}
