#include "cli/findings.h"

#include <inttypes.h>
#include <time.h>

#include "capture/hosts.h"
#include "cli/amount.h"
#include "cli/listing.h"
#include "cli/names.h"

enum { DETAILED_MOST = 32, TALKS_MOST = 5, NUMBERS_MOST = 12, NAMES_MOST = 8, PAIR_MOST = 55 };

/* What a fact begins with, and the lines below it. */
#define LABEL(text) "    " text
static const char indent[] = "                ";

/* Strings of files reach a terminal: control characters do not. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static void add_count(struct listing *listing, uint64_t number, const char *what)
{
	char text[AMOUNT_SIZE];

	if (number > 0)
		listing_add(listing, "%s %s", amount_count(number, text), what);
}

/* ---- time ---- */

static void put_time(FILE *out, int64_t ns, bool with_date)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[32];
	struct tm parts;

	if (gmtime_r(&seconds, &parts) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) > 0)
		fputs(with_date ? text : strchr(text, ' ') + 1, out);
}

/* "2026-09-21 14:13:20 to 14:16:22 UTC (3 min 2 s)": the second date only where it is another. */
static void put_span(FILE *out, int64_t first_ns, int64_t last_ns)
{
	const int64_t day_ns = INT64_C(86400000000000);
	char span[AMOUNT_SIZE];

	put_time(out, first_ns, true);
	fputs(" to ", out);
	put_time(out, last_ns, first_ns / day_ns != last_ns / day_ns);
	fprintf(out, " UTC (%s)", amount_span((double)(last_ns - first_ns) / 1e9, span));
}

static void put_frames(FILE *out, const struct capture_survey_point *point)
{
	char bytes[AMOUNT_SIZE];

	amount_put(out, point->frames, "frame");
	if (point->frames == 0)
		return;
	fprintf(out, ", %s on the wire, ", amount_bytes((double)point->bytes, bytes));
	put_span(out, point->first_ns, point->last_ns);
}

/* ---- one capture point ---- */

/* The numbers of a tally, those seen most first. */
static void add_numbers(struct listing *listing, const struct capture_survey *survey, enum capture_survey_tally tally,
			uint32_t group, names_fn *name)
{
	size_t count;
	const struct capture_tally_entry *entries = capture_survey_entries(survey, tally, group, &count);
	uint64_t rest = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t frames = entries[i].counts[SURVEY_FRAMES];
		char unnamed[NAMES_SIZE];

		if (i < NUMBERS_MOST)
			add_count(listing, frames, name(entries[i].key.number, unnamed));
		else
			rest += frames;
	}
	add_count(listing, rest, "others");
}

static void print_kinds(FILE *out, const struct capture_survey *survey, const struct capture_survey_point *point)
{
	struct listing listing;

	if (point->kinds[FLOW_PACKET] > 0) {
		listing = listing_begin(out, LABEL("packets     "), indent);
		add_count(&listing, point->ipv4, "IPv4");
		add_count(&listing, point->ipv6, "IPv6");
		listing_end(&listing);
		listing = listing_begin(out, indent, indent);
		add_numbers(&listing, survey, SURVEY_PROTOCOLS, point->point->number, names_protocol);
		listing_end(&listing);
	}
	if (point->kinds[FLOW_NON_IP] > 0) {
		listing = listing_begin(out, LABEL("not IP      "), indent);
		add_numbers(&listing, survey, SURVEY_TYPES, point->point->number, names_frame_type);
		listing_end(&listing);
	}
	if (point->kinds[FLOW_TRUNCATED] + point->kinds[FLOW_MALFORMED] > 0) {
		listing = listing_begin(out, LABEL("unreadable  "), indent);
		add_count(&listing, point->kinds[FLOW_TRUNCATED], "cut off inside the headers");
		add_count(&listing, point->kinds[FLOW_MALFORMED], "malformed");
		listing_end(&listing);
	}
	if (point->kinds[FLOW_PACKET] == 0)
		fprintf(out, "%sNo frame is IP. Unless that is so, the file gives a wrong link type.\n", indent);
}

static void print_direction(FILE *out, const struct capture_survey_point *point)
{
	struct listing listing = listing_begin(out, LABEL("direction   "), indent);

	if (point->words[FLOW_INGRESS] + point->words[FLOW_EGRESS] > 0) {
		add_count(&listing, point->words[FLOW_INGRESS], "in");
		add_count(&listing, point->words[FLOW_EGRESS], "out");
		add_count(&listing, point->words[FLOW_UNKNOWN], "not told");
	} else {
		listing_add(&listing, "not told by the capture itself");
	}
	listing_end(&listing);
}

