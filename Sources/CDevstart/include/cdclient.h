#ifndef CDCLIENT_H
#define CDCLIENT_H

/* What a command needs; client.c. */

#include <stdint.h>
#include <sys/types.h>

/* environ(7). */
char **cd_environment(void);
/* Opens /dev/null in the place of every descriptor of 0 to 2 that is closed. */
void cd_fill_standard_descriptors(void);
/* SO_PEERCRED (unix(7)): the user at the other end; -1 and errno on failure. */
int cd_peer_user(int socket, uid_t *user);
/* getrlimit(2): «unlimited» is UINT64_MAX; -1 and errno where there is no such resource. */
int cd_limit_count(void);
int cd_get_limit(int resource, uint64_t *soft, uint64_t *hard);
/* flock(2), exclusive; waits at most so long: -1 and ETIMEDOUT. */
int cd_flock_within(int descriptor, int seconds);
/* Blocks the signals but those that are ignored, SIGCHLD excepted, and returns a signalfd(2) of
   them; -1 and errno on failure. */
int cd_signals_open(const int *signals, int count);
/* The number of the next signal that waits in it; 0 where there is none. */
int cd_signals_next(int descriptor);
/* pipe2(2) with O_CLOEXEC. */
int cd_pipe(int ends[2]);
/* posix_spawn(3) in a session of its own and in `/`, with these as descriptors 0 to 3 and no
   others, every signal as it is by default; -1 and errno on failure. */
pid_t cd_spawn_detached(const char *path, char *const arguments[], char *const environment[],
                        const int descriptors[4]);
/* Runs a program as execvp(3) finds it beside the caller: its group, terminal, descriptors,
   environment and original signal mask; standard output goes where standard error does where
   `merge` is not 0. -1 and errno on failure. */
pid_t cd_spawn_foreground(char *const arguments[], int merge);

#endif
