/* Kills a program exactly at the entry of its n-th system call, before the call does anything.

     devstart-fixture trace-kill N [--count FILE] [--armed] -- PROGRAM ARGUMENTS…

   So «killed at any instruction» becomes an enumeration: between two system calls a program
   changes nothing that another could see. Its children are not traced and outlive it. With 0
   it is never killed. With --armed, counting begins at a SIGUSR1 to this process. FILE gets a
   line each: `armed 0`, `count N` at a SIGUSR2, `killed N CALL`, and `ended N` at the end. Other
   signals are passed on, and the exit status is the program's. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
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

static void at_system_call(struct trace *trace)
{
  struct call_info call = {0};
  long size = ptrace(get_syscall_info, trace->pid, (void *)sizeof call, &call);
  if (size > 0 && call.op == at_entry && trace->counts) {
    trace->count += 1;
    if (trace->count == trace->wanted) {
      kill(trace->pid, SIGKILL);
      say(trace, "killed", trace->count, (long)call.number);
      return;
    }
  }
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
  } else if (status >> 16 != 0) {
    resume(trace, 0);
  } else {
    /* A stop that is no signal's arrival has no information (ptrace(2), «Group-stop»). */
    siginfo_t information;
    resume(trace, ptrace(PTRACE_GETSIGINFO, trace->pid, 0, &information) < 0 ? 0 : signal);
  }
}

/* Runs the program up to the end of its exec. */
static pid_t begin(char **words, const sigset_t *unblocked)
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
  trace.pid = begin(script->words + script->next, &before);
  record("tracer");
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