/* What somebody who trusts the numbers should know. */
static void print_faults(FILE *out, const struct capture_survey_point *point)
{
	char number[AMOUNT_SIZE], span[AMOUNT_SIZE];

	if (point->lost > 0)
		fprintf(out, LABEL("dropped     %s, as the capture tells\n"), amount_count(point->lost, number));
	if (point->early > 0)
		fprintf(out, LABEL("disorder    %s earlier than the frame before, by %s at most\n"),
			amount_count(point->early, number), amount_span((double)point->most_early_ns / 1e9, span));
	if (point->cut > 0)
		fprintf(out, LABEL("cut short   %s captured in part\n"), amount_count(point->cut, number));
}

static void print_talks(FILE *out, const struct capture_survey *survey, const struct capture_survey_point *point)
{
	size_t count;
	const struct capture_tally_entry *talks = capture_survey_entries(survey, SURVEY_TALKS, point->point->number,
									 &count);

	for (size_t i = 0; i < count && i < TALKS_MOST; i++) {
		const struct capture_tally_key *key = &talks[i].key;
		char bytes[AMOUNT_SIZE], one[LISTING_ADDRESS_SIZE], other[LISTING_ADDRESS_SIZE];

		listing_address(one, key->family, &key->address);
		listing_address(other, key->family, &key->other);
		fprintf(out, "%s%7s  %s <->", i == 0 ? LABEL("busiest     ") : indent,
			amount_bytes((double)talks[i].counts[SURVEY_BYTES], bytes), one);
		if (strlen(one) + strlen(other) > PAIR_MOST)
			fprintf(out, "\n%s        ", indent);
		fprintf(out, " %s, ", other);
		amount_put(out, talks[i].counts[SURVEY_PACKETS], "packet");
		fputc('\n', out);
	}
	if (count > TALKS_MOST) {
		fprintf(out, "%sof ", indent);
		amount_put(out, count, "pair");
		fputs(capture_survey_forgotten(survey, SURVEY_TALKS) > 0
			      ? " still held; those seen least were forgotten on the way\n"
			      : "\n",
		      out);
	}
}

/* What tells whose capture it is; the MAC and addresses themselves stand in the section (cli/sections.h). */
static void print_interface(FILE *out, const struct capture_survey *survey, const struct capture_survey_point *point)
{
	struct capture_hosts hosts;
	char first[LISTING_MAC_SIZE], second[LISTING_MAC_SIZE], number[AMOUNT_SIZE];

	capture_hosts_find(&hosts, survey, point);
	listing_mac(first, hosts.items[0].mac);
	listing_mac(second, hosts.items[1].mac);
	fputs(LABEL("interface   "), out);
	switch (hosts.by) {
	case HOSTS_UNKNOWN:
		fputs("nothing tells which MAC or address is its own\n", out);
		break;
	case HOSTS_ONE_MAC:
		fprintf(out, "%s, an end of %.0f %% of the frames to one station\n", first,
			100.0 * (double)hosts.items[0].frames / (double)point->unicast);
		break;
	case HOSTS_MAC_BY_WORD:
		fprintf(out, "%s, which sends what goes out and gets what comes in\n", first);
		break;
	case HOSTS_MAC_BY_ADDRESSES:
		fprintf(out,
			"%s, it seems: of the two MACs that frames go between,\n%s%s has addresses of others behind "
			"it, as a router has\n",
			first, indent, second);
		break;
	case HOSTS_EITHER_MAC:
		fprintf(out, "%s or %s: frames go between these two MACs,\n%sand nothing tells which is its own\n",
			first, second, indent);
		break;
	case HOSTS_SEVERAL_MACS:
		if (hosts.count == 1)
			fprintf(out, "%s, it seems: the only MAC with an address behind it\n", first);
		else
			fprintf(out,
				"several, as at a switch or a bridge: %s MACs have addresses behind them,\n%sand none "
				"is in nearly all frames\n",
				amount_count(hosts.count + hosts.more, number), indent);
		break;
	case HOSTS_ADDRESS_BY_WORD:
		fputs("the addresses below, which send what goes out and get what comes in\n", out);
		break;
	case HOSTS_ONE_ADDRESS:
		fputs("the address below, which nearly all packets are from or to\n", out);
		break;
	case HOSTS_EITHER_ADDRESS:
		fputs("one of the two addresses that packets go between; nothing tells which\n", out);
		break;
	}
}

