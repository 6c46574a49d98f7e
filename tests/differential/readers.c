/* Holds our readers against libpcap's: every capture named is read with both, packet by packet - time, captured and
 * original length, link type, every byte. A line is printed for each file; one that differs is a failure.
 *
 * Where libpcap gives up (it wants one link type, snap length and byte order in a file), all before that is compared.
 * What is ours by design is allowed for: an original length under the captured one, seconds beyond 2038 in classic
 * files, and the time of simple packet blocks, which libpcap takes as 0. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pcap/pcap.h>

#include "capture/file.h"
#include "capture/link.h"

enum { NS_PER_SECOND = 1000000000 };

/* One file, read by both. */
struct pair {
	struct capture_points *points;
	struct capture_file *ours;
	pcap_t *theirs;
	struct error err;
	char their_err[PCAP_ERRBUF_SIZE];
	int64_t last_ns; /* of the packet before */
	uint64_t packets;
};

static int differ(const char *path, const struct pair *pair, const char *what, int64_t ours, int64_t theirs)
{
	printf("%s: DIFFERS in %s at packet %" PRIu64 ": %" PRId64 ", libpcap has %" PRId64 "\n", path, what,
	       pair->packets + 1, ours, theirs);
	return 1;
}

/* Our next packet. As capture_file_next(). */
static int next_of_ours(struct pair *pair, struct capture_item *item)
{
	int ret;

	do
		ret = capture_file_next(pair->ours, item, true, &pair->err);
	while (ret > 0 && item->kind != CAPTURE_FRAME);
	return ret;
}

/* Their numbers are signed, those in classic files are not. One outside of what 64 bits hold in nanoseconds, and that
 * of a simple packet block, is the time of the packet before. */
static bool same_time(const struct pair *pair, int64_t ours, const struct timeval *theirs)
{
	const int64_t era = INT64_C(1) << 32, most = INT64_MAX / NS_PER_SECOND - 1;
	bool classic = strcmp(capture_file_format(pair->ours), "pcapng") != 0;
	int64_t seconds = theirs->tv_sec;

	if (classic && seconds < 0)
		seconds += era;
	if (classic && theirs->tv_usec < 0)
		return true; /* an hour's worth of microseconds beside the seconds: theirs is lost */
	if (seconds >= 0 && seconds <= most && ours == seconds * NS_PER_SECOND + theirs->tv_usec)
		return true;
	return ours == pair->last_ns && (seconds <= 0 || seconds > most);
}

/* libpcap turns the attributes of NFLOG into the byte order of the host; so do we, in a copy. */
static void turn_nflog(uint8_t *bytes, size_t length, enum byte_order order)
{
	size_t at = 4;

	while (length >= 4 && at <= length - 4) {
		uint16_t size = load_16(order, bytes + at), type = load_16(order, bytes + at + 2);

		memcpy(bytes + at, &size, 2);
		memcpy(bytes + at + 2, &type, 2);
		if (size < 4)
			return;
		at += (size_t)size + (-(size_t)size & 3);
	}
}

static bool same_bytes(const struct pair *pair, const struct capture_item *item, const u_char *theirs, size_t length)
{
	static uint8_t copy[CAPTURE_FRAME_MOST];

	if (!pcap_is_swapped(pair->theirs) || item->link_type != LINK_NFLOG)
		return memcmp(item->bytes, theirs, length) == 0;
	memcpy(copy, item->bytes, length);
	turn_nflog(copy, length, item->order);
	return memcmp(copy, theirs, length) == 0;
}

