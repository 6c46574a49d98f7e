/* Writes the page of a made-up comparison to standard output: page NAME. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/html.h"
#include "flow/observation.h"

enum { BEGIN = 1795168817 }; /* 2026-11-20 10:00:17 UTC */

static uint64_t state = 42;

static uint32_t below(uint32_t bound)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33) % bound;
}

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static struct compare_interface *add_interface(struct compare_result *result, const char *id, const char *device)
{
	struct compare_interface *interface;

	result->interfaces = must(
		realloc(result->interfaces, (result->interface_count + 1) * sizeof(*result->interfaces)));
	interface = &result->interfaces[result->interface_count++];
	memset(interface, 0, sizeof(*interface));
	interface->id = id ? must(strdup(id)) : NULL;
	interface->device = device ? must(strdup(device)) : NULL;
	return interface;
}

/* As much traffic as a day has at that hour. */
static uint64_t packets_at(int64_t second)
{
	int64_t minute = second % 86400 / 60, from_noon = minute > 720 ? minute - 720 : 720 - minute;

	return 400 + (uint64_t)(720 - from_noon) * 3 + below(400);
}

static void book(struct compare_interface *interface, struct compare_interval *interval, bool has_faults)
{
	uint64_t packets = packets_at(interval->start), missing = has_faults && below(9) == 0 ? below(400) + 1 : 0;

	interval->sums[COMPARE_CAPTURE] = (struct compare_sums){ packets, packets * 640 };
	interval->sums[COMPARE_LOG] = (struct compare_sums){ packets - missing, (packets - missing) * 640 };
	interval->agreeing = 20 + below(30);
	interval->differing = missing ? 1 + below(3) : 0;
	for (int side = 0; side < COMPARE_SIDES; side++) {
		interface->sums[side].packets += interval->sums[side].packets;
		interface->sums[side].bytes += interval->sums[side].bytes;
	}
	interface->flows[COMPARE_AGREES] += interval->agreeing;
}

static void judge(const struct compare_result *result, struct compare_interface *interface, size_t count,
		  bool has_faults)
{
	interface->is_judged = true;
	interface->start = BEGIN;
	interface->end = BEGIN + (int64_t)(count * result->interval) - 1;
	interface->intervals = must(calloc(count, sizeof(*interface->intervals)));
	interface->interval_count = count;
	for (size_t i = 0; i < count; i++) {
		interface->intervals[i].start = BEGIN + (int64_t)(i * result->interval);
		book(interface, &interface->intervals[i], has_faults);
	}
}

/* Shades a few intervals, as if the log had nothing of them. */
static void omit(struct compare_interface *interface, size_t from, size_t count, bool is_skipped)
{
	for (size_t i = from; i < from + count && i < interface->interval_count; i++) {
		interface->intervals[i].is_skipped = is_skipped;
		interface->intervals[i].is_missing = !is_skipped;
		interface->intervals[i].sums[COMPARE_LOG] = (struct compare_sums){ 0, 0 };
		interface->intervals[i].differing = interface->intervals[i].agreeing;
		interface->intervals[i].agreeing = 0;
	}
}

static void make_ends(struct compare_key *key, size_t number)
{
	static const uint8_t near[] = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x62 };
	static const uint8_t far[] = { 0x20, 1, 0xd, 0xb8, 0, 0xff, 0, 0, 2, 0x22, 0x33, 0xff, 0xfe, 0x44, 0x55, 0x66 };
	static const uint8_t near4[] = { 10, 0, 0, 62 };
	uint8_t far4[] = { 203, 0, 113, (uint8_t)(number % 250 + 1) };

	key->family = number % 4 == 3 ? FLOW_IPV6 : FLOW_IPV4;
	memcpy(key->destination.octets, key->family == FLOW_IPV6 ? near : near4, key->family == FLOW_IPV6 ? 16 : 4);
	memcpy(key->source.octets, key->family == FLOW_IPV6 ? far : far4, key->family == FLOW_IPV6 ? 16 : 4);
	key->protocol = number % 5 == 4 ? 17 : number % 11 == 10 ? 1 : 6;
	key->source_port = (uint16_t)(51022 - number % 4000);
	key->destination_port = key->protocol == 17 ? 53 : 443;
	key->direction = number % 3 == 2 ? FLOW_EGRESS : FLOW_INGRESS;
}

static struct compare_finding *add_finding(struct compare_result *result, uint32_t interface,
					   enum compare_verdict verdict, enum compare_cause cause, const char *detail)
{
	size_t number = result->finding_count;
	struct compare_finding *finding;

