#include "compare/elsewhere.h"

#include <errno.h>

#include "compare/kindred.h"
#include "output/protocol.h"

/* So many flows are looked at: whoever scans ports or addresses makes very many that are akin. */
enum { TRANSLATED_MOST = 64, FRAGMENTS_MOST = 1024, KIN_MOST = 64 };

static enum compare_side other(enum compare_side side)
{
	return side == COMPARE_LOG ? COMPARE_CAPTURE : COMPARE_LOG;
}

/* What a side has of a flow in the time in both. */
static struct compare_sums sums_of(const struct compare_case *about, enum compare_side side,
				   const struct compare_flow *flow)
{
	const struct compare_part *parts = about->ledgers[side]->parts;
	int64_t offset = side == COMPARE_CAPTURE ? about->offset : 0;
	struct compare_sums sums = { 0 };

	for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE; at = parts[at].next) {
		if (parts[at].start + offset < about->start || parts[at].end + offset > about->end)
			continue;
		compare_sums_add(&sums, &(struct compare_sums){ parts[at].packets, parts[at].bytes });
	}
	return sums;
}

/* The flow's key as it would be on that side of this pair of interfaces. */
static struct compare_key key_on(const struct compare_case *about, enum compare_side side,
				 const struct compare_key *key)
{
	struct compare_key out = *key;

	out.interface = about->interfaces[side];
	return out;
}

static const struct compare_flow *counterpart(const struct compare_case *about, enum compare_side side,
					      const struct compare_key *key)
{
	struct compare_key wanted = key_on(about, side, key);

	return compare_ledger_find(about->ledgers[side], &wanted);
}

/* On `side` (and not on the other): the first flow of that kinship with the same sums, or NULL in *found. */
static int find_translated(const struct compare_lack *lack, enum compare_side side, enum compare_kinship kinship,
			   const struct compare_flow **found, struct error *err)
{
	const struct compare_case *about = lack->about;
	const struct compare_sums *wanted = &lack->finding->held[other(side)];
	struct compare_key key = key_on(about, side, &lack->finding->key);
	const struct compare_flow *flow;
	struct compare_kin kin;
	int ret = compare_kindred_find(about->kindred, side, kinship, &key, &kin, err);

	*found = NULL;
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < TRANSLATED_MOST && (flow = compare_kin_next(&kin)); i++) {
		struct compare_sums sums;

		if (counterpart(about, other(side), &flow->key))
			continue;
		sums = sums_of(about, side, flow);
		if ((sums.packets > 0 || sums.bytes > 0) && compare_lack_same(lack, &sums, wanted)) {
			*found = flow;
			return 0;
		}
	}
	return 0;
}

int compare_elsewhere_translated(struct compare_lack *lack, struct error *err)
{
	const struct compare_case *about = lack->about;
	uint8_t verdict = lack->finding->verdict;
	enum compare_side side = verdict == COMPARE_LOG_ONLY ? COMPARE_CAPTURE : COMPARE_LOG;
	char source[COMPARE_PHRASE_ENDPOINT], destination[COMPARE_PHRASE_ENDPOINT];
	const struct compare_flow *found;
	int ret;

	if ((verdict != COMPARE_LOG_ONLY && verdict != COMPARE_CAPTURE_ONLY) || about->interfaces[side] == COMPARE_NONE)
		return 0;
	ret = find_translated(lack, side, COMPARE_SAME_SOURCE, &found, err);
	if (ret == 0 && !found)
		ret = find_translated(lack, side, COMPARE_SAME_DESTINATION, &found, err);
	if (ret < 0 || !found)
		return ret;
	compare_lack_say(
		lack, "same ports and sums as %s -> %s in the %s", compare_phrase_address(source, &found->key, true),
		compare_phrase_address(destination, &found->key, false), side == COMPARE_LOG ? "log" : "capture");
	return 1;
}

/* Flows between two addresses: all, and those without ports, on a side. */
struct between {
	struct compare_sums all, portless;
	bool has_fragments;
	bool is_whole; /* none was left out */
};