static int compare_packet(const char *path, struct pair *pair, const struct capture_item *item,
			  const struct pcap_pkthdr *head, const u_char *bytes)
{
	uint32_t snaplen = (uint32_t)pcap_snapshot(pair->theirs);
	uint32_t captured = item->captured > snaplen ? snaplen : item->captured; /* libpcap cuts what is longer */
	uint32_t original = head->len > item->captured ? head->len : item->captured;

	if (!same_time(pair, item->time_ns, &head->ts))
		return differ(path, pair, "time", item->time_ns / NS_PER_SECOND, head->ts.tv_sec);
	if (head->caplen != item->captured && head->caplen != captured)
		return differ(path, pair, "captured length", item->captured, head->caplen);
	if (item->original != original)
		return differ(path, pair, "original length", item->original, head->len);
	if (item->supported && capture_link_dlt(item->link_type) != pcap_datalink(pair->theirs) &&
	    item->link_type != (uint32_t)pcap_datalink(pair->theirs)) /* it leaves 14 as it is */
		return differ(path, pair, "link type", item->link_type, pcap_datalink(pair->theirs));
	if (!same_bytes(pair, item, bytes, head->caplen))
		return differ(path, pair, "bytes", 0, 0);
	pair->last_ns = item->time_ns;
	pair->packets++;
	return 0;
}

/* libpcap has ended, well or not. Where it ended well, we must have, too. */
static int compare_ends(const char *path, struct pair *pair, bool well)
{
	struct capture_item item;
	uint64_t more = 0;

	while (next_of_ours(pair, &item) > 0)
		more++;
	if (well && more > 0)
		return differ(path, pair, "number of packets", (int64_t)(pair->packets + more), (int64_t)pair->packets);
	printf("%s: %" PRIu64 " packets agree%s", path, pair->packets,
	       capture_file_is_damaged(pair->ours) ? ", with damage" : "");
	if (!well)
		printf("; libpcap gives up: %s; we read %" PRIu64 " more", pcap_geterr(pair->theirs), more);
	printf("\n");
	return 0;
}

static int compare(const char *path, struct pair *pair)
{
	for (;;) {
		struct pcap_pkthdr *head;
		const u_char *bytes;
		struct capture_item item;
		int theirs = pcap_next_ex(pair->theirs, &head, &bytes), ours;

		if (theirs != 1)
			return compare_ends(path, pair, theirs == PCAP_ERROR_BREAK);
		ours = next_of_ours(pair, &item);
		if (ours < 0)
			return differ(path, pair, pair->err.text, ours, 1);
		if (ours == 0)
			return differ(path, pair, "number of packets, which is less", (int64_t)pair->packets,
				      (int64_t)pair->packets + 1);
		if (compare_packet(path, pair, &item, head, bytes))
			return 1;
	}
}

/* May we refuse a file that libpcap reads? Only for a link type that is not decoded. */
static int judge_refusal(const char *path, const struct pair *pair)
{
	for (uint32_t type = 0; pair->theirs && type <= UINT16_MAX; type++) {
		if (capture_link_is_supported(type) && capture_link_dlt(type) == pcap_datalink(pair->theirs)) {
			printf("%s: DIFFERS: libpcap reads it, we say: %s\n", path, pair->err.text);
			return 1;
		}
	}
	printf("%s: refused (%s)\n", path, pair->theirs ? "its link type is not decoded" : "also by libpcap");
	return 0;
}

static int count_ours(const char *path, struct pair *pair)
{
	struct capture_item item;

	while (next_of_ours(pair, &item) > 0)
		pair->packets++;
	printf("%s: libpcap does not read it: %s; we read %" PRIu64 " packets\n", path, pair->their_err, pair->packets);
	return 0;
}

static int read_both(const char *path)
{
	struct pair pair = { 0 };
	struct capture_file_options options = { .path = path, .wake_fd = -1 };
	int ret;

	if (capture_points_new(&pair.points, &pair.err) < 0)
		return 1;
	options.points = pair.points;
	ret = capture_file_open(&pair.ours, &options, &pair.err);
	pair.theirs = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, pair.their_err);
	if (ret < 0)
		ret = judge_refusal(path, &pair);
	else
		ret = pair.theirs ? compare(path, &pair) : count_ours(path, &pair);
	if (pair.theirs)
		pcap_close(pair.theirs);
	capture_file_close(pair.ours);
	capture_points_free(pair.points);
	return ret;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += read_both(argv[i]);
	if (argc < 2)
		fprintf(stderr, "usage: %s CAPTURE...\n", argv[0]);
	return failed > 0 || argc < 2;
}
