/* logs/spool.h - a file of which any place can be read, whatever it came from. */
#ifndef ENIFLOW_LOGS_SPOOL_H
#define ENIFLOW_LOGS_SPOOL_H

#include "capture/input.h"

/* A descriptor, which is the caller's: of the file at `path` itself, if the input read it as it lies on the disk; else of
 * a file without a name, in the folder for such files, into which the whole input is copied (a pipe, standard input, what
 * is compressed). -EINTR: woken, as capture_input_fill(); else a negative errno. */
int log_spool(struct capture_input *input, const char *path, struct error *err);

/* Reads so many bytes of such a file, from that place on. 0; -ENODATA: it ends before; else what reading answered. */
int log_spool_read(int fd, uint8_t *out, size_t length, uint64_t at);

#endif