static int add_up(const struct compare_lack *lack, enum compare_side side, struct between *out, struct error *err)
{
	const struct compare_case *about = lack->about;
	struct compare_key key = key_on(about, side, &lack->finding->key);
	const struct compare_flow *flow;
	struct compare_kin kin;
	int ret = compare_kindred_find(about->kindred, side, COMPARE_SAME_ADDRESSES, &key, &kin, err);

	*out = (struct between){ .is_whole = true };
	if (ret < 0)
		return ret;
	for (size_t i = 0; (flow = compare_kin_next(&kin)); i++) {
		struct compare_sums sums = sums_of(about, side, flow);

		if (i == FRAGMENTS_MOST) {
			out->is_whole = false;
			return 0;
		}
		compare_sums_add(&out->all, &sums);
		out->has_fragments |= flow->has_fragments;
		if (flow->key.source_port == 0 && flow->key.destination_port == 0)
			compare_sums_add(&out->portless, &sums);
	}
	return 0;
}

/* Is it worth adding up? There has to be a flow without ports, and where this one has some, fragments in it. */
static bool may_be_fragments(const struct compare_lack *lack)
{
	const struct compare_case *about = lack->about;
	struct compare_key portless = lack->finding->key;

	if (!output_protocol_has_ports(portless.protocol) || about->interfaces[COMPARE_LOG] == COMPARE_NONE ||
	    about->interfaces[COMPARE_CAPTURE] == COMPARE_NONE)
		return false;
	if (portless.source_port == 0 && portless.destination_port == 0)
		return true;
	portless.source_port = portless.destination_port = 0;
	return about->flows[COMPARE_CAPTURE] && about->flows[COMPARE_CAPTURE]->has_fragments &&
	       (counterpart(about, COMPARE_LOG, &portless) || counterpart(about, COMPARE_CAPTURE, &portless));
}

int compare_elsewhere_fragments(struct compare_lack *lack, struct error *err)
{
	const struct compare_key *key = &lack->finding->key;
	enum compare_side more;
	struct between sides[COMPARE_SIDES];
	struct compare_sums moved;

	if (!may_be_fragments(lack))
		return 0;
	for (unsigned side = 0; side < COMPARE_SIDES; side++)
		if (add_up(lack, side, &sides[side], err) < 0)
			return -ENOMEM;
	more = sides[COMPARE_LOG].portless.packets > sides[COMPARE_CAPTURE].portless.packets ? COMPARE_LOG
											     : COMPARE_CAPTURE;
	moved = sides[more].portless;
	if (!sides[COMPARE_CAPTURE].has_fragments || !sides[COMPARE_LOG].is_whole || !sides[COMPARE_CAPTURE].is_whole ||
	    moved.packets == sides[other(more)].portless.packets || moved.bytes < sides[other(more)].portless.bytes ||
	    !compare_lack_same(lack, &sides[COMPARE_LOG].all, &sides[COMPARE_CAPTURE].all))
		return 0;
	moved.packets -= sides[other(more)].portless.packets;
	moved.bytes -= sides[other(more)].portless.bytes;
	/* Of the flow without ports the side has more; of one with ports the other side. */
	if (!compare_lack_within(lack, key->source_port || key->destination_port ? other(more) : more, &moved))
		return 0;
	compare_lack_say(lack, "the %s counts %s of these addresses without ports, as fragments, and the %s with them",
			 more == COMPARE_LOG ? "log" : "capture", compare_packets(moved.packets).text,
			 more == COMPARE_LOG ? "capture" : "log");
	return 1;
}

int compare_elsewhere_has(const struct compare_lack *lack, enum compare_side side, uint16_t port, struct error *err)
{
	struct compare_key key = key_on(lack->about, side, &lack->finding->key);
	const struct compare_flow *flow;
	struct compare_kin kin;
	int ret;

	if (lack->about->interfaces[side] == COMPARE_NONE)
		return 0;
	ret = compare_kindred_find(lack->about->kindred, side, COMPARE_SAME_ADDRESSES, &key, &kin, err);
	for (size_t i = 0; ret == 0 && i < KIN_MOST && (flow = compare_kin_next(&kin)); i++)
		if (port == 0 || flow->key.source_port == port || flow->key.destination_port == port)
			return 1;
	return ret;
}
