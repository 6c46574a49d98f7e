#include "capture/survey.h"

#include <stdlib.h>

#include "capture/decode.h"
#include "capture/neighbour.h"

struct capture_survey {
	struct capture_survey_point *points;
	size_t count, room;
	struct capture_survey_point undecoded;
	struct capture_tally *tallies[SURVEY_END];
	struct capture_decoder decoder;
};

/* How many keys there is room for, in all capture points together: some 20 MB, of which only what is used is
 * touched. */
static const size_t rooms[SURVEY_END] = {
	[SURVEY_PROTOCOLS] = 4096, [SURVEY_TYPES] = 4096, [SURVEY_LINKS] = 256,
	[SURVEY_TALKS] = 65536,    [SURVEY_MACS] = 16384, [SURVEY_ADDRESSES] = 65536,
};

int capture_survey_new(struct capture_survey **out, uint64_t seed, struct error *err)
{
	struct capture_survey *survey = calloc(1, sizeof(*survey));
	int ret;

	if (!survey)
		return fail_memory(err, "survey");
	ret = capture_fragments_new(&survey->decoder.fragments, seed, err);
	for (size_t i = 0; ret >= 0 && i < SURVEY_END; i++)
		ret = capture_tally_new(&survey->tallies[i], rooms[i], seed, err);
	if (ret < 0)
		capture_survey_free(survey);
	else
		*out = survey;
	return ret;
}

void capture_survey_free(struct capture_survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; i < SURVEY_END; i++)
		capture_tally_free(survey->tallies[i]);
	capture_fragments_free(survey->decoder.fragments);
	free(survey->points);
	free(survey);
}

bool capture_survey_is_host(enum flow_family family, const struct flow_address *address)
{
	return !flow_address_is_multicast(family, address) && !flow_address_is_broadcast(family, address) &&
	       !flow_address_is_unspecified(address) && !flow_address_is_ipv6_link_local(family, address);
}

/* ---- one frame ---- */

static void count_number(struct capture_survey *survey, enum capture_survey_tally tally, uint32_t group,
			 uint16_t number)
{
	const struct capture_tally_key key = { .group = group, .number = number };

	capture_tally_at(survey->tallies[tally], &key)[SURVEY_FRAMES]++;
}

static void count_talk(struct capture_survey *survey, const struct flow_observation *packet, uint64_t bytes)
{
	bool turn = memcmp(&packet->source, &packet->destination, sizeof(packet->source)) > 0;
	const struct capture_tally_key key = {
		.group = packet->point,
		.family = packet->family,
		.address = turn ? packet->destination : packet->source,
		.other = turn ? packet->source : packet->destination,
	};
	uint64_t *counts = capture_tally_at(survey->tallies[SURVEY_TALKS], &key);

	counts[SURVEY_PACKETS]++;
	counts[SURVEY_BYTES] += bytes;
}

static struct capture_tally_key mac_key(const struct flow_observation *frame, const uint8_t mac[static 6])
{
	struct capture_tally_key key = { .group = frame->point };

	if (frame->has_macs)
		memcpy(key.mac, mac, sizeof(key.mac));
	return key;
}

static void count_macs(struct capture_survey *survey, const struct flow_observation *frame)
{
	const struct capture_tally_key source = mac_key(frame, frame->source_mac);
	const struct capture_tally_key destination = mac_key(frame, frame->destination_mac);
	uint64_t *counts;

	if (!frame->has_macs || frame->group)
		return;
	counts = capture_tally_at(survey->tallies[SURVEY_MACS], &source);
	counts[SURVEY_SENT]++;
	counts[SURVEY_OUT] += frame->word == FLOW_EGRESS;
	counts = capture_tally_at(survey->tallies[SURVEY_MACS], &destination);
	counts[SURVEY_RECEIVED]++;
	counts[SURVEY_IN] += frame->word == FLOW_INGRESS;
}

/* The counts of an address and the MAC at its end, or NULL for what is no host's. */
static uint64_t *counts_of(struct capture_survey *survey, const struct flow_observation *frame,
			   const uint8_t mac[static 6], enum flow_family family, const struct flow_address *address)
{
	struct capture_tally_key key = mac_key(frame, mac);

	key.family = (uint8_t)family;
	key.address = *address;
	return capture_survey_is_host(family, address) ? capture_tally_at(survey->tallies[SURVEY_ADDRESSES], &key)
						       : NULL;
}

static void count_addresses(struct capture_survey *survey, const struct flow_observation *packet)
{
	enum flow_family family = packet->family;
	uint64_t *counts = counts_of(survey, packet, packet->source_mac, family, &packet->source);

	if (counts) {
		if (counts[SURVEY_SENT] == 0 && packet->has_macs) {
			const struct capture_tally_key mac = mac_key(packet, packet->source_mac);

			capture_tally_at(survey->tallies[SURVEY_MACS], &mac)[SURVEY_BEHIND]++;
		}
		counts[SURVEY_SENT]++;
		counts[SURVEY_OUT] += packet->word == FLOW_EGRESS;
	}
	if (packet->group)
		return;
	counts = counts_of(survey, packet, packet->destination_mac, family, &packet->destination);
	if (counts) {
		counts[SURVEY_RECEIVED]++;
		counts[SURVEY_IN] += packet->word == FLOW_INGRESS;
	}
}

