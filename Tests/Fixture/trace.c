/* Kills a program exactly at the entry of its n-th system call, before the call does anything.

     devstart-fixture trace-kill N [--count FILE] [--armed] [--changes] [--hold | --step] [--child]
       -- PROGRAM ARGUMENTS…

   So «killed at any instruction» becomes an enumeration: between two system calls a program
   changes nothing that another could see. With --changes only those are counted that change
   something which outlives the program (files, processes, signals, what is sent), so that the
   moments between two counted ones differ in nothing but time. The program's children are not
   traced and outlive it. With 0 it is never killed. With --armed, counting begins at a SIGUSR1 to
   this process. With --hold it is not killed but held there, until the next SIGUSR1: others can do
   what they like just at that moment. With --step it is held at every one from there on. With
   --child it is not the program but the next child that it forks, once counting has begun; the
   program itself is let go. FILE gets a line each: `armed 0`, `count N` at a SIGUSR2,
   `killed N CALL`, `killed-at-exit N CALL` or `held N CALL`, and `ended N` at the end. Other
   signals are passed on; the exit status is the program's. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* `struct ptrace_syscall_info` of ptrace(2), of which the C library's name differs by version. */
struct call_info {
  uint8_t op;
  uint8_t reserved[3];
  uint32_t architecture;
  uint64_t instruction;
  uint64_t stack;
  uint64_t number;
  uint64_t arguments[6];
};
enum { get_syscall_info = 0x420e, at_entry = 1 };

struct trace {
  pid_t pid;
  long wanted;
  long count;
  bool counts;
  bool changes_only;
  bool holds;
  bool steps;
  bool is_held;
  bool awaits_child;
  int report;
};

static void say(const struct trace *trace, const char *what, long number, long call)
{
  if (trace->report < 0) return;
  char line[96];
  int length = snprintf(line, sizeof line, call < 0 ? "%s %ld\n" : "%s %ld %ld\n", what, number, call);
  if (write(trace->report, line, (size_t)length) != length) fail("write");
}

static void resume(const struct trace *trace, int signal)
{
  /* ESRCH: it was KILLed meanwhile; its end is the next thing to wait for. */
  if (ptrace(PTRACE_SYSCALL, trace->pid, 0, (void *)(intptr_t)signal) < 0 && errno != ESRCH)
    fail("PTRACE_SYSCALL");
}

/* Whether a call may leave something that is there when the program is gone. What a program reads
   or holds is gone with it. */
static bool changes_something(const struct call_info *call)
{
  switch (call->number) {
#ifdef SYS_open
  case SYS_open:
    return (call->arguments[1] & (O_CREAT | O_TRUNC)) != 0;
#endif
  case SYS_openat:
    return (call->arguments[2] & (O_CREAT | O_TRUNC)) != 0;
#ifdef SYS_fork
  case SYS_fork:
  case SYS_vfork:
  case SYS_rename:
  case SYS_unlink:
  case SYS_mkdir:
  case SYS_rmdir:
  case SYS_symlink:
  case SYS_link:
  case SYS_chmod:
  case SYS_chown:
#endif
  case SYS_write:
  case SYS_writev:
  case SYS_pwrite64:
  case SYS_sendto:
  case SYS_sendmsg:
  case SYS_clone:
  case SYS_clone3:
  case SYS_execve:
  case SYS_kill:
  case SYS_tgkill:
  case SYS_pidfd_send_signal:
  case SYS_renameat:
  case SYS_renameat2:
  case SYS_unlinkat:
  case SYS_mkdirat:
  case SYS_symlinkat:
  case SYS_linkat:
  case SYS_fchmod:
  case SYS_fchmodat:
  case SYS_fchown:
  case SYS_fchownat:
  case SYS_ftruncate:
  case SYS_fallocate:
  case SYS_copy_file_range:
  case SYS_sendfile:
  case SYS_flock:
  case SYS_bind:
  case SYS_listen:
  case SYS_connect:
  case SYS_wait4:
  case SYS_waitid:
  case SYS_exit_group:
    return true;
  default:
    return false;
  }
}

