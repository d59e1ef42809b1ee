#define _GNU_SOURCE
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that is stopped, as by Ctrl-Z; TERM alone only waits for it. */
void do_stopped(struct script *script)
{
  pid_t pid = make();
  if (pid == 0) {
    stops_at_the_end = true;
    become("stopped", script);
  }
  siginfo_t state;
  waitid(P_PID, (id_t)pid, &state, WSTOPPED | WNOWAIT);
  skip_block(script);
}

void do_stop_self(struct script *script)
{
  (void)script;
  stops_at_the_end = true;
}

/* Three children that are dead and that this process never waits for. */
void do_zombies(struct script *script)
{
  (void)script;
  never_reaps = true;
  for (int index = 0; index < 3; index++) {
    pid_t pid = make();
    if (pid == 0) {
      record("zombie");
      _exit(0);
    }
    siginfo_t state;
    waitid(P_PID, (id_t)pid, &state, WEXITED | WNOWAIT);
  }
}

/* A subreaper of its own between main and its orphans, as a nested supervisor is. */
void do_subreaper(struct script *script)
{
  if (make() == 0) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct script none = {0};
    do_double_fork(&none);
    do_orphan(&none);
    do_setsid(&none);
    become("subreaper", script);
  }
  skip_block(script);
}

static bool leader_is_gone(void)
{
  char text[256];
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = '\0';
  char *bracket = strrchr(text, ')');
  return bracket != NULL && bracket[2] == 'Z';
}

static void *outlive_leader(void *nothing)
{
  while (!leader_is_gone()) pass_milliseconds(1);
  settled();
  for (;;) pause();
  return nothing;
}

/* The first thread ends and another lives on: the process table shows a zombie that runs. */
void do_leader_exits(struct script *script)
{
  (void)script;
  pthread_t thread;
  if (pthread_create(&thread, NULL, outlive_leader, NULL) != 0) fail("pthread_create");
  syscall(SYS_exit, 0);
}

void do_thread_leader(struct script *script)
{
  if (make() == 0) {
    record("thread-leader");
    perform_block(script);
    do_leader_exits(script);
  }
  skip_block(script);
}

/* A process that hangs in vfork(2) until its child ends, deaf to all but KILL. */
void do_vfork_parent(struct script *script)
{
  if (make() == 0) {
    record("vfork-parent");
    perform_block(script);
    if (vfork() == 0) {
      record("vfork-child");
      settled();
      for (;;) pause();
    }
    live();
  }
  skip_block(script);
}

/* Traces a process and never waits for it, so that it stays a zombie when it is dead. */
void do_hold_traced(struct script *script)
{
  pid_t pid = (pid_t)take_number(script, "pid");
  never_reaps = true;
  if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0) fail("PTRACE_SEIZE");
}
