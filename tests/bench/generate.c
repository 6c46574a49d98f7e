/* Makes traces to measure with: Ethernet frames of many flows between hosts of ours and the world, as pcap or pcapng.
 * The same arguments give the same bytes.
 *
 * A flow has a client and a server, one of them a host of ours (10.0.x.y, 2001:db8:0:1::, MAC 02:00:00:00:00:01 and
 * on), the other out in the world behind a gateway. Each packet draws a flow by Zipf's law and then a direction; the
 * first of a flow comes from its client. TCP opens with SYN and SYN-ACK, then has data, bare ACKs and now and then a
 * FIN. Sizes are drawn from three kinds: small (bare ACKs, short datagrams), full (1514 bytes), and all between. Only
 * what a meter looks at is made with care: IPv4 header checksums are right, those of TCP and UDP are 0, as on a host
 * whose network card fills them in; payload is random, so that it compresses as badly as ciphers do.
 *
 * With --spoof nothing is drawn: every packet comes from the next source, as in a flood, and goes to a host of ours;
 * after `flows` packets the first source comes again. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random.h"
#include "zipf.h"

enum {
	ETHERNET = 14,
	IPV4 = 20,
	IPV6 = 40,
	TCP = 20,
	UDP = 8,
	HEAD_MOST = ETHERNET + IPV6 + TCP,
	FRAME_LEAST = 60, /* without the check sequence; what is shorter is padded */
	FRAME_MOST = 1514,
	MIDDLE_LEAST = 100, /* frames neither small nor full are of this length to FRAME_MOST - 1 */
	BUFFER = 1 << 20,
	RECORD_MOST = 32 + FRAME_MOST +
		      8, /* with a record's head and tail, and payload written eight bytes at a time */
	BATCH = 64,
	FIN = 1,
	SYN = 2,
	PSH = 8,
	ACK = 16,
	MOST_FLOWS = 1 << 29,
	MOST_HOSTS = 65534,
	MICROSECONDS = 1000000
};

/* 2026-01-01 00:00:00 UTC: where a day begins, and so a window of any length that divides it. */
static const uint64_t time_zero = 1767225600;

struct recipe {
	const char *name;
	uint64_t packets;
	uint32_t flows, hosts, snaplen, rate; /* rate: packets a second */
	double zipf, ipv6, udp, small, full;  /* zipf: the exponent; the rest: shares, 0 to 1 */
	bool spoof, pcapng;
	uint64_t seed;
};

/* The traces that docs/performance.md reports on. */
static const struct recipe recipes[] = {
	{ "T1", 10000000, 100000, 1, 96, 100000, 1.0, 0.25, 0.25, 0.63, 0.20, false, false, 1 },
	{ "T2", 10000000, 2000000, 1, 96, 100000, 0.6, 0.25, 0.25, 0.63, 0.20, false, false, 1 },
	{ "T3", 30000000, 4000000, 1, 96, 100000, 0.0, 0.25, 0.25, 0.63, 0.20, true, false, 1 },
	{ "T4", 10000000, 100000, 1, 96, 100000, 1.0, 0.25, 0.25, 0.63, 0.20, false, true, 1 },
	{ "T5", 2000000, 300000, 1, 65535, 100000, 1.0, 0.25, 0.25, 0.22, 0.37, false, false, 1 },
};

/* What a flow remembers: the next sequence number of each side, and which sides have sent. */
struct flow {
	uint32_t sequence[2];
	uint8_t sent; /* bit 0: the client, bit 1: the server */
};

struct output {
	const char *path;
	int fd;
	size_t used;
	uint8_t bytes[BUFFER];
};

struct totals {
	uint64_t records, ipv6_records; /* flows times directions seen */
	uint64_t ipv6, udp, bytes;      /* packets; IP lengths */
};

struct generator {
	struct recipe recipe;
	struct zipf zipf;
	struct flow *flows;
	struct random ranks, choices, payload;
	struct totals totals;
	struct output *output;
};