/* An address that the sender claims. Without MACs only the capture's word tells that it is that of this end. */
static void count_claim(struct capture_survey *survey, const struct capture_item *item,
			const struct flow_observation *frame)
{
	enum { ICMPV6 = 58 };
	struct flow_host claimed;
	struct cursor rest;
	uint64_t *counts;
	int type;

	if (frame->kind != FLOW_NON_IP && (frame->kind != FLOW_PACKET || frame->protocol != ICMPV6))
		return;
	type = capture_neighbour_type(item, &rest);
	if (frame->kind == FLOW_NON_IP)
		count_number(survey, SURVEY_TYPES, item->point, type < 0 ? SURVEY_NO_TYPE : (uint16_t)type);
	if ((!frame->has_macs && frame->word != FLOW_EGRESS) ||
	    !capture_neighbour_claims(type, rest, frame->has_macs ? frame->source_mac : NULL, &claimed))
		return;
	counts = counts_of(survey, frame, frame->source_mac, claimed.family, &claimed.address);
	if (counts)
		counts[SURVEY_CLAIMED]++;
}

static void count_packet(struct capture_survey *survey, struct capture_survey_point *point,
			 const struct flow_observation *packet, uint64_t bytes)
{
	if (packet->family == FLOW_IPV4)
		point->ipv4++;
	else
		point->ipv6++;
	count_number(survey, SURVEY_PROTOCOLS, packet->point, packet->protocol);
	count_talk(survey, packet, bytes);
	count_addresses(survey, packet);
}

static void count_time(struct capture_survey_point *point, int64_t time_ns)
{
	if (point->frames == 0) {
		point->first_ns = point->last_ns = time_ns;
	} else if (time_ns < point->before_ns) {
		point->early++;
		if (point->before_ns - time_ns > point->most_early_ns)
			point->most_early_ns = point->before_ns - time_ns;
	}
	if (time_ns < point->first_ns)
		point->first_ns = time_ns;
	if (time_ns > point->last_ns)
		point->last_ns = time_ns;
	point->before_ns = time_ns;
}

static void count_frame(struct capture_survey_point *point, const struct capture_item *item)
{
	count_time(point, item->time_ns);
	point->frames++;
	point->bytes += item->original;
	point->cut += item->captured < item->original;
	point->lost += item->lost;
}

static void add_frame(struct capture_survey *survey, const struct capture_item *item)
{
	struct capture_survey_point *point = item->supported ? &survey->points[item->point] : &survey->undecoded;
	struct flow_observation frame;

	count_frame(point, item);
	if (!item->supported) {
		count_number(survey, SURVEY_LINKS, 0, (uint16_t)item->link_type);
		return;
	}
	capture_decode(&survey->decoder, item, &frame);
	point->kinds[frame.kind]++;
	point->words[frame.word]++;
	point->unicast += frame.has_macs && !frame.group;
	count_macs(survey, &frame);
	count_claim(survey, item, &frame);
	if (frame.kind == FLOW_PACKET)
		count_packet(survey, point, &frame, item->original);
}

/* ---- the file ---- */

static int add_point(struct capture_survey *survey, const struct flow_point *point, struct error *err)
{
	while (survey->count <= point->number) {
		if (survey->count == survey->room) {
			size_t room = survey->room ? 2 * survey->room : 4;
			struct capture_survey_point *points = realloc(survey->points, room * sizeof(*points));

			if (!points)
				return fail_memory(err, "survey");
			survey->points = points;
			survey->room = room;
		}
		survey->points[survey->count++] = (struct capture_survey_point){ 0 };
	}
	survey->points[point->number].point = point;
	return 0;
}

int capture_survey_add(struct capture_survey *survey, const struct capture_item *item, struct error *err)
{
	switch (item->kind) {
	case CAPTURE_POINT:
		return add_point(survey, item->appeared, err);
	case CAPTURE_LOSS:
		survey->points[item->point].lost += item->lost;
		break;
	case CAPTURE_FRAME:
		add_frame(survey, item);
		break;
	}
	return 0;
}

void capture_survey_finish(struct capture_survey *survey)
{
	for (size_t i = 0; i < SURVEY_END; i++)
		capture_tally_sort(survey->tallies[i]);
}

const struct capture_survey_point *capture_survey_points(const struct capture_survey *survey, size_t *count)
{
	*count = survey->count;
	return survey->points;
}

const struct capture_survey_point *capture_survey_undecoded(const struct capture_survey *survey)
{
	return &survey->undecoded;
}

const struct capture_tally_entry *capture_survey_entries(const struct capture_survey *survey,
							 enum capture_survey_tally tally, uint32_t point, size_t *count)
{
	return capture_tally_group(survey->tallies[tally], point, count);
}

uint64_t capture_survey_forgotten(const struct capture_survey *survey, enum capture_survey_tally tally)
{
	return capture_tally_forgotten(survey->tallies[tally]);
}
