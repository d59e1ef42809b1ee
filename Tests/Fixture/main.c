/* A program that makes processes of every kind that escapes a careless supervisor.

     devstart-fixture [--pids FILE] WORDS…

   The words are performed in order; then the process lives until a signal ends it. A word that
   makes a process returns when that process is what it should be, so nothing has to be waited
   for. Words in braces after it are performed by the process made:

     devstart-fixture --pids pids child { ignore TERM } double-fork listen 8000

   Every process made is a line `kind pid startTicks` of FILE (or of $FIXTURE_PIDS); main is the
   line `main`, and the line `settled` when its words are done.

   A copy under another name takes its words after `--do` and otherwise just lives, so that
   `python3 -m apps.bot` can be had wherever the tests run. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void do_sleep(struct script *script)
{
  (void)script;
}

static void do_exit(struct script *script)
{
  long status = take_number(script, "exit code");
  if (take_flag(script, "--after-ms")) {
    long delay = take_number(script, "milliseconds");
    settled();
    pass_milliseconds(delay);
  }
  finish((int)status);
}

static void do_record(struct script *script)
{
  record(take_word(script, "kind"));
}

static void do_write_pid(struct script *script)
{
  const char *path = take_word(script, "file");
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail(path);
  dprintf(file, "%d\n", getpid());
  close(file);
}

static void do_become_group(struct script *script)
{
  (void)script;
  setpgid(0, 0);
}

static void do_become_session(struct script *script)
{
  (void)script;
  setsid();
}

static const struct {
  const char *name;
  void (*perform)(struct script *);
} words[] = {
  {"as-pid", do_as_pid},
  {"as-pids", do_as_pids},
  {"bare", do_bare},
  {"become-group", do_become_group},
  {"become-session", do_become_session},
  {"become-user", do_become_user},
  {"burn", do_burn},
  {"burst", do_burst},
  {"chain", do_chain},
  {"child", do_child},
  {"clear-environment", do_clear_environment},
  {"daemon-bare", do_daemon_bare},
  {"die", do_die},
  {"double-fork", do_double_fork},
  {"exit", do_exit},
  {"exit-on-eof", do_exit_on_eof},
  {"fill", do_fill},
  {"gate", do_gate},
  {"group", do_group},
  {"hang", do_hang},
  {"heed", do_heed},
  {"hold-port", do_listen},
  {"hold-traced", do_hold_traced},
  {"ignore", do_ignore},
  {"leader-exits", do_leader_exits},
  {"listen", do_listen},
  {"lock", do_lock},
  {"main-exits", do_main_exits},
  {"map", do_map},
  {"notify", do_notify},
  {"notify-barrier", do_notify_barrier},
  {"open", do_open},
  {"orphan", do_orphan},
  {"pid-namespace", do_pid_namespace},
  {"print", do_print},
  {"print-descriptors", do_print_descriptors},
  {"print-env", do_print_env},
  {"print-identity", do_print_identity},
  {"print-limits", do_print_limits},
  {"print-lines", do_print_lines},
  {"print-signals", do_print_signals},
  {"print-stdin-state", do_print_stdin},
  {"race", do_race},
  {"record", do_record},
  {"record-signals", do_record_signals},
  {"respawners", do_respawners},
  {"say-to", do_say_to},
  {"serve-http", do_serve_http},
  {"setsid", do_setsid},
  {"sleep", do_sleep},
  {"stop-self", do_stop_self},
  {"stopped", do_stopped},
  {"subreaper", do_subreaper},
  {"thread-leader", do_thread_leader},
  {"trap", do_trap},
  {"user-namespace", do_user_namespace},
  {"vfork-parent", do_vfork_parent},
  {"write-pid", do_write_pid},
  {"zombies", do_zombies},
};

void perform(struct script *script)
{
  while (has_next(script)) {
    const char *word = take_word(script, "word");
    size_t index = 0;
    while (index < sizeof words / sizeof words[0] && strcmp(words[index].name, word) != 0) index++;
    if (index == sizeof words / sizeof words[0]) usage("no such word", word);
    words[index].perform(script);
  }
}

/* The words of a copy under another name begin after `--do`. */
static struct script script_of(int count, char **arguments)
{
  const char *slash = strrchr(arguments[0], '/');
  const char *name = slash == NULL ? arguments[0] : slash + 1;
  if (strcmp(name, "devstart-fixture") == 0) return (struct script){arguments, count, 1};
  for (int index = 1; index < count; index++)
    if (strcmp(arguments[index], "--do") == 0) return (struct script){arguments, count, index + 1};
  return (struct script){arguments, count, count};
}

int main(int count, char **arguments)
{
  if (count == 0) return 64;
  struct script script = script_of(count, arguments);
  /* `clear-environment` wipes where the variable stands. */
  const char *path = getenv("FIXTURE_PIDS") ? strdup(getenv("FIXTURE_PIDS")) : NULL;
  if (take_flag(&script, "--pids")) path = take_word(&script, "file");
  if (path != NULL) record_to(path);
  if (take_flag(&script, "launch")) launch(&script);
  if (take_flag(&script, "trace-kill")) trace_kill(&script);
  record("main");
  perform(&script);
  if (script.next < script.count) usage("a brace too many", NULL);
  live();
}
