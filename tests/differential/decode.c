/* What the decoder makes of every frame of a capture, a line each, for comparison with other programs:
 *
 *     decode FILE [vxlan] [geneve] [gre]
 *
 * prints number, kind, source, destination, source port, destination port, protocol, bytes, tcp-flags, source MAC and
 * destination MAC ("-": none). For a frame that is no packet the line ends after its kind. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/decode.h"

static const char *const kinds[] = {
	[FLOW_PACKET] = "packet",       [FLOW_NON_IP] = "non-ip",           [FLOW_TRUNCATED] = "truncated",
	[FLOW_MALFORMED] = "malformed", [FLOW_UNSUPPORTED] = "unsupported",
};

static void print_address(const struct flow_observation *seen, const struct flow_address *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(seen->family == FLOW_IPV4 ? AF_INET : AF_INET6, address->octets, text, sizeof(text));
	printf(" %s", text);
}

static void print_mac(bool has_macs, const uint8_t mac[static 6])
{
	if (has_macs)
		printf(" %02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	else
		printf(" -");
}

static void print(unsigned long number, const struct flow_observation *seen)
{
	printf("%lu %s", number, kinds[seen->kind]);
	if (seen->kind == FLOW_PACKET) {
		print_address(seen, &seen->source);
		print_address(seen, &seen->destination);
		printf(" %u %u %u %" PRIu64 " %u", seen->source_port, seen->destination_port, seen->protocol,
		       seen->bytes, seen->tcp_flags);
		print_mac(seen->has_macs, seen->source_mac);
		print_mac(seen->has_macs, seen->destination_mac);
	}
	putchar('\n');
}

static unsigned tunnel(const char *name)
{
	if (strcmp(name, "vxlan") == 0)
		return CAPTURE_VXLAN;
	return strcmp(name, "geneve") == 0 ? CAPTURE_GENEVE : CAPTURE_GRE;
}

static int decode_file(struct capture_file *file, struct capture_decoder *decoder, struct error *err)
{
	struct capture_item item;
	unsigned long number = 0;
	int ret;

	while ((ret = capture_file_next(file, &item, true, err)) > 0) {
		struct flow_observation seen;

		if (item.kind != CAPTURE_FRAME)
			continue;
		capture_decode(decoder, &item, &seen);
		print(++number, &seen);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct capture_file_options options = { .path = argc > 1 ? argv[1] : "-", .wake_fd = -1 };
	struct capture_decoder decoder = { 0 };
	struct capture_file *file = NULL;
	struct error err;
	int ret;

	for (int i = 2; i < argc; i++)
		decoder.tunnels |= tunnel(argv[i]);
	ret = capture_points_new(&options.points, &err);
	if (ret >= 0)
		ret = capture_fragments_new(&decoder.fragments, 1, &err);
	if (ret >= 0)
		ret = capture_file_open(&file, &options, &err);
	if (ret >= 0)
		ret = decode_file(file, &decoder, &err);
	if (ret < 0)
		fprintf(stderr, "%s\n", err.text);
	if (file)
		capture_file_close(file);
	capture_fragments_free(decoder.fragments);
	capture_points_free(options.points);
	return ret < 0 ? 2 : 0;
}
