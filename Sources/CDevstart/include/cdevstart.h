#ifndef CDEVSTART_H
#define CDEVSTART_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* pidfd_open(2), pidfd_send_signal(2): -1 and errno on failure. */
int cd_pidfd_open(pid_t pid);
int cd_pidfd_send_signal(int pidfd, int signal, unsigned int flags);

/* Makes this process the parent of every orphan below it (PR_SET_CHILD_SUBREAPER, prctl(2)). */
int cd_become_subreaper(void);
/* Orphans go to whom they would have gone before. */
int cd_stop_being_subreaper(void);

/* The name that ps(1) and top(1) show, at most 15 bytes (PR_SET_NAME, prctl(2)). */
void cd_set_command_name(const char *name);

/* Lets malloc(3) use nothing but the heap, so that keepers can be forked without any of it. */
void cd_keep_memory_in_heap(void);

/* Gives what malloc(3) does not use back to the system. */
void cd_give_memory_back(void);

/* A memfd holding `size` bytes that nobody can change any more (memfd_create(2), seals). */
int cd_sealed_memfd(const char *name, const void *bytes, size_t size);

/* The descriptors that a keeper holds, and no others. */
enum {
  CD_KEEPER_SPECIFICATION = 3, /* the sealed memfd; a later supervisor reads it through /proc */
  CD_KEEPER_RECORD = 4,        /* the launch record, written by the keeper alone */
  CD_KEEPER_REPORT_WRITE = 5,  /* reports to the supervisor … */
  CD_KEEPER_REPORT_READ = 6,   /* … whose read end it holds too, so that none is lost */
  CD_KEEPER_STANDARD_INPUT = 7 /* the write end of a standard input that never ends */
};

/* The name of a keeper's memfd, and its name in /proc/PID/comm. */
#define CD_SPECIFICATION_NAME "devstart-launch"
#define CD_KEEPER_COMMAND_NAME "devstart-keeper"

/* The fixed size of a launch record: text, padded with blanks. */
#define CD_RECORD_SIZE 512

enum cd_report_kind {
  CD_REPORT_MAIN_STARTED = 1, /* pid, start; main has been executed */
  CD_REPORT_EXEC_FAILED = 2,  /* value is errno, stage is a cd_stage */
  CD_REPORT_MAIN_EXITED = 3,  /* value is the code or the signal's number, stage 1 for a signal */
  CD_REPORT_TREE_EMPTY = 4
};

enum cd_stage { CD_STAGE_FORK = 1, CD_STAGE_DIRECTORY = 2, CD_STAGE_EXEC = 3 };

/* One report; written whole, as it is shorter than PIPE_BUF (pipe(7)). */
struct cd_report {
  int32_t kind;
  int32_t pid;
  int32_t value;
  int32_t stage;
  uint64_t start; /* clock ticks since boot, proc(5) */
};

struct cd_limit {
  int32_t resource;
  uint64_t soft;
  uint64_t hard;
};

/* Everything a keeper needs; all memory is the caller's and only read. */
struct cd_launch {
  int specification;  /* descriptor of the memfd */
  int record;         /* of the open record, or -1 */
  int report_write;
  int report_read;
  int standard_input; /* main's; -1 for /dev/null */
  int held_input;     /* the pipe end that keeps it open, or -1 */
  int output;         /* main's stdout and stderr */
  char *title_area;   /* this program's own argument strings … */
  size_t title_size;  /* … and their size */
  /* Texts, a zero byte after each: the keeper's title, as `ps` shows it; the record's lines that it
     does not know itself; main's folder; the arguments; the environment. */
  const void *texts;
  size_t texts_size;
  size_t argument_count;
  size_t environment_count;
  mode_t umask;
  const struct cd_limit *limits;
  size_t limit_count;
};

/* Forks a keeper for one launch: its PID, or -1 and errno. */
pid_t cd_fork_keeper(const struct cd_launch *launch);

/* Where this program's argument strings lie, to be overwritten with a title. */
void cd_title_area(char **arguments, int count, char **area, size_t *size);

/* poll(2) with a time in nanoseconds, or without end where it is negative (ppoll(2)). */
struct pollfd;
int cd_poll(struct pollfd *entries, size_t count, int64_t nanoseconds);

/* A TCP socket that listens. */
struct cd_listener {
  uint16_t port;
  uint8_t version;      /* 4 or 6 */
  uint8_t only_version6; /* takes no IPv4 connections (IPV6_V6ONLY, ipv6(7)) */
  uint32_t user;
  uint32_t address[4];  /* in network byte order; of IPv4 the first alone */
  uint64_t inode;
};

/* The TCP listeners of this network namespace (sock_diag(7)): how many there are, of which at
   most `capacity` are written; -1 and errno. */
ssize_t cd_tcp_listeners(struct cd_listener *listeners, size_t capacity);

/* accept4(2), non-blocking and closed on exec. */
int cd_accept(int socket);

/* dup3(2), closed on exec: `number` becomes what `from` is. */
int cd_replace(int from, int number);

/* What all processes have in swap space, in bytes (sysinfo(2)). */
uint64_t cd_swapped_bytes(void);

/* The PID of a Unix socket's other end (SO_PEERCRED, unix(7)); -1 and errno. */
pid_t cd_peer_process(int socket);

/* What was sent through a Unix socket and was not received yet, in bytes (SIOCOUTQ, tcp(7)). */
int cd_unreceived_bytes(int socket);

/* Reaps one child that has ended without waiting: its PID and status, 0 for none, -1 and errno. */
pid_t cd_reap_any(int32_t *value, int32_t *is_signal);

/* Datagrams with descriptors and credentials beside their text (unix(7), cmsg(3)); notify.c. */
enum {
  CD_PIDFD_UNKNOWN = -1, /* before Linux 6.5, or no descriptor was free */
  CD_PIDFD_ENDED = -2    /* the sender had ended, and been reaped, before it was read */
};

/* What came beside a datagram; the descriptors in it are the receiver's to close. */
struct cd_notice {
  int32_t pid;        /* the sender's; 0 where it has none here */
  uint32_t user;      /* the sender's; UINT32_MAX where it was not told */
  int32_t pidfd;      /* the sender's process, or CD_PIDFD_… */
  int32_t descriptor; /* that came with it; -1 where it was not exactly one */
};

/* A datagram socket of AF_UNIX that is non-blocking, closed on exec, and told who sends. */
int cd_notify_socket(void);

/* The next datagram, cut to `size` bytes; -1 and errno, EAGAIN where there is none. */
ssize_t cd_notify_receive(int socket, void *bytes, size_t size, struct cd_notice *notice);

/* Sends a datagram with a descriptor, without waiting; -1 and errno. */
ssize_t cd_notify_send(int socket, const void *bytes, size_t size, int descriptor);

#endif
