#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The end of a pipe on which a process made says that it is what it should be. */
static int settling = -1;

/* Says so, once: to the maker by a byte, to the test by a record of main. */
void settled(void)
{
  if (settling >= 0) {
    if (write(settling, "", 1) < 0 && errno != EPIPE) fail("write");
    close(settling);
    settling = -1;
  } else if (is_main) {
    record("settled");
    is_main = false;
  }
}

static pid_t make_by(pid_t (*how)(void))
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe2");
  pid_t pid = how();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    close(ends[0]);
    if (settling >= 0) close(settling);
    settling = ends[1];
    is_main = false;
    return 0;
  }
  close(ends[1]);
  /* A byte, or the end of the pipe: at exec, or where the process made is dead already. */
  char byte;
  while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {}
  close(ends[0]);
  return pid;
}

/* fork(2) whose parent goes on when the child, or a descendant of it, has settled. */
pid_t make(void)
{
  return make_by(fork);
}

/* The rest of the life of a process made. */
void become(const char *kind, struct script *script)
{
  record(kind);
  perform_block(script);
  live();
}

static void reap(pid_t pid)
{
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

void do_child(struct script *script)
{
  if (make() == 0) become("child", script);
  skip_block(script);
}

void do_group(struct script *script)
{
  if (make() == 0) {
    setpgid(0, 0);
    become("group", script);
  }
  skip_block(script);
}

void do_setsid(struct script *script)
{
  if (make() == 0) {
    setsid();
    become("setsid", script);
  }
  skip_block(script);
}

void do_burst(struct script *script)
{
  long count = take_number(script, "how many");
  for (long index = 0; index < count; index++)
    if (make() == 0) become("burst", script);
  skip_block(script);
}

/* The classic daemon, in the session of a parent that is gone. */
void do_double_fork(struct script *script)
{
  pid_t middle = make();
  if (middle == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    become("double-fork", script);
  }
  reap(middle);
  skip_block(script);
}

/* The child of a parent that was KILLed, in main's session and group. */
void do_orphan(struct script *script)
{
  pid_t middle = make();
  if (middle == 0) {
    if (fork() != 0) {
      raise(SIGKILL);
      _exit(0);
    }
    become("orphan", script);
  }
  reap(middle);
  skip_block(script);
}

void do_main_exits(struct script *script)
{
  do_double_fork(script);
  finish(0);
}

/* From here on a process with nothing in common with its launch but its ancestry, and the session
   and group that it is in: another name and folder, no environment, no descriptors. It settles
   when the exec closes its last one. */
void do_bare(struct script *script)
{
  (void)script;
  if (chdir("/") < 0) fail("chdir");
  if (settling > 0) close_range(0, (unsigned)settling - 1, 0);
  close_range((unsigned)settling + 1, ~0U, 0);
  execve("/proc/self/exe", (char *[]){"sshd: bare", NULL}, (char *[]){NULL});
  _exit(71);
}

/* From here on no marker is to be seen in `/proc/PID/environ`, which shows this memory. */
void do_clear_environment(struct script *script)
{
  (void)script;
  for (char **variable = environ; *variable != NULL; variable++)
    memset(*variable, 0, strlen(*variable));
}

/* The classic daemon that has cleared all that it could inherit. */
void do_daemon_bare(struct script *script)
{
  pid_t middle = make();
  if (middle == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    record("daemon-bare");
    perform_block(script);
    do_bare(script);
  }
  reap(middle);
  skip_block(script);
}

static uint64_t wanted_pid;

/* clone3(2) with `set_tid`, which takes CAP_CHECKPOINT_RESTORE. */
static pid_t fork_as_wanted(void)
{
  pid_t pid = (pid_t)wanted_pid;
  struct clone_args arguments = {0};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = (uint64_t)(uintptr_t)&pid;
  arguments.set_tid_size = 1;
  return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* A child that has a PID and, as a group of its own, a group that were another's before. */
void do_as_pid(struct script *script)
{
  wanted_pid = (uint64_t)take_number(script, "pid");
  if (make_by(fork_as_wanted) == 0) {
    setpgid(0, 0);
    become("as-pid", script);
  }
  skip_block(script);
}

/* Children of which each has one of the numbers in the braces; by turns they lead a group and a
   session of that number. */
void do_as_pids(struct script *script)
{
  if (!take_flag(script, "{")) usage("numbers in braces are missing", "as-pids");
  for (bool leads_session = false; has_next(script); leads_session = !leads_session) {
    wanted_pid = (uint64_t)take_number(script, "pid");
    if (make_by(fork_as_wanted) == 0) {
      if (leads_session) setsid();
      else setpgid(0, 0);
      record("as-pid");
      record("settled");
      live();
    }
  }
  take_word(script, "}");
}
