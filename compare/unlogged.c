#include "compare/unlogged.h"

#include "compare/elsewhere.h"
#include "flow/exclusion.h"

enum { PORT_DNS = 53, PORT_ACTIVATION = 1688 };

/* What is guessed of the interface's surroundings. */
struct guess {
	struct flow_prefix vpcs[2], subnet;
	struct flow_interface interface; /* points into this struct */
};

/* 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16. */
static bool is_private(const struct flow_address *address)
{
	const uint8_t *o = address->octets;

	return o[0] == 10 || (o[0] == 100 && (o[1] & 0xc0) == 64) || (o[0] == 172 && (o[1] & 0xf0) == 16) ||
	       (o[0] == 192 && o[1] == 168);
}

static struct flow_prefix network_of(const struct flow_address *address)
{
	struct flow_prefix out = { .family = FLOW_IPV4, .length = 24, .base = *address };

	out.base.octets[3] = 0;
	return out;
}

static int make_guess(struct guess *guess, const struct compare_key *key, struct error *err)
{
	const struct flow_address *ends[] = { &key->source, &key->destination };

	*guess = (struct guess){ .interface = { .vpc_cidrs = guess->vpcs, .subnet_cidrs = &guess->subnet } };
	if (key->family != FLOW_IPV4)
		return flow_interface_prepare(&guess->interface, err);
	for (size_t i = 0; i < 2; i++)
		if (is_private(ends[i]) && ends[i]->octets[3] == 2)
			guess->vpcs[guess->interface.vpc_cidr_count++] = network_of(ends[i]);
	if (is_private(ends[1]) && ends[1]->octets[3] == 1 && memcmp(ends[0]->octets, ends[1]->octets, 3) == 0) {
		guess->subnet = network_of(ends[1]);
		guess->interface.subnet_cidr_count = 1;
	}
	return flow_interface_prepare(&guess->interface, err);
}

static enum flow_exclusion exclusion_of(const struct flow_interface *interface, const struct compare_key *key)
{
	struct flow_observation packet = {
		.kind = FLOW_PACKET,
		.family = key->family,
		.protocol = key->protocol,
		.source_port = key->source_port,
		.destination_port = key->destination_port,
		.source = key->source,
		.destination = key->destination,
		.packets = 1,
	};

	return flow_exclusion_of(interface, &packet);
}

/* Does AWS's service stand at the source? */
static bool is_from_service(const struct compare_key *key, enum flow_exclusion why)
{
	const uint8_t *source = key->source.octets;

	if (why == FLOW_EXCLUDED_DNS)
		return key->source_port == PORT_DNS && key->destination_port != PORT_DNS;
	if (why == FLOW_EXCLUDED_ROUTER)
		return false;
	return key->family == FLOW_IPV4 ? source[0] == 169 && source[1] == 254 && source[2] == 169
					: source[0] == 0xfd && source[1] == 0 && source[2] == 0x0e && source[3] == 0xc2;
}

/* The port that is the service's own; 0: all are. */
static uint16_t port_of(const struct compare_key *key, enum flow_exclusion why)
{
	switch (why) {
	case FLOW_EXCLUDED_DNS:
		return PORT_DNS;
	case FLOW_EXCLUDED_ACTIVATION:
		return PORT_ACTIVATION;
	case FLOW_EXCLUDED_DHCP:
		return key->destination_port;
	default:
		return 0;
	}
}

static void say(struct compare_lack *lack, enum flow_exclusion why, bool is_guess)
{
	static const char *const names[FLOW_EXCLUSION_END] = {
		[FLOW_EXCLUDED_METADATA] = "instance metadata at",
		[FLOW_EXCLUDED_TIME] = "the Amazon Time Sync Service at",
		[FLOW_EXCLUDED_DNS] = "DNS at",
		[FLOW_EXCLUDED_ACTIVATION] = "Windows activation at",
		[FLOW_EXCLUDED_DHCP] = "DHCP from or to",
		[FLOW_EXCLUDED_ROUTER] = "to",
	};
	const struct compare_key *key = &lack->finding->key;
	bool is_in_log = lack->finding->verdict == COMPARE_LOG_ONLY;
	char address[COMPARE_PHRASE_ENDPOINT];
	const char *looks = "", *then = "";

	if (is_guess && why == FLOW_EXCLUDED_DNS)
		looks = ", which looks like the Amazon DNS server";
	else if (is_guess && why == FLOW_EXCLUDED_ROUTER)
		looks = ", which looks like the router of the VPC";
	if (is_in_log)
		then = "; the capture was read without it: --exclude aws";
	else if (is_guess)
		then = why == FLOW_EXCLUDED_DNS ? "; set vpc-cidr" : "; set subnet-cidr";
	compare_phrase_address(address, key, is_from_service(key, why));
	compare_lack_say(lack, "%s %s%s%s", names[why], address, looks, then);
}

int compare_unlogged(struct compare_lack *lack, struct error *err)
{
	static const struct flow_interface nothing_known;
	const struct compare_key *key = &lack->finding->key;
	uint8_t verdict = lack->finding->verdict;
	enum flow_exclusion known, guessed;
	struct guess guess;
	int ret;

	if (verdict != COMPARE_CAPTURE_ONLY && !(verdict == COMPARE_LOG_ONLY && lack->about->options->is_excluding))
		return 0;
	ret = make_guess(&guess, key, err);
	if (ret < 0)
		return ret;
	known = exclusion_of(&nothing_known, key);
	guessed = exclusion_of(&guess.interface, key);
	if (guessed == FLOW_NOT_EXCLUDED)
		return 0;
	ret = compare_elsewhere_has(lack, verdict == COMPARE_LOG_ONLY ? COMPARE_CAPTURE : COMPARE_LOG,
				    port_of(key, guessed), err);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	say(lack, guessed, known == FLOW_NOT_EXCLUDED);
	return 1;
}