/* One packet before it is bytes. */
struct packet {
	uint64_t scatter; /* bits that belong to the flow */
	uint32_t flow, host;
	bool ipv6, udp, from_host, from_client;
	uint8_t tcp_flags;
	uint32_t sequence, acknowledged;
	uint32_t payload, length; /* length: the IP length */
	uint64_t choice;          /* bits that belong to the packet */
};

static void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value & 0xffff);
}

static void put_le32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* A number of words in little endian, as all numbers of the files are here. */
static void put_words(uint8_t *at, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_le32(at + 4 * i, words[i]);
}

static bool output_flush(struct output *output)
{
	for (size_t at = 0; at < output->used;) {
		ssize_t written = write(output->fd, output->bytes + at, output->used - at);

		if (written < 0 && errno != EINTR) {
			fprintf(stderr, "generate: write %s: %s\n", output->path, strerror(errno));
			return false;
		}
		at += written > 0 ? (size_t)written : 0;
	}
	output->used = 0;
	return true;
}

static void put_file_head(struct output *output, const struct recipe *recipe)
{
	const uint32_t pcap[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, recipe->snaplen, 1 };
	const uint32_t pcapng[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff,      0xffffffff,
				    28,         1,  20,         1, recipe->snaplen, 20 };

	if (recipe->pcapng)
		put_words(output->bytes, pcapng, sizeof(pcapng) / 4);
	else
		put_words(output->bytes, pcap, sizeof(pcap) / 4);
	output->used = recipe->pcapng ? sizeof(pcapng) : sizeof(pcap);
}

/* What stands before a frame in the file; returns its length. */
static size_t put_record_head(uint8_t *at, const struct recipe *recipe, uint64_t time_us, uint32_t captured,
			      uint32_t original)
{
	const uint32_t pcap[] = { (uint32_t)(time_us / MICROSECONDS), (uint32_t)(time_us % MICROSECONDS), captured,
				  original };
	const uint32_t pcapng[] = {
		6, 32 + ((captured + 3) & ~3U), 0, (uint32_t)(time_us >> 32), (uint32_t)time_us, captured, original
	};

	if (recipe->pcapng)
		put_words(at, pcapng, sizeof(pcapng) / 4);
	else
		put_words(at, pcap, sizeof(pcap) / 4);
	return recipe->pcapng ? sizeof(pcapng) : sizeof(pcap);
}

/* And behind it: padding to four bytes and the length once more, in pcapng. */
static size_t put_record_tail(uint8_t *at, const struct recipe *recipe, uint32_t captured)
{
	uint32_t padding = -captured & 3;

	if (!recipe->pcapng)
		return 0;
	memset(at, 0, padding);
	put_le32(at + padding, 32 + captured + padding);
	return padding + 4;
}

static uint16_t port_of_client(const struct packet *packet)
{
	return (uint16_t)(32768 + (packet->scatter >> 16 & 0x7fff));
}

static uint16_t port_of_server(const struct packet *packet)
{
	static const uint16_t tcp[] = { 443, 443, 443, 443, 80, 22, 3306, 8080 }, udp[] = { 443, 443, 53, 123 };

	return packet->udp ? udp[packet->scatter >> 8 & 3] : tcp[packet->scatter >> 8 & 7];
}

static void put_ethernet(uint8_t *at, const struct packet *packet)
{
	const uint8_t gateway[] = { 0x02, 0x00, 0x00, 0xff, 0xff, 0xfe };
	uint8_t host[] = { 0x02, 0, 0, 0, 0, 0 };

	put_be32(host + 2, packet->host + 1);
	memcpy(at, packet->from_host ? gateway : host, 6);
	memcpy(at + 6, packet->from_host ? host : gateway, 6);
	put_be16(at + 12, packet->ipv6 ? 0x86dd : 0x0800);
}

