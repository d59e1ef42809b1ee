/* Processes that the system itself sets apart: by namespaces (namespaces(7)) or by their user. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody but root may make another namespace without a user namespace to make it in. */
static void leave(int namespaces)
{
  if (unshare(geteuid() == 0 ? namespaces : namespaces | CLONE_NEWUSER) < 0) fail("unshare");
}

/* The first process of a PID namespace: the kernel keeps from it every signal from inside that it
   has no handler for, and TERM from outside, too (pid_namespaces(7)). */
void do_pid_namespace(struct script *script)
{
  pid_t middle = make();
  if (middle == 0) {
    leave(CLONE_NEWPID);
    if (fork() != 0) _exit(0);
    become("pid-namespace", script);
  }
  while (waitpid(middle, NULL, 0) < 0 && errno == EINTR) {}
  skip_block(script);
}

void do_user_namespace(struct script *script)
{
  if (make() == 0) {
    if (unshare(CLONE_NEWUSER) < 0) fail("unshare");
    become("user-namespace", script);
  }
  skip_block(script);
}

/* From here on another user's, as after setuid(2) in a program that root may. */
void do_become_user(struct script *script)
{
  uid_t user = (uid_t)take_number(script, "user");
  if (setresgid(user, user, user) < 0) fail("setresgid");
  if (setresuid(user, user, user) < 0) fail("setresuid");
}
