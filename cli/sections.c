#include "cli/sections.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/amount.h"
#include "cli/inifile.h"
#include "cli/listing.h"

enum { NAME_MOST = 60, DEVICE_MOST = 180, POINTS_MOST = 64 };

/* One section that was written. */
struct section {
	char name[NAME_MOST + 24]; /* with a number behind it */
	char *device;              /* the name of its capture point */
	bool has_mac;
	uint8_t mac[6];
	struct flow_address ipv4, ipv6; /* primary addresses; zeros: none */
};

/* What the sections of one capture point have in common. */
struct place {
	const struct flow_point *point;
	const char *path;
	bool device_needed; /* other points of the file have no real name either, so that one must be named */
};

void sections_free(struct sections *sections)
{
	for (size_t i = 0; i < sections->count; i++)
		free(sections->items[i].device);
	free(sections->items);
}

/* ---- names ---- */

/* What can stand between "[interface " and "]", made of `text`. */
static void make_name(char out[static NAME_MOST + 1], const char *text, size_t length)
{
	size_t used = 0;

	for (; used < length && used < NAME_MOST; used++) {
		char c = text[used];

		out[used] = inifile_is_control(c) || strchr(" ];#", c) ? '-' : c;
	}
	out[used] = '\0';
	if (strspn(out, "-") == used)
		snprintf(out, NAME_MOST + 1, "eni");
}

/* Sections are called as the device, or as the file where no device is named: /tmp/web.pcap.gz is "web". */
static void base_name(char out[static NAME_MOST + 1], const struct place *place)
{
	const char *slash = strrchr(place->path, '/');
	const char *file = slash ? slash + 1 : place->path;

	if (*place->point->name)
		make_name(out, place->point->name, strlen(place->point->name));
	else
		make_name(out, file, strcspn(file, "."));
}

static bool is_taken(const struct sections *sections, const char *name)
{
	for (size_t i = 0; i < sections->count; i++)
		if (strcmp(sections->items[i].name, name) == 0)
			return true;
	return false;
}

static void find_name(const struct sections *sections, struct section *section, const struct place *place)
{
	char base[NAME_MOST + 1];

	base_name(base, place);
	snprintf(section->name, sizeof(section->name), "%s", base);
	for (size_t i = 2; is_taken(sections, section->name); i++)
		snprintf(section->name, sizeof(section->name), "%s-%zu", base, i);
}

/* ---- what was written before ---- */

static struct flow_address primary(const struct capture_host_family *family)
{
	return family->own_count > 0 ? family->own[0]->key.address : (struct flow_address){ 0 };
}

static bool are_known(const struct section *section)
{
	return section->has_mac || !flow_address_is_unspecified(&section->ipv4) ||
	       !flow_address_is_unspecified(&section->ipv6);
}

static bool same_address(const struct flow_address *a, const struct flow_address *b)
{
	return flow_address_equal(a, b) && !flow_address_is_unspecified(a);
}

/* Would both take the same packets? Then one of them is enough: a rotated capture tells the same in each file. */
static bool is_same(const struct section *a, const struct section *b)
{
	if (strcmp(a->device, b->device) != 0 || a->has_mac != b->has_mac || are_known(a) != are_known(b))
		return false;
	if (a->has_mac)
		return memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
	return !are_known(a) || same_address(&a->ipv4, &b->ipv4) || same_address(&a->ipv6, &b->ipv6);
}

static const struct section *find_same(const struct sections *sections, const struct section *wanted)
{
	for (size_t i = 0; i < sections->count; i++)
		if (is_same(&sections->items[i], wanted))
			return &sections->items[i];
	return NULL;
}

static bool make_room(struct sections *sections)
{
	size_t room = sections->room ? 2 * sections->room : 8;
	struct section *items;

	if (sections->items && sections->count < sections->room)
		return true;
	items = realloc(sections->items, room * sizeof(*items));
	if (!items)
		return false;
	sections->items = items;
	sections->room = room;
	return true;
}

/* The section of a host (NULL: nothing is known of it), made unless there is the *same already. NULL: no memory. */
static const struct section *add_section(struct sections *sections, const struct place *place,
					 const struct capture_host *host, bool *same)
{
	struct section made = { .device = strdup(place->point->name) };
	const struct section *found;

	if (!made.device || !make_room(sections)) {
		free(made.device);
		return NULL;
	}
	if (host) {
		made.has_mac = host->has_mac;
		memcpy(made.mac, host->mac, sizeof(made.mac));
		made.ipv4 = primary(&host->ipv4);
		made.ipv6 = primary(&host->ipv6);
	}
	found = find_same(sections, &made);
	*same = found != NULL;
	if (found) {
		free(made.device);
		return found;
	}
	find_name(sections, &made, place);
	sections->items[sections->count] = made;
	return &sections->items[sections->count++];
}

/* ---- writing ---- */

static void print_header(FILE *out, const struct section *section, const struct place *place)
{
	const struct flow_point *point = place->point;

	fprintf(out, "[interface %s]\n", section->name);
	if (!*point->name)
		return;
	if (!inifile_is_value(point->name) || strlen(point->name) > DEVICE_MOST)
		fprintf(out, "; its device has a name that cannot stand here: read the capture as %s=FILE\n",
			section->name);
	else if (strcmp(section->name, point->name) != 0 || place->device_needed)
		fprintf(out, "device  = %s\n", point->name);
}