/* What the file says of the interfaces that are this capture point: one, or that of each section of the file. */
static void put_described(FILE *out, const struct capture_file *file, const struct flow_point *point)
{
	const struct capture_file_interface *about, *before = NULL;
	char unnamed[NAMES_SIZE], number[AMOUNT_SIZE];

	for (size_t i = 0; (about = capture_file_interface(file, i)); i++) {
		if (!about->name || strcmp(about->name, point->name) != 0 ||
		    (before && before->link_type == about->link_type && before->snaplen == about->snaplen &&
		     strcmp(before->resolution, about->resolution) == 0))
			continue;
		fprintf(out, "%s%s", before ? "; " : ": ", names_link(about->link_type, unnamed));
		if (!strstr(capture_file_format(file), about->resolution))
			fprintf(out, ", %s", about->resolution);
		if (about->snaplen > 0)
			fprintf(out, ", snap length %s", amount_count(about->snaplen, number));
		if (about->description) {
			fputs(", ", out);
			put_text(out, about->description);
		}
		if (about->hardware) {
			fputs(", ", out);
			put_text(out, about->hardware);
		}
		before = about;
	}
}

static void print_point(FILE *out, const struct capture_file *file, const struct capture_survey *survey,
			const struct capture_survey_point *point, bool only)
{
	fputs("  ", out);
	put_text(out, *point->point->name ? point->point->name : "no device name (NAME=FILE gives one)");
	put_described(out, file, point->point);
	fputc('\n', out);
	if (!only) {
		fputs("    ", out);
		put_frames(out, point);
		fputc('\n', out);
	}
	if (point->frames > 0) {
		print_kinds(out, survey, point);
		print_direction(out, point);
	}
	print_faults(out, point);
	if (point->frames > 0)
		print_interface(out, survey, point);
	print_talks(out, survey, point);
}

/* ---- the file ---- */

static void add_up(struct capture_survey_point *sum, const struct capture_survey_point *point)
{
	if (point->frames == 0)
		return;
	if (sum->frames == 0 || point->first_ns < sum->first_ns)
		sum->first_ns = point->first_ns;
	if (sum->frames == 0 || point->last_ns > sum->last_ns)
		sum->last_ns = point->last_ns;
	sum->frames += point->frames;
	sum->bytes += point->bytes;
}

static void print_head(FILE *out, const struct capture_file *file, const struct capture_survey_point *sum, bool whole)
{
	const char *compression = capture_input_compression(capture_file_input(file));

	put_text(out, capture_file_path(file));
	fprintf(out, ": %s", capture_file_format(file));
	if (compression)
		fprintf(out, ", %s", compression);
	fputs("\n  ", out);
	put_frames(out, sum);
	fputs(whole ? "\n" : " - as far as it was read\n", out);
}

static void print_undecoded(FILE *out, const struct capture_survey *survey)
{
	struct listing listing;

	if (capture_survey_undecoded(survey)->frames == 0)
		return;
	listing = listing_begin(out, "  not decoded   ", indent);
	add_numbers(&listing, survey, SURVEY_LINKS, 0, names_link);
	listing_end(&listing);
}

/* Interfaces that are described and have no frames. */
static void print_idle(FILE *out, const struct capture_survey_point *points, size_t count)
{
	size_t idle = 0;
	char number[AMOUNT_SIZE];

	for (size_t i = 0; i < count; i++) {
		const char *name = points[i].point->name;

		if (points[i].frames > 0 || points[i].lost > 0 || !*name || idle++ >= NAMES_MOST)
			continue;
		fputs(idle == 1 ? "  no frames     " : ", ", out);
		put_text(out, name);
	}
	if (idle > NAMES_MOST)
		fprintf(out, " and %s more", amount_count(idle - NAMES_MOST, number));
	if (idle > 0)
		fputc('\n', out);
}

void findings_print(FILE *out, const struct capture_file *file, const struct capture_survey *survey, bool whole)
{
	size_t count, shown = 0;
	const struct capture_survey_point *points = capture_survey_points(survey, &count);
	struct capture_survey_point sum = *capture_survey_undecoded(survey);
	char number[AMOUNT_SIZE];

	for (size_t i = 0; i < count; i++)
		add_up(&sum, &points[i]);
	print_head(out, file, &sum, whole);
	for (size_t i = 0; i < count; i++) {
		if (points[i].frames == 0 && points[i].lost == 0)
			continue;
		if (shown++ < DETAILED_MOST)
			print_point(out, file, survey, &points[i], points[i].frames == sum.frames);
	}
	if (shown > DETAILED_MOST)
		fprintf(out, "  and %s more interfaces with frames\n", amount_count(shown - DETAILED_MOST, number));
	print_undecoded(out, survey);
	print_idle(out, points, count);
}