/* An address in the world for each flow: 32.0.0.0/3 in an order that a bijection of 29 bits gives. */
static uint32_t world_address(uint32_t flow)
{
	const uint32_t mask = MOST_FLOWS - 1;
	uint32_t x = flow * 0x9e3779b1U & mask;

	x = (x ^ x >> 15) * 0x85ebca6bU & mask;
	return 0x20000000 | (x ^ x >> 14);
}

static void put_ipv4(uint8_t *at, const struct packet *packet)
{
	uint32_t host = 0x0a000000 + packet->host + 1, world = world_address(packet->flow), sum = 0;

	put_be32(at, 0x45000000 | packet->length);
	put_be32(at + 4, (uint32_t)(packet->choice >> 48) << 16 | 0x4000); /* an identification; do not fragment */
	put_be32(at + 8, 64U << 24 | (packet->udp ? 17U : 6U) << 16);
	put_be32(at + 12, packet->from_host ? host : world);
	put_be32(at + 16, packet->from_host ? world : host);
	for (int i = 0; i < IPV4; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(at + 10, ~(sum + (sum >> 16)) & 0xffff);
}

static void put_ipv6(uint8_t *at, const struct packet *packet)
{
	uint8_t *host = at + (packet->from_host ? 8 : 24), *world = at + (packet->from_host ? 24 : 8);

	put_be32(at, 6U << 28);
	put_be32(at + 4, (packet->length - IPV6) << 16 | (packet->udp ? 17U : 6U) << 8 | 64);
	put_be32(host, 0x20010db8);
	put_be32(host + 4, 1);
	put_be32(host + 8, 0);
	put_be32(host + 12, packet->host + 1);
	put_be32(world, 0x20010db8);
	put_be32(world + 4, 0x80000000U | (uint32_t)(packet->scatter >> 40));
	put_be32(world + 8, (uint32_t)(packet->scatter >> 4));
	put_be32(world + 12, world_address(packet->flow));
}

static void put_transport(uint8_t *at, const struct packet *packet)
{
	uint16_t client = port_of_client(packet), server = port_of_server(packet);

	put_be16(at, packet->from_client ? client : server);
	put_be16(at + 2, packet->from_client ? server : client);
	if (packet->udp) {
		put_be32(at + 4, (UDP + packet->payload) << 16);
		return;
	}
	put_be32(at + 4, packet->sequence);
	put_be32(at + 8, packet->tcp_flags & ACK ? packet->acknowledged : 0);
	put_be32(at + 12, 5U << 28 | (uint32_t)packet->tcp_flags << 16 | 0xfaf0);
	put_be32(at + 16, 0);
}

static uint32_t head_of(const struct packet *packet)
{
	return ETHERNET + (packet->ipv6 ? IPV6 : IPV4) + (packet->udp ? UDP : TCP);
}

/* Appends the packet to the output as a frame at most `snaplen` bytes long. */
static bool put_packet(struct generator *g, const struct packet *packet, uint64_t time_us)
{
	struct output *output = g->output;
	uint8_t head[HEAD_MOST], *at;
	uint32_t head_length = head_of(packet), end = ETHERNET + packet->length;
	uint32_t original = end < FRAME_LEAST ? FRAME_LEAST : end;
	uint32_t captured = original < g->recipe.snaplen ? original : g->recipe.snaplen;

	if (output->used + RECORD_MOST > BUFFER && !output_flush(output))
		return false;
	put_ethernet(head, packet);
	if (packet->ipv6)
		put_ipv6(head + ETHERNET, packet);
	else
		put_ipv4(head + ETHERNET, packet);
	put_transport(head + ETHERNET + (packet->ipv6 ? IPV6 : IPV4), packet);

	at = output->bytes + output->used;
	at += put_record_head(at, &g->recipe, time_us, captured, original);
	memcpy(at, head, HEAD_MOST);
	for (uint32_t i = head_length; i < captured && i < end; i += 8) {
		uint64_t random = random_next(&g->payload);

		memcpy(at + i, &random, 8);
	}
	if (end < captured)
		memset(at + end, 0, captured - end);
	at += captured;
	at += put_record_tail(at, &g->recipe, captured);
	output->used = (size_t)(at - output->bytes);
	return true;
}

/* `share` of all flows, spread evenly over the ranks: the fractions of multiples of an irrational number, in units of
 * 2^-32. Two such numbers that are independent of each other give two independent shares. */
static bool in_share(uint32_t flow, uint32_t irrational, double share)
{
	return (uint32_t)(0x80000000U + flow * irrational) < share * 4294967296.0;
}

static struct packet packet_of_flow(const struct generator *g, uint32_t flow)
{
	struct packet packet = { .flow = flow, .host = flow % g->recipe.hosts };

	packet.scatter = random_scatter(g->recipe.seed << 32 ^ flow);
	packet.ipv6 = in_share(flow, 3242174889U, g->recipe.ipv6); /* 0.7548776662 */
	packet.udp = in_share(flow, 2447445413U, g->recipe.udp);   /* 0.5698402910 */
	return packet;
}

/* A share of 2^16 that 16 random bits are held against. */
static bool falls(uint64_t choice, int bit, double share)
{
	return (double)(choice >> bit & 0xffff) < share * 65536;
}

/* Bytes behind the transport header, by the three kinds of sizes. */
static uint32_t draw_payload(const struct generator *g, const struct packet *packet)
{
	const struct recipe *recipe = &g->recipe;
	uint32_t head = head_of(packet), bits = (uint32_t)(packet->choice >> 32 & 0xffff);

	if (falls(packet->choice, 0, recipe->small))
		return packet->udp ? 12 + bits % 33 : 0;
	if (falls(packet->choice, 0, recipe->small + recipe->full))
		return FRAME_MOST - head;
	return MIDDLE_LEAST + (bits * (FRAME_MOST - MIDDLE_LEAST) >> 16) - head;
}

static uint8_t draw_tcp_flags(const struct packet *packet, const struct flow *flow)
{
	if (packet->from_client && !(flow->sent & 1))
		return SYN;
	if (!packet->from_client && !(flow->sent & 2))
		return SYN | ACK;
	if (packet->payload > 0)
		return packet->payload < FRAME_MOST - head_of(packet) ? PSH | ACK : ACK;
	return falls(packet->choice, 32, 1.0 / 256) ? FIN | ACK : ACK;
}

/* Draws all about the packet that is not its flow's. */
static void draw(struct generator *g, struct packet *packet, struct flow *flow)
{
	packet->choice = random_next(&g->choices);
	packet->from_client = flow->sent == 0 || g->recipe.spoof || packet->choice >> 16 & 1;
	packet->from_host = packet->from_client == (!g->recipe.spoof && packet->scatter & 1);
	packet->payload = draw_payload(g, packet);
	if (!packet->udp) {
		packet->tcp_flags = g->recipe.spoof ? SYN : draw_tcp_flags(packet, flow);
		if (packet->tcp_flags & SYN)
			packet->payload = 0;
		packet->sequence = (uint32_t)packet->scatter + flow->sequence[packet->from_client];
		packet->acknowledged = (uint32_t)packet->scatter + flow->sequence[!packet->from_client];
		flow->sequence[packet->from_client] += packet->payload + (packet->tcp_flags & (SYN | FIN) ? 1 : 0);
	}
	packet->length = head_of(packet) - ETHERNET + packet->payload;
}

static void count(struct totals *totals, const struct packet *packet, struct flow *flow)
{
	uint8_t side = packet->from_client ? 1 : 2;

	totals->records += !(flow->sent & side);
	totals->ipv6_records += packet->ipv6 && !(flow->sent & side);
	totals->ipv6 += packet->ipv6;
	totals->udp += packet->udp;
	totals->bytes += packet->length;
	flow->sent |= side;
}

/* The flows of the next packets. In two steps, so that looks into memory overlap. */
static void choose_flows(struct generator *g, uint64_t first, uint32_t flows[static BATCH])
{
	uint64_t numbers[BATCH];

	if (g->recipe.spoof) {
		for (uint64_t i = 0; i < BATCH; i++)
			flows[i] = (uint32_t)((first + i) % g->recipe.flows);
	} else {
		for (int i = 0; i < BATCH; i++) {
			numbers[i] = random_next(&g->ranks);
			__builtin_prefetch(&g->zipf.slots[zipf_slot_of(&g->zipf, numbers[i])]);
		}
		for (int i = 0; i < BATCH; i++)
			flows[i] = zipf_rank(&g->zipf, numbers[i]);
	}
	for (int i = 0; i < BATCH; i++)
		__builtin_prefetch(&g->flows[flows[i]], 1);
}

static bool generate(struct generator *g)
{
	uint32_t flows[BATCH];

	put_file_head(g->output, &g->recipe);
	for (uint64_t i = 0; i < g->recipe.packets; i++) {
		uint64_t time_us = time_zero * MICROSECONDS + i * MICROSECONDS / g->recipe.rate;
		struct packet packet;
		struct flow *flow;

		if (i % BATCH == 0)
			choose_flows(g, i, flows);
		flow = &g->flows[flows[i % BATCH]];
		packet = packet_of_flow(g, flows[i % BATCH]);
		draw(g, &packet, flow);
		count(&g->totals, &packet, flow);
		if (!put_packet(g, &packet, time_us))
			return false;
	}
	return output_flush(g->output);
}

static void print_totals(const struct generator *g)
{
	fprintf(stderr,
		"{\"packets\":%" PRIu64 ",\"records\":%" PRIu64 ",\"ipv6_records\":%" PRIu64 ",\"ipv6\":%" PRIu64
		",\"udp\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
		g->recipe.packets, g->totals.records, g->totals.ipv6_records, g->totals.ipv6, g->totals.udp,
		g->totals.bytes);
}

static int run(const struct recipe *recipe, const char *path)
{
	static struct output output;
	struct generator g = { .recipe = *recipe, .output = &output };
	bool good;

	g.ranks = random_of_seed(recipe->seed);
	g.choices = random_of_seed(~recipe->seed);
	g.payload = random_of_seed(recipe->seed ^ 0x5555555555555555U);
	g.flows = calloc(recipe->flows, sizeof(*g.flows));
	if (!g.flows || (!recipe->spoof && zipf_init(&g.zipf, recipe->flows, recipe->zipf) < 0)) {
		fprintf(stderr, "generate: not enough memory for %" PRIu32 " flows\n", recipe->flows);
		free(g.flows);
		return 1;
	}
	output.path = path;
	output.fd = strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (output.fd < 0)
		fprintf(stderr, "generate: open %s: %s\n", path, strerror(errno));
	good = output.fd >= 0 && generate(&g);
	if (output.fd >= 0 && close(output.fd) < 0 && good) {
		fprintf(stderr, "generate: close %s: %s\n", path, strerror(errno));
		good = false;
	}
	if (good)
		print_totals(&g);
	zipf_finish(&g.zipf);
	free(g.flows);
	return good ? 0 : 1;
}

/* Configuration for eniflow in which every host of ours is an interface, known by its MAC. */
static void print_ini(uint32_t hosts)
{
	for (uint32_t i = 1; i <= hosts; i++)
		printf("[interface host-%" PRIu32 "]\nmac = 02:00:00:00:%02" PRIx32 ":%02" PRIx32 "\n", i, i >> 8,
		       i & 0xff);
}

static void usage(FILE *to)
{
	fprintf(to,
		"usage: generate [--recipe T1] [OPTION]... OUTPUT\n"
		"OUTPUT is a file, or - for standard output. What was made is told on standard error, as JSON.\n"
		"  --recipe NAME      start from a recipe; what else is given changes it\n"
		"  --packets N --flows N --hosts N --snaplen BYTES --rate PACKETS_A_SECOND --seed N\n"
		"  --zipf EXPONENT    how unequal flows are; 0: all alike\n"
		"  --ipv6 SHARE --udp SHARE              of flows, 0 to 1\n"
		"  --small SHARE --full SHARE            of packets: smallest, and of 1514 bytes; the rest between\n"
		"  --spoof            every packet from the next source\n"
		"  --pcapng, --pcap   the format of the file\n"
		"  --ini              print one [interface] section a host, and make nothing\n"
		"recipes:\n");
	for (size_t i = 0; i < sizeof(recipes) / sizeof(*recipes); i++)
		fprintf(to,
			"  %s  %" PRIu64 " packets, %" PRIu32 " flows, Zipf %.1f, snaplen %" PRIu32
			", small %.2f, full %.2f%s%s\n",
			recipes[i].name, recipes[i].packets, recipes[i].flows, recipes[i].zipf, recipes[i].snaplen,
			recipes[i].small, recipes[i].full, recipes[i].spoof ? ", spoofed" : "",
			recipes[i].pcapng ? ", pcapng" : "");
}

static void refuse(const char *what, const char *why)
{
	fprintf(stderr, "generate: %s: %s\n", what, why);
	exit(2);
}

static uint64_t whole(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < least || value > most)
		refuse(text, "not a whole number that is possible here");
	return value;
}