	if ((number & (number - 1)) == 0)
		result->findings = must(
			realloc(result->findings, (number ? number * 2 : 1) * sizeof(*result->findings)));
	finding = &result->findings[result->finding_count++];
	memset(finding, 0, sizeof(*finding));
	finding->verdict = (uint8_t)verdict;
	finding->cause = (uint8_t)cause;
	finding->key.interface = interface;
	make_ends(&finding->key, number);
	finding->start = BEGIN + (int64_t)(number % 25 * 60);
	finding->end = finding->start + 40 + (int64_t)below(60);
	for (int side = 0; side < COMPARE_SIDES; side++) {
		uint64_t packets = 10 + below(200);

		if (verdict == (side == COMPARE_LOG ? COMPARE_CAPTURE_ONLY : COMPARE_LOG_ONLY) ||
		    (side == COMPARE_CAPTURE && verdict == COMPARE_UNSEEN))
			continue;
		finding->sums[side][verdict == COMPARE_UNSEEN ? FLOW_REJECT : FLOW_ACCEPT] = (struct compare_sums){
			packets, packets * 76
		};
	}
	for (int side = 0; side < COMPARE_SIDES; side++)
		for (int action = FLOW_ACCEPT; action <= FLOW_REJECT; action++)
			if (finding->sums[side][action].packets)
				finding->held[side] = finding->sums[side][action];
	finding->detail = detail ? must(strdup(detail)) : NULL;
	result->interfaces[interface].flows[verdict]++;
	return finding;
}

static void add_usual_findings(struct compare_result *result)
{
	struct compare_finding *finding;

	finding = add_finding(result, 0, COMPARE_DIFFERS, COMPARE_AFTER_CLOSE, "118 of 120 packets before the FIN");
	finding->held[COMPARE_LOG] = finding->sums[COMPARE_LOG][FLOW_ACCEPT] = (struct compare_sums){ 118, 9120 };
	finding->held[COMPARE_CAPTURE] = finding->sums[COMPARE_CAPTURE][FLOW_ACCEPT] = (struct compare_sums){ 120,
													      9224 };
	add_finding(result, 0, COMPARE_DIFFERS, COMPARE_UNEXPLAINED, NULL);
	finding = add_finding(result, 0, COMPARE_DIFFERS, COMPARE_RULES,
			      "allowed by sg-web: ingress tcp 443 from 0.0.0.0/0");
	finding->sums[COMPARE_LOG][FLOW_REJECT] = (struct compare_sums){ 3, 180 };
	for (int i = 0; i < 9; i++)
		add_finding(result, 0, COMPARE_DIFFERS, COMPARE_SKIPDATA, "SKIPDATA at 2026-11-20 10:08:17");
	add_finding(result, 0, COMPARE_LOG_ONLY, COMPARE_CAPTURE_DROPS, "312 packets lost at 10:03");
	add_finding(result, 0, COMPARE_CAPTURE_ONLY, COMPARE_NOT_LOGGED, "DNS of the VPC");
	add_finding(result, 0, COMPARE_CAPTURE_ONLY, COMPARE_MISSING_RECORDS, NULL);
	add_finding(result, 0, COMPARE_UNSEEN, COMPARE_REJECTED_BEFORE, NULL);
}

static void make_differs(struct compare_result *result)
{
	struct compare_interface *interface = add_interface(result, "eni-1235b8ca123456789", "eth0");
	struct error err;

	result->offset = 1.98;
	result->offset_flows = 34;
	judge(result, interface, 30, true);
	omit(interface, 8, 2, true);
	omit(interface, 20, 1, false);
	interface->flows[COMPARE_EDGE] = 14;
	interface->edge_records = 14;
	interface->by_bytes = 31;
	add_usual_findings(result);
	judge(result, add_interface(result, "eni-0a1b2c3d4e5f60718", "eth1"), 30, false);
	add_finding(result, 1, COMPARE_CAPTURE_ONLY, COMPARE_TRANSLATED, "192.0.2.14 in the log");
	add_interface(result, "eni-0ffffffffffffffff", NULL);
	compare_result_remark(result, &err, "web.pcap is cut off after packet 8,211,004; what is there was compared");
	compare_result_remark(result, &err, "3 lines of fl-0abc.log.gz could not be read, the first at line 4102");
}

static void make_agrees(struct compare_result *result)
{
	result->agrees = true;
	result->is_offset_given = true;
	judge(result, add_interface(result, "eni-1235b8ca123456789", "eth0"), 30, false);
}

