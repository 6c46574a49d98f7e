#include "micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "logs/files.h"
#include "random.h"

enum { LINES = 1 << 19, LINE_MOST = 160, BATCH = 256 };

struct reading {
	char path[32];
	uint64_t records;
};

static void read_all(void *ctx)
{
	static struct log_record records[BATCH];
	struct reading *reading = ctx;
	const struct source_file file = { .path = reading->path };
	struct log_files *files;
	int count;

	if (log_files_open(&files, &(struct log_files_options){ .files = &file, .count = 1, .wake_fd = -1 }, NULL) < 0)
		micro_give_up("a flow log cannot be opened");
	reading->records = 0;
	while ((count = log_files_read(files, records, BATCH, true, NULL)) > 0)
		reading->records += (uint64_t)count;
	log_files_close(files);
}

/* Lines as they come out of traffic: addresses at random, ports of clients and servers, some kilobytes. */
static int write_line(char *out, bool is_ipv6, bool is_json, struct random *random)
{
	uint64_t one = random_next(random), two = random_next(random);
	char source[48], destination[] = "2001:db8::1";

	if (is_ipv6)
		snprintf(source, sizeof(source), "2001:db8:%x::%x:%x", (unsigned)(two & 0xffff), (unsigned)(two >> 48),
			 (unsigned)(two >> 32) & 0xffff);
	else
		snprintf(source, sizeof(source), "%u.%u.%u.%u", (unsigned)(two & 0xff), (unsigned)(two >> 8) & 0xff,
			 (unsigned)(two >> 16) & 0xff, (unsigned)(two >> 24) & 0xff);
	return snprintf(out, LINE_MOST,
			"%s2 123456789010 eni-1235b8ca123456789 %s %s %u 443 6 %u %u 1700000000 %u ACCEPT OK%s\n",
			is_json ? "{\"message\":\"" : "", source, is_ipv6 ? destination : "10.0.0.1",
			32768 + (unsigned)(one & 0x7fff), 1 + (unsigned)(one >> 32) % 100,
			60 + (unsigned)(one >> 40) % 100000, 1700000000 + (unsigned)(one >> 20) % 60,
			is_json ? "\"}" : "");
}

static void measure(const char *name, bool is_ipv6, bool is_json)
{
	struct random random = random_of_seed(is_ipv6);
	struct reading reading;
	char *text = malloc((size_t)LINES * LINE_MOST);
	size_t length = 0;
	int fd = memfd_create("log", MFD_CLOEXEC);

	if (!text || fd < 0)
		micro_give_up("out of memory");
	for (int i = 0; i < LINES; i++)
		length += (size_t)write_line(text + length, is_ipv6, is_json, &random);
	for (size_t done = 0; done < length;) {
		ssize_t n = write(fd, text + done, length - done);

		if (n <= 0)
			micro_give_up("a flow log cannot be written");
		done += (size_t)n;
	}
	free(text);
	snprintf(reading.path, sizeof(reading.path), "/proc/self/fd/%d", fd);
	micro_measure(name, read_all, &reading, LINES);
	if (reading.records != LINES)
		micro_give_up("a flow log is not read as it should be");
	close(fd);
}

void micro_logs(void)
{
	measure("read a line of a flow log: default format, IPv4", false, false);
	measure("read a line of a flow log: default format, IPv6", true, false);
	measure("read a line of a flow log: in JSON, IPv4", false, true);
}