static void at_system_call(struct trace *trace)
{
  struct call_info call = {0};
  long size = ptrace(get_syscall_info, trace->pid, (void *)sizeof call, &call);
  if (size > 0 && call.op == at_entry && trace->counts && !trace->awaits_child
      && (!trace->changes_only || changes_something(&call))) {
    trace->count += 1;
    if ((trace->count == trace->wanted && trace->holds)
        || (trace->count >= trace->wanted && trace->steps)) {
      trace->is_held = true;
      say(trace, "held", trace->count, (long)call.number);
      return;
    }
    if (trace->count == trace->wanted) {
      kill(trace->pid, SIGKILL);
      const char *what = call.number == SYS_exit_group ? "killed-at-exit" : "killed";
      say(trace, what, trace->count, (long)call.number);
      return;
    }
  }
  resume(trace, 0);
}

/* The program has forked: from now on the child is what is traced, if its time has come. */
static void at_fork(struct trace *trace)
{
  unsigned long message = 0;
  int status;
  if (ptrace(PTRACE_GETEVENTMSG, trace->pid, 0, &message) < 0) fail("PTRACE_GETEVENTMSG");
  pid_t child = (pid_t)message;
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  if (!trace->counts) {
    ptrace(PTRACE_DETACH, child, 0, 0);
    resume(trace, 0);
    return;
  }
  ptrace(PTRACE_DETACH, trace->pid, 0, 0);
  trace->pid = child;
  trace->awaits_child = false;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, (void *)(long)PTRACE_O_TRACESYSGOOD) < 0)
    fail("PTRACE_SETOPTIONS");
  resume(trace, 0);
}

/* One change of the program's state; ends with it. */
static void at_change(struct trace *trace, int status)
{
  if (WIFEXITED(status) || WIFSIGNALED(status)) {
    say(trace, "ended", trace->count, -1);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
  if (!WIFSTOPPED(status)) return;
  int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) {
    at_system_call(trace);
  } else if (status >> 16 == PTRACE_EVENT_FORK) {
    at_fork(trace);
  } else if (status >> 16 != 0) {
    resume(trace, 0);
  } else {
    /* A stop that is no signal's arrival has no information (ptrace(2), «Group-stop»). */
    siginfo_t information;
    resume(trace, ptrace(PTRACE_GETSIGINFO, trace->pid, 0, &information) < 0 ? 0 : signal);
  }
}

/* Runs the program up to the end of its exec. */
static pid_t begin(char **words, const sigset_t *unblocked, bool stops_at_forks)
{
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, unblocked, NULL);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) fail("PTRACE_TRACEME");
    raise(SIGSTOP);
    execvp(words[0], words);
    fail(words[0]);
  }
  int status;
  if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status)) fail("waitpid");
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
  if (stops_at_forks) options |= PTRACE_O_TRACEFORK;
  if (ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)options) < 0) fail("PTRACE_SETOPTIONS");
  if (ptrace(PTRACE_CONT, pid, 0, 0) < 0) fail("PTRACE_CONT");
  if (waitpid(pid, &status, 0) < 0) fail("waitpid");
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  return pid;
}

void trace_kill(struct script *script)
{
  struct trace trace = {.report = -1, .counts = true};
  trace.wanted = take_number(script, "number of the system call");
  while (!take_flag(script, "--")) {
    if (take_flag(script, "--armed")) {
      trace.counts = false;
    } else if (take_flag(script, "--changes")) {
      trace.changes_only = true;
    } else if (take_flag(script, "--child")) {
      trace.awaits_child = true;
    } else if (take_flag(script, "--hold")) {
      trace.holds = true;
    } else if (take_flag(script, "--step")) {
      trace.steps = true;
    } else if (take_flag(script, "--count")) {
      const char *path = take_word(script, "file");
      trace.report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
      if (trace.report < 0) fail(path);
    } else {
      usage("no such option of trace-kill", take_word(script, "--"));
    }
  }
  if (!has_next(script)) usage("a program is missing", NULL);

  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  trace.pid = begin(script->words + script->next, &before, trace.awaits_child);
  resume(&trace, 0);
  for (;;) {
    int status;
    while (waitpid(trace.pid, &status, WNOHANG) > 0) at_change(&trace, status);
    int signal = sigwaitinfo(&all, NULL);
    switch (signal) {
    case -1:
    case SIGCHLD:
      break;
    case SIGUSR1:
      if (trace.is_held) {
        trace.is_held = false;
        resume(&trace, 0);
        break;
      }
      trace.counts = true;
      trace.count = 0;
      say(&trace, "armed", 0, -1);
      break;
    case SIGUSR2:
      say(&trace, "count", trace.count, -1);
      break;
    default:
      kill(trace.pid, signal);
    }
  }
}