static void make_day(struct compare_result *result)
{
	struct compare_interface *interface = add_interface(result, "eni-1235b8ca123456789", "");

	judge(result, interface, 1440, true);
	omit(interface, 300, 45, true);
	omit(interface, 900, 100, false);
	add_usual_findings(result);
}

static void make_month(struct compare_result *result)
{
	judge(result, add_interface(result, "eni-1235b8ca123456789", ""), 43200, true);
	add_usual_findings(result);
}

static void make_one(struct compare_result *result)
{
	judge(result, add_interface(result, "eni-1235b8ca123456789", ""), 1, false);
	result->interfaces[0].intervals[0].sums[COMPARE_LOG] = (struct compare_sums){ 0, 0 };
	result->interfaces[0].intervals[0].differing = 1;
	add_finding(result, 0, COMPARE_CAPTURE_ONLY, COMPARE_UNEXPLAINED, NULL);
}

/* Nothing agrees at all. */
static void make_other(struct compare_result *result)
{
	struct compare_interface *interface = add_interface(result, "eni-1235b8ca123456789", "eth0");

	judge(result, interface, 60, false);
	interface->flows[COMPARE_AGREES] = 0;
	interface->sums[COMPARE_LOG] = (struct compare_sums){ 0, 0 };
	for (size_t i = 0; i < interface->interval_count; i++) {
		uint64_t packets = below(1500);

		interface->intervals[i].sums[COMPARE_LOG] = (struct compare_sums){ packets, packets * 900 };
		interface->sums[COMPARE_LOG].packets += packets;
		interface->sums[COMPARE_LOG].bytes += packets * 900;
		interface->intervals[i].differing = interface->intervals[i].agreeing;
		interface->intervals[i].agreeing = 0;
	}
	for (size_t i = 0; i < 400; i++)
		add_finding(result, 0, i % 2 ? COMPARE_LOG_ONLY : COMPARE_CAPTURE_ONLY, COMPARE_WRONG_INTERFACE,
			    "2 of 402 flows of the capture are in the log");
}

static void make_nothing(struct compare_result *result)
{
	struct error err;

	add_interface(result, "eni-1235b8ca123456789", NULL);
	add_interface(result, NULL, "eth0");
	compare_result_remark(result, &err,
			      "fl-0abc.log.gz ends at 2026-11-19 23:59:59, web.pcap begins at 2026-11-20 10:00:17");
}

static void make_many(struct compare_result *result)
{
	char name[32];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "eni-%017d", i);
		judge(result, add_interface(result, name, "eth0"), 300, i % 2 == 0);
	}
	for (uint32_t i = 0; i < 5000; i++)
		add_finding(result, i / 1000 * 2, COMPARE_DIFFERS, 1 + below(COMPARE_CAUSES - 1), "some reason");
}

static void make_hostile(struct compare_result *result)
{
	static const char evil[] = "\"><script>alert('x')</script>&amp;\x01\x1b[31m\xff\xc0\xaf\xe2\x80\xae'";
	struct error err;

	judge(result, add_interface(result, evil, evil), 3, true);
	add_finding(result, 0, COMPARE_DIFFERS, COMPARE_UNEXPLAINED, evil);
	add_interface(result, evil, NULL);
	add_interface(result, NULL, evil);
	compare_result_remark(result, &err, "%s", evil);
}

static const struct {
	const char *name;
	void (*make)(struct compare_result *);
} pages[] = {
	{ "differs", make_differs }, { "agrees", make_agrees }, { "day", make_day },
	{ "month", make_month },     { "one", make_one },       { "other", make_other },
	{ "nothing", make_nothing }, { "many", make_many },     { "hostile", make_hostile },
};

int main(int argc, char **argv)
{
	struct compare_report_options options = { .log = "fl-0abc.log.gz", .capture = "web.pcap", .version = "0.1.0" };
	struct compare_result *result = must(calloc(1, sizeof(*result)));
	struct error err = { "" };
	int ret = -1;

	result->interval = 60;
	for (size_t i = 0; argc == 2 && i < sizeof(pages) / sizeof(*pages); i++) {
		if (strcmp(argv[1], pages[i].name) != 0)
			continue;
		pages[i].make(result);
		if (pages[i].make == make_hostile)
			options.log = options.capture = options.version = result->remarks[0];
		ret = compare_html(stdout, result, &options, &err);
	}
	compare_result_free(result);
	if (ret < 0)
		fprintf(stderr, "%s\n", *err.text ? err.text : "there is no such page");
	return ret < 0;
}
