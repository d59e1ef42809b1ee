#define _GNU_SOURCE
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

extern char **environ;

void do_print(struct script *script)
{
  dprintf(STDOUT_FILENO, "%s\n", take_word(script, "text"));
}

void do_print_lines(struct script *script)
{
  long count = take_number(script, "how many");
  long width = take_flag(script, "--width") ? take_number(script, "bytes of a line") : 0;
  bool varies = take_flag(script, "--varied");
  bool isPaced = take_flag(script, "--paced");
  for (long index = 1; index <= count; index++) {
    char line[256];
    int length = snprintf(line, sizeof line, "line %ld", index);
    long wanted = varies ? length + 1 + index * 7919 % 61 : width;
    if (wanted > (long)sizeof line) usage("no line is so long", NULL);
    while (length + 1 < wanted) line[length++] = '.';
    line[length++] = '\n';
    if (write(STDOUT_FILENO, line, (size_t)length) != length) fail("write");
    if (isPaced && index % 1000 == 0) pass_milliseconds(8);
  }
}

void do_print_env(struct script *script)
{
  (void)script;
  for (char **variable = environ; *variable != NULL; variable++)
    dprintf(STDOUT_FILENO, "env %s\n", *variable);
}

/* `stdin null`, `stdin pipe`, `stdin terminal`, `stdin closed` or `stdin other`. */
void do_print_stdin(struct script *script)
{
  (void)script;
  struct stat state;
  const char *kind = "other";
  if (fstat(STDIN_FILENO, &state) < 0) kind = "closed";
  else if (S_ISCHR(state.st_mode) && state.st_rdev == makedev(1, 3)) kind = "null";
  else if (S_ISFIFO(state.st_mode)) kind = "pipe";
  else if (isatty(STDIN_FILENO)) kind = "terminal";
  dprintf(STDOUT_FILENO, "stdin %s\n", kind);
}

/* `fd 0 /dev/null` for each open descriptor but the one that lists them. */
void do_print_descriptors(struct script *script)
{
  (void)script;
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) fail("/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char target[4096];
    int number = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || number == dirfd(folder)) continue;
    ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    dprintf(STDOUT_FILENO, "fd %d %s\n", number, target);
  }
  closedir(folder);
}

void do_print_identity(struct script *script)
{
  (void)script;
  char folder[4096];
  if (getcwd(folder, sizeof folder) == NULL) fail("getcwd");
  dprintf(STDOUT_FILENO, "cwd %s\n", folder);
  dprintf(STDOUT_FILENO, "pid %d group %d session %d\n", getpid(), getpgrp(), getsid(0));
  mode_t mask = umask(0);
  umask(mask);
  dprintf(STDOUT_FILENO, "umask %03o\n", (unsigned)mask);
}

void do_print_limits(struct script *script)
{
  (void)script;
  struct rlimit files;
  struct rlimit core;
  getrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_CORE, &core);
  dprintf(STDOUT_FILENO, "limit nofile %llu %llu\n", (unsigned long long)files.rlim_cur,
          (unsigned long long)files.rlim_max);
  dprintf(STDOUT_FILENO, "limit core %llu %llu\n", (unsigned long long)core.rlim_cur,
          (unsigned long long)core.rlim_max);
}

/* The `SigBlk` and `SigIgn` lines of /proc/self/status (proc(5)). */
void do_print_signals(struct script *script)
{
  (void)script;
  FILE *status = fopen("/proc/self/status", "re");
  if (status == NULL) fail("/proc/self/status");
  char line[512];
  while (fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
      dprintf(STDOUT_FILENO, "%s", line);
  fclose(status);
}
