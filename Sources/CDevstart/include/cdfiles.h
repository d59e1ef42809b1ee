#ifndef CDFILES_H
#define CDFILES_H

/* Parts of files; files.c. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Removes the first `length` bytes of a file, so that what follows them comes first
   (FALLOC_FL_COLLAPSE_RANGE, fallocate(2)): -1 and errno. */
int cd_collapse_head(int file, off_t length);
/* Two files change places at once (RENAME_EXCHANGE, rename(2)): -1 and errno, where the file
   system cannot, too. */
int cd_exchange(int folder, const char *name, int other_folder, const char *other);
/* Copies bytes to the same place in another file (copy_file_range(2)): how many, 0 at the end;
   -1 and errno. */
ssize_t cd_copy_range(int from, int to, off_t offset, size_t count);
/* Where from `offset` on a file has data, and where the next hole is (SEEK_DATA, lseek(2)); a file
   of which it cannot be known is all data. -1 and errno; ENXIO where there is no more data. */
int cd_next_data(int file, off_t offset, off_t *begin, off_t *end);
/* The type of the file system (statfs(2)) and its block size; -1 and errno. */
int cd_file_system(int file, uint32_t *type, int64_t *block);

#endif