static double real(const char *text, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= most))
		refuse(text, "not a number that is possible here");
	return value;
}

static struct recipe recipe_named(const char *name)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(*recipes); i++)
		if (strcmp(recipes[i].name, name) == 0)
			return recipes[i];
	refuse(name, "no such recipe");
	return recipes[0];
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "recipe", 1, NULL, 'R' }, { "packets", 1, NULL, 'p' }, { "flows", 1, NULL, 'f' },
		{ "hosts", 1, NULL, 'h' },  { "snaplen", 1, NULL, 's' }, { "rate", 1, NULL, 'r' },
		{ "seed", 1, NULL, 'S' },   { "zipf", 1, NULL, 'z' },    { "ipv6", 1, NULL, '6' },
		{ "udp", 1, NULL, 'u' },    { "small", 1, NULL, 'm' },   { "full", 1, NULL, 'F' },
		{ "spoof", 0, NULL, 'o' },  { "pcapng", 0, NULL, 'n' },  { "pcap", 0, NULL, 'c' },
		{ "ini", 0, NULL, 'i' },    { "help", 0, NULL, 'H' },    { NULL, 0, NULL, 0 },
	};
	struct recipe recipe = recipes[0];
	bool ini = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'R':
			recipe = recipe_named(optarg);
			break;
		case 'p':
			recipe.packets = whole(optarg, 0, INT64_MAX / MICROSECONDS);
			break;
		case 'f':
			recipe.flows = (uint32_t)whole(optarg, 1, MOST_FLOWS);
			break;
		case 'h':
			recipe.hosts = (uint32_t)whole(optarg, 1, MOST_HOSTS);
			break;
		case 's':
			recipe.snaplen = (uint32_t)whole(optarg, ETHERNET, 65535);
			break;
		case 'r':
			recipe.rate = (uint32_t)whole(optarg, 1, UINT32_MAX);
			break;
		case 'S':
			recipe.seed = whole(optarg, 0, UINT32_MAX);
			break;
		case 'z':
			recipe.zipf = real(optarg, 10);
			break;
		case '6':
			recipe.ipv6 = real(optarg, 1);
			break;
		case 'u':
			recipe.udp = real(optarg, 1);
			break;
		case 'm':
			recipe.small = real(optarg, 1);
			break;
		case 'F':
			recipe.full = real(optarg, 1);
			break;
		case 'o':
			recipe.spoof = true;
			break;
		case 'n':
			recipe.pcapng = true;
			break;
		case 'c':
			recipe.pcapng = false;
			break;
		case 'i':
			ini = true;
			break;
		case 'H':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (ini) {
		print_ini(recipe.hosts);
		return 0;
	}
	if (optind != argc - 1) {
		usage(stderr);
		return 2;
	}
	return run(&recipe, argv[optind]);
}
