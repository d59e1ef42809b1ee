#define _GNU_SOURCE
#include "cdfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

int cd_collapse_head(int file, off_t length)
{
  return fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, length);
}

int cd_exchange(int folder, const char *name, int other_folder, const char *other)
{
  return renameat2(folder, name, other_folder, other, RENAME_EXCHANGE);
}

/* Where the kernel or the file system cannot copy by itself. */
static ssize_t copy_through_memory(int from, int to, off_t offset, size_t count)
{
  char buffer[65536];
  size_t done = 0;
  while (done < count) {
    size_t wanted = count - done < sizeof buffer ? count - done : sizeof buffer;
    ssize_t got = pread(from, buffer, wanted, offset + (off_t)done);
    if (got <= 0) return got < 0 && done == 0 ? -1 : (ssize_t)done;
    ssize_t put = pwrite(to, buffer, (size_t)got, offset + (off_t)done);
    if (put < 0) return done == 0 ? -1 : (ssize_t)done;
    done += (size_t)put;
    if (put < got) break;
  }
  return (ssize_t)done;
}

ssize_t cd_copy_range(int from, int to, off_t offset, size_t count)
{
  off_t source = offset, target = offset;
  ssize_t done = copy_file_range(from, &source, to, &target, count, 0);
  if (done >= 0) return done;
  if (errno != ENOSYS && errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP) return -1;
  return copy_through_memory(from, to, offset, count);
}

int cd_next_data(int file, off_t offset, off_t *begin, off_t *end)
{
  *begin = lseek(file, offset, SEEK_DATA);
  if (*begin < 0 && errno == EINVAL) *begin = offset;
  if (*begin < 0) return -1;
  *end = lseek(file, *begin, SEEK_HOLE);
  if (*end < 0 && errno == EINVAL) *end = lseek(file, 0, SEEK_END);
  return *end < 0 ? -1 : 0;
}

int cd_file_system(int file, uint32_t *type, int64_t *block)
{
  struct statfs information;
  if (fstatfs(file, &information) != 0) return -1;
  *type = (uint32_t)information.f_type;
  *block = (int64_t)information.f_bsize;
  return 0;
}