static void add_addresses(struct listing *listing, const struct capture_tally_entry *const *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		listing_add_address(listing, entries[i]->key.family, &entries[i]->key.address);
}

/* What to look over in the addresses of one family. */
static void print_doubts(FILE *out, const struct capture_host_family *family)
{
	size_t shown = family->others < CAPTURE_HOST_OTHERS_MOST ? family->others : CAPTURE_HOST_OTHERS_MOST;
	char number[AMOUNT_SIZE];
	struct listing listing;

	if (family->own_more > 0)
		fprintf(out, "; and %s more of this family\n", amount_count(family->own_more, number));
	if (family->others == 0)
		return;
	listing = listing_begin(out,
				family->own_count > 0
					? "; more behind this MAC, secondary ones or others' as behind a router: "
					: "; too many behind this MAC, as behind a router; its own may be among them: ",
				";   ");
	add_addresses(&listing, family->some_others, shown);
	if (family->others > shown)
		listing_add(&listing, "and %s more", amount_count(family->others - shown, number));
	listing_end(&listing);
}

/* The keys of an interface. `comment`: "; " where it is one of two that could be right, else "". */
static void print_host(FILE *out, const struct capture_host *host, const char *comment)
{
	bool unclaimed = host->has_mac && !host->ipv4.claimed && host->ipv4.own_count > 1;
	char mac[LISTING_MAC_SIZE];

	if (host->has_mac)
		fprintf(out, "%smac     = %s\n", comment, listing_mac(mac, host->mac));
	if (host->ipv4.own_count + host->ipv6.own_count > 0) {
		struct listing listing;

		fputs(comment, out);
		listing = listing_begin(out, "address = ", *comment ? ";           " : "          ");
		add_addresses(&listing, host->ipv4.own, host->ipv4.own_count);
		add_addresses(&listing, host->ipv6.own, host->ipv6.own_count);
		listing_end(&listing);
	}
	if (unclaimed)
		fputs("; no ARP tells whether each of these IPv4 addresses is its own; the first becomes the primary "
		      "one\n",
		      out);
	print_doubts(out, &host->ipv4);
	print_doubts(out, &host->ipv6);
}

static int print_section(struct sections *sections, FILE *out, const struct place *place,
			 const struct capture_host *host, struct error *err)
{
	bool same;
	const struct section *section = add_section(sections, place, host, &same);

	if (!section)
		return fail_memory(err, "sections");
	if (same) {
		fprintf(out, "; [interface %s] above fits here too; this time:\n", section->name);
		if (host)
			print_host(out, host, "; ");
		return 0;
	}
	print_header(out, section, place);
	if (host)
		print_host(out, host, "");
	return 0;
}

/* Two that could be right, or none: the section takes every packet until somebody decides. */
static int print_undecided(struct sections *sections, FILE *out, const struct place *place,
			   const struct capture_hosts *hosts, struct error *err)
{
	int ret = print_section(sections, out, place, NULL, err);

	if (ret < 0)
		return ret;
	if (hosts->count == 0)
		fputs("; add its mac or address: without them, only the capture itself can tell directions\n", out);
	for (size_t i = 0; i < hosts->count; i++) {
		fputs(i == 0 ? "; either\n" : "; or\n", out);
		print_host(out, &hosts->items[i], "; ");
	}
	return 0;
}

static int print_point(struct sections *sections, FILE *out, const struct place *place,
		       const struct capture_hosts *hosts, struct error *err)
{
	size_t count = hosts->by == HOSTS_MAC_BY_ADDRESSES ? 1 : hosts->count;
	char number[AMOUNT_SIZE];
	int ret = 0;

	fputc('\n', out);
	if (hosts->by == HOSTS_UNKNOWN || hosts->by == HOSTS_EITHER_MAC || hosts->by == HOSTS_EITHER_ADDRESS)
		return print_undecided(sections, out, place, hosts, err);
	for (size_t i = 0; i < count && ret == 0; i++) {
		if (i > 0)
			fputc('\n', out);
		ret = print_section(sections, out, place, &hosts->items[i], err);
	}
	if (hosts->more > 0)
		fprintf(out, "; and %s MACs more that have addresses behind them\n", amount_count(hosts->more, number));
	return ret;
}

int sections_print(struct sections *sections, FILE *out, const char *path, const struct capture_survey *survey,
		   struct error *err)
{
	size_t count, unnamed = 0, with_packets = 0;
	const struct capture_survey_point *points = capture_survey_points(survey, &count);
	char number[AMOUNT_SIZE];
	int ret = 0;

	for (size_t i = 0; i < count; i++)
		unnamed += !points[i].point->named;
	for (size_t i = 0; i < count && ret == 0; i++) {
		const struct place place = { points[i].point, path, !points[i].point->named && unnamed > 1 };
		struct capture_hosts hosts;

		if (points[i].kinds[FLOW_PACKET] == 0)
			continue;
		if (with_packets == 0)
			fputs("\n; For a configuration file (eniflow read -c FILE), to look over:\n", out);
		if (with_packets++ >= POINTS_MOST)
			continue;
		capture_hosts_find(&hosts, survey, &points[i]);
		ret = print_point(sections, out, &place, &hosts, err);
	}
	if (with_packets > POINTS_MOST)
		fprintf(out, "\n; and %s interfaces more, which are left out here\n",
			amount_count(with_packets - POINTS_MOST, number));
	return ret;
}
