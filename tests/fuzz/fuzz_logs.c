/* Any bytes, read as a flow log in two ways: as a file, and as a pipe that hands them on in pieces. Both must yield the same
 * records, and every record must keep what logs/record.h promises. The first byte says whether --log-format is given. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "logs/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { PIPE_MOST = 48 * 1024, BATCH = 16 };

/* What came of one way of reading. */
struct walk {
	int opened, ended;
	uint64_t records, digest;
	unsigned notices;
	struct log_files_state state;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void tell(void *ctx, const char *sentence)
{
	struct walk *walk = ctx;

	walk->notices++;
	must(strlen(sentence) > 10);
	for (const char *at = sentence; *at; at++)
		must((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void digest(struct walk *walk, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < length; i++)
		walk->digest = (walk->digest ^ at[i]) * 0x100000001b3;
}

static void check_text(struct walk *walk, const char *text)
{
	if (!text)
		return;
	must(*text != '\0');
	for (const char *at = text; *at; at++)
		must((unsigned char)*at > ' ' && *at != 0x7f);
	digest(walk, text, strlen(text) + 1);
}

static void check_origin(struct walk *walk, const struct log_files *files, const struct flow_origin *origin)
{
	must(origin == log_files_origin(files, origin->number));
	must(origin->kin <= origin->number && origin->kin == log_files_origin(files, origin->kin)->kin);
	digest(walk, &origin->number, sizeof(origin->number));
	digest(walk, &origin->unknown, sizeof(origin->unknown));
	for (size_t i = 0; i < FLOW_IDENTITY_END; i++)
		check_text(walk, origin->identity[i]);
	for (size_t i = 0; i < FLOW_CARRIED_END; i++)
		check_text(walk, origin->carried[i]);
}

static void check_record(struct walk *walk, const struct log_record *record)
{
	const uint64_t numbers[] = { record->protocol,      record->tcp_flags,   record->action,
				     record->direction,     record->source_port, record->destination_port,
				     record->packets,       record->bytes,       (uint64_t)record->start,
				     (uint64_t)record->end, record->status };
	const uint64_t first = record->status == FLOW_OK ? 0 : 8;

	must(record->status <= FLOW_SKIPDATA);
	must(record->start >= 0 && record->start <= record->end && record->end <= INT64_MAX / 1000000000);
	digest(walk, numbers + first, sizeof(numbers) - first * sizeof(*numbers));
	if (record->status != FLOW_OK)
		return;
	must(record->family == FLOW_IPV4 || record->family == FLOW_IPV6);
	must(record->action <= FLOW_REJECT && record->direction <= FLOW_EGRESS);
	must(!(record->origin->unknown & FLOW_UNKNOWN_PACKETS) || record->packets == 0);
	must(!(record->origin->unknown & FLOW_UNKNOWN_BYTES) || record->bytes == 0);
	digest(walk, &record->source, 4 * sizeof(record->source));
}

static void check_state(const struct walk *walk)
{
	const struct log_files_state *state = &walk->state;
	uint64_t records = state->records[FLOW_OK] + state->records[FLOW_NODATA] + state->records[FLOW_SKIPDATA];

	must(records == walk->records && state->lines == records + state->unreadable);
	must(state->unreadable == 0 || state->is_damaged);
	must(!state->is_damaged || walk->notices > 0);
}

static struct walk walk_descriptor(int fd, const struct output_format *format)
{
	struct walk walk = { .digest = 0xcbf29ce484222325 };
	const struct notices notices = { tell, &walk };
	struct log_record records[BATCH];
	struct source_file file = { 0 };
	struct log_files *files;
	struct error err = { "" };
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file.path = path;
	walk.opened = log_files_open(
		&files,
		&(struct log_files_options){
			.files = &file, .count = 1, .format = format, .wake_fd = -1, .notices = &notices },
		&err);
	must((walk.opened < 0) == (*err.text != '\0'));
	if (walk.opened == 0) {
		while ((walk.ended = log_files_read(files, records, BATCH, true, &err)) > 0) {
			for (int i = 0; i < walk.ended; i++) {
				check_origin(&walk, files, records[i].origin);
				check_record(&walk, &records[i]);
			}
			walk.records += (uint64_t)walk.ended;
		}
		must(walk.ended == 0 && log_files_read(files, records, BATCH, true, &err) == 0);
		log_files_state(files, &walk.state);
		check_state(&walk);
		log_files_close(files);
	}
	close(fd);
	return walk;
}

/* A pipe that holds the bytes in at most 16 pieces, each of which one read returns. */
static int make_pipe(const uint8_t *bytes, size_t length)
{
	size_t piece = length / 15 + 1;
	int ends[2];

	must(pipe2(ends, O_DIRECT) == 0);
	for (size_t at = 0; at < length; at += piece) {
		size_t n = length - at < piece ? length - at : piece;

		must(write(ends[1], bytes + at, n) == (ssize_t)n);
	}
	close(ends[1]);
	return ends[0];
}

static bool is_compressed(const uint8_t *bytes, size_t length)
{
	return length > 0 && (bytes[0] == 0x1f || bytes[0] == 0x28 || bytes[0] == 0x50);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct output_format columns, *format = NULL;
	struct walk file, stream;
	int fd = memfd_create("log", MFD_CLOEXEC);

	if (length > 0 && *bytes & 1) {
		must(output_format_parse(&columns, "start interface-id end srcaddr tcp-flags bytes", NULL) == 0);
		format = &columns;
	}
	bytes += length > 0;
	length -= length > 0;
	must(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	file = walk_descriptor(fd, format);
	/* How much of a damaged stream comes out depends on the pieces. */
	if (length > PIPE_MOST || is_compressed(bytes, length))
		return 0;
	stream = walk_descriptor(make_pipe(bytes, length), format);
	must(file.opened == stream.opened);
	must(file.records == stream.records && file.digest == stream.digest);
	must(file.state.unreadable == stream.state.unreadable);
	return 0;
}
