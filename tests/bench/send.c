/* Sends small UDP packets from a device, at a steady rate:
 *
 *     send DEVICE SOURCE-MAC DESTINATION-MAC SOURCE DESTINATION FLOWS RATE SECONDS
 *
 * The frames are made beforehand: FLOWS source ports, to port 9, 18 bytes of payload each (60 bytes a frame). They go past the
 * device's queue, BATCH with one system call; between two batches the program sleeps, so that its processor time is that of
 * sending. RATE is packets a second; 0: as fast as it can. Prints the packets sent, the seconds that took, and its
 * processor time, as JSON. What the other end got of them is for the kernel to tell. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 32,
	ETHERNET = 14,
	IP = 20,
	UDP = 8,
	PAYLOAD = 18,
	FRAME = ETHERNET + IP + UDP + PAYLOAD,
	PORT_0 = 1024
};

static int die(const char *what)
{
	fprintf(stderr, "send: %s: %s\n", what, strerror(errno));
	return 1;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void store16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned checksum(const uint8_t *at, int bytes)
{
	unsigned sum = 0;

	for (int i = 0; i < bytes; i += 2)
		sum += (unsigned)at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16)) & 0xffff;
}

static bool put_mac(uint8_t *at, const char *text)
{
	const struct ether_addr *mac = ether_aton(text);

	if (mac)
		memcpy(at, mac, 6);
	return mac != NULL;
}

/* Of one flow; `addresses`: MACs of source and destination, then those of IP. UDP without a checksum. False: an address
 * that is none. */
static bool make_frame(uint8_t frame[static FRAME], char **addresses, unsigned port)
{
	uint8_t *ip = frame + ETHERNET, *udp = ip + IP;

	memset(frame, 0, FRAME);
	store16(frame + 12, ETHERTYPE_IP);
	ip[0] = 0x45;
	store16(ip + 2, FRAME - ETHERNET);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	store16(udp, port);
	store16(udp + 2, 9);
	store16(udp + 4, UDP + PAYLOAD);
	if (!put_mac(frame + 6, addresses[0]) || !put_mac(frame, addresses[1]) ||
	    inet_pton(AF_INET, addresses[2], ip + 12) != 1 || inet_pton(AF_INET, addresses[3], ip + 16) != 1)
		return false;
	store16(ip + 10, checksum(ip, IP));
	return true;
}

static int open_device(const char *name)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name) };
	int handle = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;

	if (handle < 0 || address.sll_ifindex == 0 ||
	    bind(handle, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    setsockopt(handle, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes)) != 0)
		return -1;
	return handle;
}

/* Sends a batch that begins with flow `first`. False: it could not. */
static bool send_batch(int handle, uint8_t (*frames)[FRAME], size_t flows, size_t first)
{
	struct mmsghdr messages[BATCH];
	struct iovec pieces[BATCH];
	int sent = 0, more;

	memset(messages, 0, sizeof(messages));
	for (size_t i = 0; i < BATCH; i++) {
		pieces[i] = (struct iovec){ frames[(first + i) % flows], FRAME };
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < BATCH) {
		more = sendmmsg(handle, messages + sent, (unsigned)(BATCH - sent), 0);
		if (more < 0 && errno != ENOBUFS && errno != EINTR)
			return false;
		sent += more > 0 ? more : 0;
	}
	return true;
}

static void sleep_until(int64_t when)
{
	const struct timespec time = { when / 1000000000, when % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

/* Packets sent, or -1. */
static int64_t send_all(int handle, uint8_t (*frames)[FRAME], size_t flows, double rate, double seconds)
{
	const int64_t start = now(), end = start + (int64_t)(seconds * 1e9);
	int64_t sent = 0, due;

	for (int64_t time = start; time < end; time = now()) {
		due = rate > 0 ? start + (int64_t)((double)sent * 1e9 / rate) : 0;
		if (due >= end)
			break;
		if (due > time)
			sleep_until(due);
		if (!send_batch(handle, frames, flows, (size_t)sent % flows))
			return -1;
		sent += BATCH;
	}
	return sent;
}

static double processor_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	const size_t flows = argc == 9 ? strtoul(argv[6], NULL, 10) : 0;
	uint8_t(*frames)[FRAME];
	int64_t sent, start;
	int handle;

	if (flows < 1 || flows > 65536 - PORT_0) {
		fputs("usage: send DEVICE SOURCE-MAC DESTINATION-MAC SOURCE DESTINATION FLOWS RATE SECONDS\n", stderr);
		return 2;
	}
	frames = malloc(flows * FRAME);
	if (!frames)
		return die("memory");
	for (size_t i = 0; i < flows; i++) {
		if (!make_frame(frames[i], argv + 2, PORT_0 + (unsigned)i)) {
			fputs("send: an address that is none\n", stderr);
			free(frames);
			return 2;
		}
	}
	handle = open_device(argv[1]);
	if (handle < 0) {
		free(frames);
		return die(argv[1]);
	}
	prctl(PR_SET_TIMERSLACK, 1UL);
	start = now();
	sent = send_all(handle, frames, flows, strtod(argv[7], NULL), strtod(argv[8], NULL));
	if (sent >= 0)
		printf("{\"packets\": %" PRId64 ", \"seconds\": %.6f, \"cpu\": %.6f}\n", sent,
		       (double)(now() - start) / 1e9, processor_seconds());
	free(frames);
	close(handle);
	return sent < 0 ? die("sendmmsg") : 0;
}
