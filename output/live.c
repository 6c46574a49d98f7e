#include "output/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/file.h"
#include "output/inplace.h"

struct output_live {
	struct output_live_options options;
	struct output_stream stream;
	struct output_file *file; /* standard output or a device; NULL: the descriptor is ours */
	char *path;               /* of what can be opened anew: a file; else NULL */
	char *name;               /* for sentences */
	int fd;
	int fifo;          /* the side of a FIFO that reads, so that it never breaks when a reader goes away; else -1 */
	bool reopen_waits; /* until the end of a compressed file is written */
	uint64_t finished;
};

static bool has_header(const struct output_live *live)
{
	return live->options.header < 0 ? live->path != NULL : live->options.header > 0;
}

static int put_header(struct output_live *live, struct error *err)
{
	char *line;

	if (!has_header(live) || live->options.header_length == 0)
		return 0;
	line = output_stream_reserve(&live->stream, live->options.header_length, err);
	if (!line)
		return -ENOMEM;
	memcpy(line, live->options.header_text, live->options.header_length);
	output_stream_commit(&live->stream, live->options.header_length);
	return 0;
}

static int open_inplace(const struct output_live *live, bool *is_new, struct error *err)
{
	const struct output_live_options *options = &live->options;

	return output_inplace_open(live->path, options->header_text, has_header(live) ? options->header_length : 0,
				   is_new, options->notices, err);
}

static int open_file(struct output_live *live, const char *where, struct error *err)
{
	bool is_new;

	live->path = strdup(where);
	if (!live->path)
		return fail_memory(err, where);
	live->fd = open_inplace(live, &is_new, err);
	if (live->fd < 0)
		return live->fd;
	return is_new ? put_header(live, err) : 0;
}

