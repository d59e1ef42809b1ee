/*
 * The keeper: the smallest possible parent for one launch, as conmon is for a container.
 *
 * It is forked without exec from the single-threaded supervisor. Being a subreaper, it becomes the
 * parent of every descendant of the service that loses its own, so that its tree is the exact
 * membership of the launch until nobody is left; then it ends.
 */
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* What a main process that cannot be executed tells its keeper. */
struct failure {
  int stage;
  int code;
};

struct keeper {
  int has_record;
  char record_head[CD_RECORD_SIZE / 2];
  pid_t main;
  uint64_t own_start;
  uint64_t main_start;
  char exit_line[32];
  char record[CD_RECORD_SIZE];
};

/* The number of a field in /proc/PID/stat (proc(5)). */
enum { START_TIME_FIELD = 22 };

uint64_t cd_stat_field(pid_t pid, int wanted)
{
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  char *field = strrchr(text, ')');
  for (int number = 2; field && number < wanted; number++) field = strchr(field + 1, ' ');
  return field ? strtoull(field + 1, NULL, 10) : 0;
}

static uint64_t start_ticks(pid_t pid)
{
  return cd_stat_field(pid, START_TIME_FIELD);
}

static void report(int kind, pid_t pid, int value, int stage, uint64_t start)
{
  struct cd_report message = {
    .kind = kind, .pid = pid, .value = value, .stage = stage, .start = start };
  while (write(CD_KEEPER_REPORT_WRITE, &message, sizeof message) < 0 && errno == EINTR) {}
}

/* Writes the whole record with one pwrite(2), so that no reader meets half of one. */
static void write_record(struct keeper *keeper, const char *last_line)
{
  if (!keeper->has_record) return;
  memset(keeper->record, ' ', sizeof keeper->record);
  int length = snprintf(keeper->record, sizeof keeper->record,
    "%skeeper %d %llu\nmain %d %llu\n%s%s", keeper->record_head, (int)getpid(),
    (unsigned long long)keeper->own_start, (int)keeper->main,
    (unsigned long long)keeper->main_start, keeper->exit_line, last_line);
  if (length >= 0 && (size_t)length < sizeof keeper->record) keeper->record[length] = ' ';
  keeper->record[sizeof keeper->record - 1] = '\n';
  while (pwrite(CD_KEEPER_RECORD, keeper->record, sizeof keeper->record, 0) < 0
    && errno == EINTR) {}
}

static void close_from(unsigned int first)
{
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  /* Before Linux 5.9 there is no close_range. */
  long limit = sysconf(_SC_OPEN_MAX);
  for (long number = first; number < (limit > 0 ? limit : 1024); number++) close((int)number);
}

/*
 * Puts the descriptors into their fixed places: the first that is none of the keeper's, or -1.
 * What was in these places stays open elsewhere. Should the supervisor die now, its lock is held
 * here still, and no other supervisor looks for keepers until this one can be seen to be one.
 */
static int place_descriptors(struct cd_launch *launch)
{
  int *const wanted[] = { &launch->specification, &launch->record, &launch->report_write,
    &launch->report_read, &launch->held_input, &launch->standard_input, &launch->output };
  enum { COUNT = sizeof wanted / sizeof wanted[0], FIXED = 5 };
  for (int place = CD_KEEPER_SPECIFICATION; place < CD_KEEPER_SPECIFICATION + COUNT; place++)
    (void)fcntl(place, F_DUPFD_CLOEXEC, 32);
  /* First out of the way of the fixed places, then into them. */
  for (int i = 0; i < COUNT; i++)
    if (*wanted[i] >= 0 && (*wanted[i] = fcntl(*wanted[i], F_DUPFD_CLOEXEC, 32)) < 0) return -1;
  for (int i = 0; i < FIXED; i++) {
    int place = CD_KEEPER_SPECIFICATION + i;
    if (*wanted[i] < 0) close(place);
    else if (dup3(*wanted[i], place, O_CLOEXEC) < 0) return -1;
  }
  int next = CD_KEEPER_SPECIFICATION + FIXED;
  for (int i = FIXED; i < COUNT; i++, next++) {
    if (*wanted[i] < 0) close(next);
    else if (dup3(*wanted[i], next, O_CLOEXEC) < 0) return -1;
    if (*wanted[i] >= 0) *wanted[i] = next;
  }
  return next;
}

