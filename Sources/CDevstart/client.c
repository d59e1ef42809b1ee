#define _GNU_SOURCE
#include "cdclient.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

char **cd_environment(void)
{
  return environ;
}

/* A descriptor of 0 to 2 that is closed would be given to the next file that is opened, and what
   is written for people would end in it. */
void cd_fill_standard_descriptors(void)
{
  int number;
  do {
    number = open("/dev/null", O_RDWR);
  } while (number >= 0 && number <= 2);
  if (number > 2) close(number);
}

int cd_peer_user(int socket, uid_t *user)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
  *user = peer.uid;
  return 0;
}

int cd_limit_count(void)
{
  return RLIM_NLIMITS;
}

int cd_get_limit(int resource, uint64_t *soft, uint64_t *hard)
{
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
  *soft = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
  *hard = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
  return 0;
}

static volatile sig_atomic_t alarm_count;

static void on_alarm(int signal)
{
  (void)signal;
  alarm_count++;
}

/* The timer goes off again and again: the first alarm may come before flock() has begun to wait. */
int cd_flock_within(int descriptor, int seconds)
{
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return 0;
  if (errno != EWOULDBLOCK) return -1;

  struct sigaction action = {.sa_handler = on_alarm}, previous;
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, &previous);
  struct itimerval timer = {.it_value = {seconds, 0}, .it_interval = {0, 50000}};
  alarm_count = 0;
  setitimer(ITIMER_REAL, &timer, NULL);

  int result, code;
  do {
    result = flock(descriptor, LOCK_EX);
    code = errno;
  } while (result != 0 && code == EINTR && alarm_count == 0);

  struct itimerval none = {0};
  setitimer(ITIMER_REAL, &none, NULL);
  sigaction(SIGALRM, &previous, NULL);
  errno = code == EINTR ? ETIMEDOUT : code;
  return result;
}

/* What the program was started with, for those that it starts. */
static sigset_t mask_at_start;
static int mask_is_known;

static int is_ignored(int signal)
{
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* A signal that is ignored waits all the same once it is blocked. Whoever started this program so
   does not want it to be heard: nohup(1) of a hang-up, a shell without job control of INT for what
   runs in the background, where Ctrl-C is for others. How children end is not theirs to say. */
int cd_signals_open(const int *signals, int count)
{
  sigset_t set;
  sigemptyset(&set);
  for (int index = 0; index < count; index++)
    if (signals[index] == SIGCHLD || !is_ignored(signals[index])) sigaddset(&set, signals[index]);
  sigset_t before;
  if (sigprocmask(SIG_BLOCK, &set, &before) != 0) return -1;
  if (!mask_is_known) mask_at_start = before;
  mask_is_known = 1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int cd_signals_next(int descriptor)
{
  struct signalfd_siginfo info;
  ssize_t count = read(descriptor, &info, sizeof info);
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int cd_pipe(int ends[2])
{
  return pipe2(ends, O_CLOEXEC);
}

/* Adds what a detached child gets: a session, every signal's default, no descriptor but 0 to 3. */
static int detach(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                  const int *descriptors)
{
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(attributes, &all);
  posix_spawnattr_setsigmask(attributes, &none);
  posix_spawnattr_setflags(
      attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  int code = 0;
  for (int number = 0; number < 4 && code == 0; number++)
    code = posix_spawn_file_actions_adddup2(actions, descriptors[number], number);
  if (code == 0) code = posix_spawn_file_actions_addchdir_np(actions, "/");
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(actions, 4);
#endif
  return code;
}

pid_t cd_spawn_detached(const char *path, char *const arguments[], char *const environment[],
                        const int descriptors[4])
{
  /* A target number that is a later source would be overwritten first: sources are above 9. */
  int copies[4];
  for (int number = 0; number < 4; number++)
    copies[number] = fcntl(descriptors[number], F_DUPFD_CLOEXEC, 10);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  pid_t pid = -1;
  int code = detach(&actions, &attributes, copies);
  if (code == 0) code = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  for (int number = 0; number < 4; number++)
    if (copies[number] >= 0) close(copies[number]);
  if (code == 0) return pid;
  errno = code;
  return -1;
}

/* execvp(3) gives a script that names no interpreter to /bin/sh, as keepers' services are given;
   posix_spawnp(3) does not. */
pid_t cd_spawn_foreground(char *const arguments[], int merge)
{
  int failed[2];
  if (pipe2(failed, O_CLOEXEC) != 0) return -1;
  pid_t pid = fork();
  if (pid == 0) {
    if (mask_is_known) sigprocmask(SIG_SETMASK, &mask_at_start, NULL);
    if (!merge || dup2(2, 1) == 1) execvp(arguments[0], arguments);
    int code = errno;
    while (write(failed[1], &code, sizeof code) < 0 && errno == EINTR) {}
    _exit(127);
  }
  int code = pid < 0 ? errno : 0;
  close(failed[1]);
  /* Nothing comes but its end where the program has been executed. */
  while (pid > 0 && read(failed[0], &code, sizeof code) < 0 && errno == EINTR) {}
  close(failed[0]);
  if (code == 0) return pid;
  if (pid > 0) waitpid(pid, NULL, 0);
  errno = code;
  return -1;
}
