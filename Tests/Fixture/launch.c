/* Starts a program as a terminal would, which posix_spawn(3) alone cannot:

     devstart-fixture launch FOLDER [--session] [--umask N] [--files N] [--processes N] [--gate PIPE] [--user N]
       [--no-pidfd] [--sockets-in FOLDER]… PROGRAM NAME…

   when somebody opens PIPE for writing, in FOLDER, as a process group (or session) of its own, with no descriptors but the first three,
   and as NAME with arguments. */
#define _GNU_SOURCE
#include "fixture.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void become_user(uid_t user)
{
  if (setgroups(0, NULL) < 0) fail("setgroups");
  if (setresgid(user, user, user) < 0) fail("setresgid");
  if (setresuid(user, user, user) < 0) fail("setresuid");
}

void launch(struct script *script)
{
  const char *folder = take_word(script, "folder");
  bool session = false;
  bool denies_pidfds = false;
  const char *socket_folders[4];
  int socket_folder_count = 0;
  long user = -1;
  for (;;) {
    if (take_flag(script, "--session")) {
      session = true;
    } else if (take_flag(script, "--umask")) {
      umask((mode_t)strtol(take_word(script, "umask"), NULL, 8));
    } else if (take_flag(script, "--files")) {
      rlim_t files = (rlim_t)take_number(script, "files");
      if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){files, files}) < 0) fail("setrlimit");
    } else if (take_flag(script, "--processes")) {
      rlim_t processes = (rlim_t)take_number(script, "processes");
      if (setrlimit(RLIMIT_NPROC, &(struct rlimit){processes, processes}) < 0) fail("setrlimit");
    } else if (take_flag(script, "--gate")) {
      wait_at(take_word(script, "named pipe"));
    } else if (take_flag(script, "--user")) {
      user = take_number(script, "user");
    } else if (take_flag(script, "--no-pidfd")) {
      denies_pidfds = true;
    } else if (socket_folder_count < 4 && take_flag(script, "--sockets-in")) {
      socket_folders[socket_folder_count++] = take_word(script, "folder");
    } else {
      break;
    }
  }
  const char *program = take_word(script, "program");
  if (!has_next(script)) usage("a name is missing", program);
  if (session) setsid();
  else setpgid(0, 0);
  if (user >= 0) become_user((uid_t)user);
  if (chdir(folder) < 0) fail(folder);
  if (socket_folder_count > 0) deny_sockets_but_in(socket_folders, socket_folder_count);
  if (denies_pidfds) deny_pidfds();
  close_range(3, ~0U, 0);
  execv(program, script->words + script->next);
  fail(program);
}
