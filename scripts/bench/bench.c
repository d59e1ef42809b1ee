/*
 * The benchmark's clock, and its floor: what the same work costs in plain C.
 *
 *   bench once PROGRAM [ARGUMENT…]   one run from posix_spawn(3) to its end: milliseconds, as text
 *   bench floor N                    what it takes a program to posix_spawn N times `sleep 1000`,
 *                                    from that program's own start: milliseconds
 *   bench spawner N                  that program
 *   bench respawn FILE N             N times: KILL the process whose PID the file holds, and wait until it
 *                                    holds another's: milliseconds each, from KILL to the new PID
 *   bench summary                    reads numbers, a line each: median, least, 90th percentile
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static void fail(const char *what, int code)
{
  fprintf(stderr, "bench: %s: %s\n", what, strerror(code));
  exit(125);
}

static pid_t spawn(char *const *arguments, int output)
{
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output >= 0) posix_spawn_file_actions_adddup2(&actions, output, 1);
  pid_t pid;
  int code = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
  if (code != 0) fail(arguments[0], code);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

/* The program's own exit code; its output goes nowhere. */
static int once(char **arguments)
{
  int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
  double began = now();
  pid_t pid = spawn(arguments, null);
  if (waitpid(pid, &status, 0) < 0) fail("waitpid", errno);
  printf("%.3f\n", now() - began);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The time until the spawner says that all are there; how long it takes to end them is its own. */
static int measure_floor(char *self, char *count)
{
  int ends[2], status;
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2", errno);
  char *arguments[] = { self, "spawner", count, NULL }, byte;
  double began = now();
  pid_t pid = spawn(arguments, ends[1]);
  close(ends[1]);
  if (read(ends[0], &byte, 1) != 1) fail("the spawner said nothing", EIO);
  printf("%.3f\n", now() - began);
  if (waitpid(pid, &status, 0) < 0) fail("waitpid", errno);
  return 0;
}

static int spawner(int count)
{
  char *arguments[] = { "sleep", "1000", NULL };
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  pid_t *children = calloc((size_t)count, sizeof *children);
  if (children == NULL) fail("calloc", errno);
  for (int i = 0; i < count; i++) children[i] = spawn(arguments, null);
  if (write(1, "", 1) != 1) fail("write", errno);
  /* They are this process's own children that nobody has reaped: no PID can be another's. */
  for (int i = 0; i < count; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < count; i++) waitpid(children[i], NULL, 0);
  free(children);
  return 0;
}

static pid_t pid_in(const char *path)
{
  char text[32] = "";
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  if (read(file, text, sizeof text - 1) < 0) text[0] = '\0';
  close(file);
  return (pid_t)atoi(text);
}

/* Each is KILLed as soon as it is there: all of them in their first second. */
static int respawn(const char *path, int count)
{
  char folder[4096], events[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash == NULL) fail(path, EINVAL);
  *slash = '\0';
  int watch = inotify_init1(IN_CLOEXEC);
  if (inotify_add_watch(watch, folder, IN_MOVED_TO | IN_CREATE | IN_MODIFY) < 0) fail(folder, errno);
  for (int i = 0; i < count; i++) {
    pid_t pid = pid_in(path), next;
    int process = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (process < 0) fail(path, ESRCH);
    double began = now();
    if (syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0) != 0) fail("kill", errno);
    close(process);
    while ((next = pid_in(path)) == pid || next == 0) {
      if (now() - began > 10000) fail(path, ETIMEDOUT);
      if (read(watch, events, sizeof events) < 0) fail("inotify", errno);
    }
    printf("%.3f\n", now() - began);
    /* Its launch is to be over before the next one is disturbed. */
    usleep(50000);
  }
  return 0;
}

static int compare(const void *one, const void *other)
{
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static int summary(void)
{
  static double values[100000];
  size_t count = 0;
  while (count < sizeof values / sizeof values[0] && scanf("%lf", &values[count]) == 1) count++;
  if (count == 0) return 1;
  qsort(values, count, sizeof values[0], compare);
  double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
  printf("%.2f %.2f %.2f\n", median, values[0], values[(count - 1) * 9 / 10]);
  return 0;
}

int main(int count, char **arguments)
{
  const char *verb = count > 1 ? arguments[1] : "";
  if (strcmp(verb, "once") == 0 && count > 2) return once(arguments + 2);
  if (strcmp(verb, "floor") == 0 && count == 3) return measure_floor(arguments[0], arguments[2]);
  if (strcmp(verb, "spawner") == 0 && count == 3) return spawner(atoi(arguments[2]));
  if (strcmp(verb, "respawn") == 0 && count == 4) return respawn(arguments[2], atoi(arguments[3]));
  if (strcmp(verb, "summary") == 0) return summary();
  fprintf(stderr, "usage: bench once PROGRAM… | floor N | respawn FILE N | summary\n");
  return 2;
}