/* Closes all others: else the keeper would hold the supervisor's lock, its socket and the other
   keepers' pipes for as long as the service lives. */
static int close_others(int first)
{
  close_from((unsigned int)first);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return -1;
  for (int number = 0; number < 3; number++)
    if (dup2(null, number) < 0) return -1;
  if (null > 2) close(null);
  return 0;
}

static void take_title(const struct baggage *own, const struct cd_launch *launch)
{
  prctl(PR_SET_NAME, CD_KEEPER_COMMAND_NAME);
  if (launch->title_size < 2) return;
  memset(launch->title_area, 0, launch->title_size);
  strncpy(launch->title_area, own->title, launch->title_size - 2);
  /* The kernel takes a last byte that is not 0 for setproctitle(3), and stops at the first 0. */
  launch->title_area[launch->title_size - 1] = '.';
}

static void take_limits(const struct cd_launch *launch, const struct baggage *own)
{
  for (size_t i = 0; i < launch->limit_count; i++) {
    const struct cd_limit *limit = &own->limits[i];
    struct rlimit now, wanted = { .rlim_cur = limit->soft, .rlim_max = limit->hard };
    if (setrlimit(limit->resource, &wanted) == 0) continue;
    /* Nobody but root may raise a hard limit: then as near as it goes. */
    if (getrlimit(limit->resource, &now) != 0) continue;
    now.rlim_cur = limit->soft < now.rlim_max ? limit->soft : now.rlim_max;
    setrlimit(limit->resource, &now);
  }
}

static _Noreturn void fail(int pipe, int stage)
{
  struct failure failure = { .stage = stage, .code = errno };
  while (write(pipe, &failure, sizeof failure) < 0 && errno == EINTR) {}
  _exit(127);
}

/* Main, from the fork to its own program. */
static _Noreturn void run_main(
  const struct cd_launch *launch, const struct baggage *own, int go, int failed)
{
  setsid();
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  /* Not before the record names this process: a launch is known from its first instruction. */
  char byte;
  ssize_t size;
  while ((size = read(go, &byte, 1)) < 0 && errno == EINTR) {}
  if (size != 1) _exit(127);
  if (launch->standard_input >= 0) dup2(launch->standard_input, 0);
  dup2(launch->output, 1);
  dup2(launch->output, 2);
  umask(launch->umask);
  take_limits(launch, own);
  if (chdir(own->directory) != 0) fail(failed, CD_STAGE_DIRECTORY);
  environ = own->environment;
  execvp(own->arguments[0], own->arguments);
  fail(failed, CD_STAGE_EXEC);
}

/* What main is born with. */
struct birth {
  const struct cd_launch *launch;
  const struct baggage *own;
  int go[2];
  int failed[2];
};

static int begin_main(void *argument)
{
  const struct birth *birth = argument;
  close(birth->go[1]);
  run_main(birth->launch, birth->own, birth->go[0], birth->failed[1]);
}

/* execvp(3) copies the arguments' pointers to the stack for a script without an interpreter. */
static size_t stack_size(const struct cd_launch *launch)
{
  return 128 * 1024 + (launch->argument_count + 16) * sizeof(char *);
}

/*
 * Main, on a stack of its own in the keeper's memory until it is executed, as posix_spawn(3) has
 * it: to copy the supervisor's page tables a second time is what most of a launch would be. Unlike
 * there both run on, because the record is written in between. Neither touches what the other
 * does: main waits for its byte, and from then on the keeper waits for main's exec.
 */
static pid_t fork_main(struct birth *birth, char **stack, size_t size)
{
  *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (*stack == MAP_FAILED) return -1;
  return clone(begin_main, (void *)((uintptr_t)(*stack + size) & ~(uintptr_t)63),
    CLONE_VM | SIGCHLD, birth);
}

