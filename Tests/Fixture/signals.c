#define _GNU_SOURCE
#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *name;
  int number;
} names[] = {
  {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"KILL", SIGKILL}, {"TERM", SIGTERM},
  {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"CONT", SIGCONT}, {"PIPE", SIGPIPE}, {"SEGV", SIGSEGV},
  {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"CHLD", SIGCHLD}, {"STOP", SIGSTOP}, {"WINCH", SIGWINCH},
};

int signal_number(const char *name)
{
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
    if (strcmp(names[index].name, name) == 0) return names[index].number;
  usage("no signal", name);
}

const char *signal_name(int number)
{
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
    if (names[index].number == number) return names[index].name;
  return "?";
}

static void record_signal(int number)
{
  char kind[16] = "got-";
  strncat(kind, signal_name(number), sizeof kind - 5);
  record(kind);
}

static void record_and_exit(int number)
{
  record_signal(number);
  _exit(0);
}

/* Sets the handler for a list such as TERM,INT,HUP. */
static void handle(struct script *script, void (*handler)(int))
{
  char *list = strdup(take_word(script, "signals"));
  for (char *rest = list, *name; (name = strsep(&rest, ",")) != NULL;) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(signal_number(name), &action, NULL);
  }
  free(list);
}

void do_ignore(struct script *script)
{
  handle(script, SIG_IGN);
}

void do_heed(struct script *script)
{
  handle(script, SIG_DFL);
}

void do_trap(struct script *script)
{
  handle(script, record_and_exit);
}

void do_record_signals(struct script *script)
{
  handle(script, record_signal);
}

void do_die(struct script *script)
{
  int number = signal_number(take_word(script, "signal"));
  settled();
  signal(number, SIG_DFL);
  raise(number);
  finish(70);
}
