/* tests/unit/capture/survey_rig.h - frames of stations by their numbers, put into a survey.
 *
 * Station 7 has the MAC 02:00:00:00:00:07; 0 has none (zeros), 255 is broadcast. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_SURVEY_RIG_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_SURVEY_RIG_H

#include "capture/hosts.h"
#include "capture/link.h"

#include "check.h"

struct rig {
	struct capture_points *points;
	struct capture_survey *survey;
	int64_t now_ns;
};

static inline struct rig rig_new(void)
{
	struct rig rig = { .now_ns = INT64_C(1700000000000000000) };

	assert_int_equal(capture_points_new(&rig.points, NULL), 0);
	assert_int_equal(capture_survey_new(&rig.survey, 1, NULL), 0);
	return rig;
}

static inline void rig_free(struct rig *rig)
{
	capture_survey_free(rig->survey);
	capture_points_free(rig->points);
}

/* A capture point of that name; returns its number. */
static inline uint32_t rig_point(struct rig *rig, const char *name, bool named)
{
	const struct flow_point *point = capture_points_get(rig->points, name, named);
	const struct capture_item item = { .kind = CAPTURE_POINT, .point = point->number, .appeared = point };

	assert_int_equal(capture_survey_add(rig->survey, &item, NULL), 0);
	return point->number;
}

/* What is put in; `word` as the capture's own, on Ethernet unless said otherwise. */
struct rig_frame {
	uint32_t point, link_type;
	enum flow_direction word;
	size_t original; /* 0: as captured */
};

static inline void rig_add(struct rig *rig, struct rig_frame frame, const uint8_t *bytes, size_t length)
{
	const struct capture_item item = {
		.kind = CAPTURE_FRAME,
		.point = frame.point,
		.link_type = frame.link_type ? frame.link_type : LINK_ETHERNET,
		.supported = true,
		.word = (uint8_t)frame.word,
		.captured = (uint32_t)length,
		.original = (uint32_t)(frame.original ? frame.original : length),
		.bytes = bytes,
		.time_ns = rig->now_ns,
	};

	assert_int_equal(capture_survey_add(rig->survey, &item, NULL), 0);
	rig->now_ns += 1000000;
}

static inline size_t rig_ethernet(uint8_t *out, uint8_t from, uint8_t to, uint16_t type)
{
	const uint8_t header[14] = {
		to ? 2 : 0,
		0,
		0,
		0,
		0,
		to, /* destination */
		from ? 2 : 0,
		0,
		0,
		0,
		0,
		from, /* source */
		(uint8_t)(type >> 8),
		(uint8_t)type,
	};

	memcpy(out, header, sizeof(header));
	if (to == 255)
		memset(out, 0xff, 6);
	return sizeof(header);
}

static inline void rig_put_be32(uint8_t *out, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* A UDP packet; raw IP frames have it alone. */
static inline void rig_ipv4(struct rig *rig, struct rig_frame frame, uint8_t from, uint8_t to, uint32_t source,
			    uint32_t destination)
{
	static const uint8_t header[] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17 }; /* to the protocol */
	uint8_t bytes[14 + 28] = { 0 };
	size_t at = frame.link_type == LINK_RAW ? 0 : rig_ethernet(bytes, from, to, 0x0800);

	memcpy(bytes + at, header, sizeof(header));
	rig_put_be32(bytes + at + 12, source);
	rig_put_be32(bytes + at + 16, destination);
	rig_add(rig, frame, bytes, at + 28);
}

/* An ARP request of a station that has the address `sender`. */
static inline void rig_arp(struct rig *rig, struct rig_frame frame, uint8_t from, uint32_t sender)
{
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t bytes[14 + 28] = { 0 };
	size_t at = rig_ethernet(bytes, from, 255, 0x0806);

	memcpy(bytes + at, request, sizeof(request));
	memcpy(bytes + at + 8, bytes + 6, 6);
	rig_put_be32(bytes + at + 14, sender);
	rig_add(rig, frame, bytes, at + 28);
}

#define HOST_IP(d) (0x0a000000u + (d)) /* 10.0.0.d */
#define FAR_IP(d)  (0xcb007100u + (d)) /* 203.0.113.d */

#endif