/* Forks main, records it, lets it go, and reports how its exec went; 0 where there is no main. */
static int start_main(
  struct keeper *keeper, const struct cd_launch *launch, const struct baggage *own)
{
  struct birth birth = { .launch = launch, .own = own };
  int *const go = birth.go, *const failed = birth.failed;
  char *stack;
  const size_t size_of_stack = stack_size(launch);
  if (pipe2(go, O_CLOEXEC) != 0 || pipe2(failed, O_CLOEXEC) != 0
    || (keeper->main = fork_main(&birth, &stack, size_of_stack)) < 0) {
    keeper->main = 0;
    report(CD_REPORT_EXEC_FAILED, 0, errno, CD_STAGE_FORK, 0);
    return 0;
  }
  close(go[0]);
  close(failed[1]);
  keeper->main_start = start_ticks(keeper->main);
  write_record(keeper, "");
  while (write(go[1], "", 1) < 0 && errno == EINTR) {}
  close(go[1]);
  struct failure failure;
  ssize_t size;
  while ((size = read(failed[0], &failure, sizeof failure)) < 0 && errno == EINTR) {}
  close(failed[0]);
  if (size == (ssize_t)sizeof failure) {
    /* It may stand on its stack still, on its way to the exit. */
    report(CD_REPORT_EXEC_FAILED, keeper->main, failure.code, failure.stage, keeper->main_start);
  } else {
    munmap(stack, size_of_stack);
    cd_unpack(own);
    report(CD_REPORT_MAIN_STARTED, keeper->main, 0, 0, keeper->main_start);
  }
  return 1;
}

/* Reaps whatever ends in the tree until it is empty. Main's status is recorded before it is
   reaped, so that it is never lost with whoever read it. */
static void keep(struct keeper *keeper)
{
  siginfo_t ended;
  for (;;) {
    ended.si_pid = 0;
    if (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT | __WALL) != 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (ended.si_pid == keeper->main) {
      int is_signal = ended.si_code != CLD_EXITED;
      snprintf(keeper->exit_line, sizeof keeper->exit_line, "exit %s %d\n",
        is_signal ? "signal" : "code", ended.si_status);
      write_record(keeper, "");
      report(CD_REPORT_MAIN_EXITED, keeper->main, ended.si_status, is_signal, keeper->main_start);
    }
    while (waitpid(ended.si_pid, NULL, __WALL) < 0 && errno == EINTR) {}
  }
}

static void run_keeper(struct cd_launch *launch, const struct baggage *own)
{
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  /* A child that ends must wait to be reaped, whatever the supervisor's caller had ignored. */
  signal(SIGCHLD, SIG_DFL);
  setsid();
  struct keeper keeper = { .has_record = launch->record >= 0 };
  snprintf(keeper.record_head, sizeof keeper.record_head, "%s", own->record_head);
  int others = place_descriptors(launch);
  if (others < 0) {
    report(CD_REPORT_EXEC_FAILED, 0, errno, CD_STAGE_FORK, 0);
    _exit(1);
  }
  take_title(own, launch);
  keeper.own_start = start_ticks(getpid());
  write_record(&keeper, "");
  if (close_others(others) != 0 || cd_become_subreaper() != 0 || chdir("/") != 0) {
    report(CD_REPORT_EXEC_FAILED, 0, errno, CD_STAGE_FORK, 0);
    _exit(1);
  }
  if (start_main(&keeper, launch, own)) {
    if (launch->standard_input >= 0) close(launch->standard_input);
    close(launch->output);
    keep(&keeper);
  }
  /* Without this line, whoever reads the record knows that the keeper was killed. */
  write_record(&keeper, "empty\n");
  report(CD_REPORT_TREE_EMPTY, 0, 0, 0, 0);
  _exit(0);
}

pid_t cd_fork_keeper(const struct cd_launch *launch)
{
  struct cd_launch copy = *launch;
  struct baggage own;
  if (cd_pack(launch, &own) != 0) return -1;
  /* Not one signal may reach the keeper between its birth and its own mask. */
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t keeper = fork();
  if (keeper == 0) run_keeper(&copy, &own);
  int code = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  cd_unpack(&own);
  errno = code;
  return keeper;
}

void cd_title_area(char **arguments, int count, char **area, size_t *size)
{
  char *end = arguments[0];
  for (int i = 0; i < count; i++)
    if (arguments[i] == end) end += strlen(arguments[i]) + 1;
  *area = arguments[0];
  *size = (size_t)(end - arguments[0]);
}