static int open_fifo(struct output_live *live, const char *where, struct error *err)
{
	live->fifo = open(where, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (live->fifo >= 0)
		live->fd = open(where, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (live->fd < 0)
		return fail_errno(err, "%s: cannot be opened for writing", where);
	live->stream.hold.has_reader = true;
	return put_header(live, err);
}

static int open_stream(struct output_live *live, const char *where, struct error *err)
{
	int ret = output_file_open(&live->file, where, err);
	struct stat status;

	if (ret < 0)
		return ret;
	live->fd = output_file_descriptor(live->file);
	live->stream.hold.has_reader = fstat(live->fd, &status) == 0 && !S_ISREG(status.st_mode);
	return put_header(live, err);
}

static int open_place(struct output_live *live, const char *where, struct error *err)
{
	struct stat status;

	if (strcmp(where, "-") == 0 || output_file_means_descriptor(where))
		return open_stream(live, where, err);
	if (stat(where, &status) < 0)
		return errno == ENOENT ? open_file(live, where, err)
				       : fail_errno(err, "%s: cannot be opened for writing", where);
	if (S_ISREG(status.st_mode))
		return open_file(live, where, err);
	return S_ISFIFO(status.st_mode) ? open_fifo(live, where, err) : open_stream(live, where, err);
}

/* Is it a compression that this build has? */
static int check_compression(enum output_compression compression, struct error *err)
{
	struct output_compressor *compressor;
	int ret = output_compressor_new(&compressor, compression, err);

	output_compressor_free(compressor);
	return ret;
}

int output_live_open(struct output_live **out, const char *where, const struct output_live_options *options,
		     struct error *err)
{
	struct output_live *live = calloc(1, sizeof(*live));
	int ret;

	if (!live)
		return fail_memory(err, where);
	live->fd = live->fifo = -1;
	live->options = *options;
	live->stream.compression = output_compression_of(where);
	live->name = strdup(strcmp(where, "-") == 0 ? "standard output" : where);
	ret = live->name ? check_compression(live->stream.compression, err) : fail_memory(err, where);
	if (ret == 0)
		ret = open_place(live, where, err);
	if (ret < 0)
		output_live_abandon(live);
	else
		*out = live;
	return ret;
}

/* The file is to end with a whole line also while the rest waits. */
static void cut_half_line(struct output_live *live)
{
	struct output_hold *hold = &live->stream.hold;
	struct stat status;

	if (!live->path || hold->sent == 0 || fstat(live->fd, &status) < 0)
		return;
	if (status.st_size < (off_t)hold->sent || ftruncate(live->fd, status.st_size - (off_t)hold->sent) == 0)
		output_hold_rewind(hold);
}

/* Writes what is packed. Returns 0 when all is written, 1 when some has to wait, or a failure that ends the run. */
static int write_out(struct output_live *live, struct error *err)
{
	struct error why;
	int ret = output_stream_write(&live->stream, live->fd);

	if (ret == 0) {
		live->options.trouble->is_on = false;
		return 0;
	}
	if (ret == -EPIPE)
		return fail(err, EPIPE, "%s: whoever read it went away", live->name);
	cut_half_line(live);
	if (!output_trouble_may_pass(ret))
		return fail(err, -ret, "%s: cannot be written: %s", live->name, strerror(-ret));
	if (ret == -EAGAIN)
		fail(&why, EAGAIN, "%s: nobody reads it", live->name);
	else
		fail(&why, -ret, "%s: cannot be written: %s", live->name, strerror(-ret));
	output_trouble_begin(live->options.trouble, why.text);
	return 1;
}

/* Packs, and writes unless the last try failed. */
static int push(struct output_live *live, struct error *err)
{
	int ret = output_stream_pack(&live->stream, OUTPUT_MORE, err);

	if (ret == 0 && !live->options.trouble->is_on)
		ret = write_out(live, err);
	return ret < 0 ? ret : 0;
}

static bool is_full(const struct output_live *live, size_t size)
{
	return output_stream_waiting(&live->stream) + size > live->options.trouble->most;
}

char *output_live_reserve(struct output_live *live, size_t size, int *code, struct error *err)
{
	char *line = NULL;

	*code = 0;
	if (!output_stream_has_room(&live->stream, size) || is_full(live, size))
		*code = push(live, err);
	if (*code < 0 || (live->options.trouble->is_on && is_full(live, size)))
		return NULL;
	line = output_stream_reserve(&live->stream, size, err);
	if (!line)
		*code = -ENOMEM;
	return line;
}

void output_live_commit(struct output_live *live, size_t size)
{
	output_stream_commit(&live->stream, size);
}

static void sync_file(struct output_live *live)
{
	struct error why;

	if (!live->path || fsync(live->fd) == 0)
		return;
	fail_errno(&why, "%s: cannot be written to disk", live->name);
	live->options.trouble->errors++;
	notify(live->options.notices, "%s", why.text);
}

/* Lines that wait go to the new file, behind its header line. */
static int take_over(struct output_live *live, int fd, bool is_new, struct error *err)
{
	struct output_hold *hold = &live->stream.hold;
	int ret = 0;

	output_hold_rewind(hold);
	if (is_new && has_header(live) && hold->length > 0)
		ret = output_hold_prepend(hold, live->options.header_text, live->options.header_length, err);
	else if (is_new)
		ret = put_header(live, err);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	close(live->fd);
	live->fd = fd;
	live->finished++;
	return 0;
}

int output_live_reopen(struct output_live *live, struct error *err)
{
	bool is_new;
	int fd, ret;

	if (!live->path)
		return 0;
	ret = output_stream_pack(&live->stream, OUTPUT_END, err);
	if (ret == 0)
		ret = write_out(live, err);
	if (ret < 0)
		return ret;
	sync_file(live);
	live->reopen_waits = ret > 0 && live->stream.compression != OUTPUT_PLAIN;
	if (live->reopen_waits || output_inplace_is_named(live->fd, live->path))
		return 0;
	fd = open_inplace(live, &is_new, err);
	if (fd < 0)
		return fd;
	ret = take_over(live, fd, is_new, err);
	return ret == 0 ? output_live_flush(live, err) : ret;
}

int output_live_flush(struct output_live *live, struct error *err)
{
	struct error why;
	int ret = output_stream_pack(&live->stream, OUTPUT_PAUSE, err);

	if (ret == 0)
		ret = write_out(live, err);
	if (ret != 0 || !live->reopen_waits)
		return ret < 0 ? ret : 0;
	ret = output_live_reopen(live, &why);
	if (ret < 0)
		notify(live->options.notices, "%s; the records go on to the old file", why.text);
	return 0;
}

/* What a FIFO holds is gone when its last side is closed. Returns how much that is: 0 where somebody else can still read
 * it. */
static size_t unread(struct output_live *live)
{
	struct pollfd asked = { .fd = live->fd };
	int bytes = 0;

	if (live->fifo < 0)
		return 0;
	close(live->fifo);
	live->fifo = -1;
	if (poll(&asked, 1, 0) <= 0 || !(asked.revents & POLLERR) || ioctl(live->fd, FIONREAD, &bytes) < 0)
		return 0;
	return (size_t)bytes;
}

static int close_place(struct output_live *live, struct error *err)
{
	struct output_file *file = live->file;
	int ret = output_stream_pack(&live->stream, OUTPUT_END, err);
	size_t bytes;

	if (ret == 0)
		ret = write_out(live, err);
	bytes = unread(live);
	if (ret >= 0 && bytes > 0)
		return fail(err, EIO, "%s: nobody reads it, and %zu bytes of records are lost", live->name,
			    bytes + output_stream_waiting(&live->stream));
	if (ret > 0)
		ret = fail(err, EIO, "%s: it still cannot be written, and %zu bytes of records are lost", live->name,
			   output_stream_waiting(&live->stream));
	if (live->path && fsync(live->fd) < 0 && ret == 0)
		ret = fail_errno(err, "%s: cannot be written to disk", live->name);
	if (ret < 0 || !file)
		return ret;
	live->file = NULL;
	return output_file_finish(file, err);
}

int output_live_finish(struct output_live *live, struct error *err)
{
	int ret = close_place(live, err);

	output_live_abandon(live);
	return ret;
}

void output_live_abandon(struct output_live *live)
{
	if (!live)
		return;
	if (live->fd >= 0 && !live->file)
		close(live->fd);
	if (live->fifo >= 0)
		close(live->fifo);
	output_file_abandon(live->file);
	output_stream_clear(&live->stream);
	free(live->path);
	free(live->name);
	free(live);
}

size_t output_live_waiting(const struct output_live *live)
{
	return output_stream_waiting(&live->stream);
}

uint64_t output_live_finished(const struct output_live *live)
{
	return live->finished;
}
