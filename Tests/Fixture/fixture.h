#ifndef FIXTURE_H
#define FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

/* The words of the command line that are still to be performed. */
struct script {
  char **words;
  int count;
  int next;
};

/* script.c: reading words. A wrong word ends the program with 64 (EX_USAGE). */
bool has_next(const struct script *script);
bool take_flag(struct script *script, const char *flag);
const char *take_word(struct script *script, const char *what);
long take_number(struct script *script, const char *what);
void skip_block(struct script *script);
_Noreturn void usage(const char *problem, const char *word);
_Noreturn void fail(const char *what);

/* signals.c */
int signal_number(const char *name);
const char *signal_name(int number);
void do_ignore(struct script *script);
void do_heed(struct script *script);
void do_trap(struct script *script);
void do_record_signals(struct script *script);
void do_die(struct script *script);

/* record.c: the append-only file that names every process made: `kind pid startTicks` a line. */
void record_to(const char *path);
void record(const char *kind);
bool is_recorded(void);

/* life.c: what a process does when its words are used up. */
extern bool never_reaps;
extern bool stops_at_the_end;
extern bool is_main;
void perform(struct script *script);
void perform_block(struct script *script);
void pass_milliseconds(long milliseconds);
void settled(void);
_Noreturn void live(void);
_Noreturn void finish(int status);

/* make.c: each makes processes and returns in the maker once they are what they should be. */
pid_t make(void);
_Noreturn void become(const char *kind, struct script *script);
void do_child(struct script *script);
void do_group(struct script *script);
void do_setsid(struct script *script);
void do_burst(struct script *script);
void do_double_fork(struct script *script);
void do_orphan(struct script *script);
void do_main_exits(struct script *script);
void do_bare(struct script *script);
void do_clear_environment(struct script *script);
void do_daemon_bare(struct script *script);
void do_as_pid(struct script *script);
void do_as_pids(struct script *script);

/* odd.c: processes in odd states. */
void do_stopped(struct script *script);
void do_stop_self(struct script *script);
void do_zombies(struct script *script);
void do_subreaper(struct script *script);
void do_thread_leader(struct script *script);
void do_leader_exits(struct script *script);
void do_vfork_parent(struct script *script);
void do_hold_traced(struct script *script);

/* swarm.c: processes that make others without end. */
void do_chain(struct script *script);
void do_race(struct script *script);
void do_respawners(struct script *script);

/* apart.c: processes in other namespaces, and of other users. */
void do_pid_namespace(struct script *script);
void do_user_namespace(struct script *script);
void do_become_user(struct script *script);

/* hang.c: processes that do not end when they are told to. */
void do_hang(struct script *script);
void do_open(struct script *script);
void do_map(struct script *script);

/* hold.c: things held. */
void do_listen(struct script *script);
void do_say_to(struct script *script);
_Noreturn void do_serve_http(struct script *script);
void do_lock(struct script *script);
void do_gate(struct script *script);
void wait_at(const char *path);
void do_exit_on_eof(struct script *script);

/* notify.c: what a service says to its service manager (sd_notify(3)). */
void do_notify(struct script *script);
void do_notify_barrier(struct script *script);

/* use.c: what is used up. */
void do_burn(struct script *script);
void do_fill(struct script *script);

/* print.c: what a process sees of itself, a line each on stdout. */
void do_print(struct script *script);
void do_print_lines(struct script *script);
void do_print_env(struct script *script);
void do_print_stdin(struct script *script);
void do_print_descriptors(struct script *script);
void do_print_identity(struct script *script);
void do_print_limits(struct script *script);
void do_print_signals(struct script *script);

/* confine.c */
void deny_pidfds(void);
void deny_sockets_but_in(const char *const folders[], int count);

/* trace.c and launch.c: a first word each, and another program in this one's place. */
_Noreturn void trace_kill(struct script *script);
_Noreturn void launch(struct script *script);

#endif
