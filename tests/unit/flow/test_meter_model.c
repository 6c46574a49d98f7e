/* The meter against the simplest program that follows the same rules: arrays, linear search, nothing ahead of time.
 * Random observations go through both; what they write must be the same, line for line, and so must the account. */
#include "flow/meter.h"

#include "meter_rig.h"

enum { MOST_ROWS = 4096, MOST_INTERFACES = 16, MOST_POINTS = 3, ITEMS = 700, RUNS = 300 };

/* ---- the model ---- */

static struct model {
	struct flow_meter_options options;
	struct flow_interfaces *interfaces;
	struct sink_log log;
	struct flow_account account;
	bool lost[MOST_INTERFACES], has_record[MOST_INTERFACES];
	bool watched[MOST_POINTS];
	unsigned points[MOST_INTERFACES];                             /* that are watched now */
	int64_t since_ns[MOST_INTERFACES], until_ns[MOST_INTERFACES]; /* INT64_MAX while any is */
	struct flow_record rows[MOST_ROWS];
	size_t row_count;
	bool is_open, has_written;
	int64_t window, latest; /* numbers of windows: time / interval */
	int64_t previous_ns;
} model;

static int64_t window_of(int64_t time_ns)
{
	return time_ns / SECOND / model.options.interval;
}

/* Is any of the time between `since_ns` and `until_ns` in the window? */
static bool model_saw(size_t interface, int64_t window)
{
	int64_t interval_ns = model.options.interval * SECOND;

	return model.since_ns[interface] < (window + 1) * interval_ns &&
	       model.until_ns[interface] > window * interval_ns;
}

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void model_status(size_t interface, enum flow_status status, int64_t window)
{
	struct flow_record record = { .interface = flow_interfaces_at(model.interfaces, interface),
				      .status = (uint8_t)status };
	int64_t start = window * model.options.interval, end = start + model.options.interval;

	record.start = later_of(start, earlier_of(end, model.since_ns[interface] / SECOND));
	record.end = later_of(record.start, earlier_of(end, model.until_ns[interface] / SECOND));
	print_record(model.log.file, &record);
	model.account.records[status]++;
}

static void model_write_rows(size_t interface)
{
	for (size_t i = 0; i < model.row_count; i++) {
		if (model.rows[i].interface_number != interface)
			continue;
		print_record(model.log.file, &model.rows[i]);
		model.account.records[FLOW_OK]++;
		model.has_record[interface] = true;
	}
}

static void model_flush(void)
{
	for (size_t i = 0; i < MOST_INTERFACES; i++)
		model_write_rows(i);
	model.row_count = 0;
	fputs("--\n", model.log.file);
}

static void model_close(void)
{
	bool later = !model.has_written || model.window > model.latest;

	for (size_t i = 0; i < MOST_INTERFACES; i++) {
		model_write_rows(i);
		if (model.lost[i])
			model_status(i, FLOW_SKIPDATA, model.window);
		else if (model_saw(i, model.window) && !model.has_record[i] && later)
			model_status(i, FLOW_NODATA, model.window);
		model.lost[i] = model.has_record[i] = false;
	}
	model.row_count = 0;
	fputs("--\n", model.log.file);
	if (later)
		model.latest = model.window;
	model.has_written = true;
}

static void model_open(int64_t window)
{
	model.window = window;
	model.is_open = true;
	model.account.windows++;
}

static void model_silence(int64_t until)
{
	for (int64_t window = model.window + 1; window < until; window++) {
		if (window <= model.latest)
			continue;
		for (size_t i = 0; i < MOST_INTERFACES; i++)
			if (model_saw(i, window))
				model_status(i, FLOW_NODATA, window);
		fputs("--\n", model.log.file);
		model.latest = window;
		model.account.windows++;
	}
}

static void model_time(int64_t time_ns)
{
	int64_t window = window_of(time_ns), interval_ns = model.options.interval * SECOND;

	if (!model.is_open) {
		model_open(window);
	} else if (window > model.window) {
		model_close();
		if (time_ns - model.previous_ns <= 1440 * interval_ns)
			model_silence(window);
		model_open(window);
	} else if (model.window * interval_ns - time_ns > interval_ns) {
		model_close();
		model_open(window);
	}
	model.previous_ns = time_ns;
}

static void model_frame(int64_t time_ns)
{
	struct flow_account *account = &model.account;

	account->first_ns = account->frames ? earlier_of(account->first_ns, time_ns) : time_ns;
	account->last_ns = account->frames ? later_of(account->last_ns, time_ns) : time_ns;
	account->frames++;
}

static void model_begin(size_t interface, int64_t since_ns)
{
	if (model.points[interface]++ > 0 || model_saw(interface, model.window))
		since_ns = earlier_of(since_ns, model.since_ns[interface]);
	model.since_ns[interface] = since_ns;
	model.until_ns[interface] = INT64_MAX;
}

static void model_end(size_t interface, int64_t until_ns)
{
	if (--model.points[interface] == 0)
		model.until_ns[interface] = until_ns;
}

static void model_watch(uint32_t point, bool is_watched, int64_t time_ns)
{
	size_t count;
	const uint32_t *interfaces = flow_interfaces_of_point(model.interfaces, point, &count);

	if (point >= MOST_POINTS || model.watched[point] == is_watched)
		return;
	model.watched[point] = is_watched;
	for (size_t i = 0; i < count; i++)
		(is_watched ? model_begin : model_end)(interfaces[i], time_ns);
}

static bool same_flow(const struct flow_record *a, const struct flow_record *b)
{
	return a->interface_number == b->interface_number && a->family == b->family && a->protocol == b->protocol &&
	       a->action == b->action && a->direction == b->direction && a->source_port == b->source_port &&
	       a->destination_port == b->destination_port && flow_address_equal(&a->source, &b->source) &&
	       flow_address_equal(&a->destination, &b->destination) &&
	       flow_address_equal(&a->packet_source, &b->packet_source) &&
	       flow_address_equal(&a->packet_destination, &b->packet_destination);
}

/* Returns whether it was counted. */
static bool model_count(const struct flow_record *record)
{
	for (size_t i = 0; i < model.row_count; i++) {
		struct flow_record *row = &model.rows[i];

		if (!same_flow(row, record))
			continue;
		row->packets += record->packets;
		row->bytes += record->bytes;
		row->tcp_flags |= record->tcp_flags;
		row->start = record->start < row->start ? record->start : row->start;
		row->end = record->end > row->end ? record->end : row->end;
		return true;
	}
	if (model.row_count == model.options.max_flows) {
		if (model.options.skip_when_full) {
			model.lost[record->interface_number] = true;
			return false;
		}
		model_flush();
		model.account.flushes++;
	}
	assert_true(model.row_count < MOST_ROWS);
	model.rows[model.row_count++] = *record;
	return true;
}

/* The record that one packet makes on one interface. */
static struct flow_record model_record(const struct flow_observation *packet, const struct flow_match *match)
{
	const struct flow_interface *interface = flow_interfaces_at(model.interfaces, match->interface);
	int64_t start = model.window * model.options.interval, seconds = packet->first_ns / SECOND;
	struct flow_record record = {
		.interface = interface,
		.interface_number = match->interface,
		.family = packet->family,
		.protocol = packet->protocol,
		.tcp_flags = packet->tcp_flags,
		.action = packet->verdict,
		.source_port = packet->source_port,
		.destination_port = packet->destination_port,
		.packets = packet->packets,
		.bytes = packet->bytes,
	};

	record.start = record.end = seconds < start ? start : seconds;
	if (model.options.window_times) {
		record.start = start;
		record.end = start + model.options.interval;
	}
	flow_interface_addresses(interface, packet, match->direction, &record.source, &record.destination);
	if (model.options.shown & FLOW_SHOWS_DIRECTION)
		record.direction = match->direction;
	if (model.options.shown & FLOW_SHOWS_PACKET_SOURCE)
		record.packet_source = packet->source;
	if (model.options.shown & FLOW_SHOWS_PACKET_DESTINATION)
		record.packet_destination = packet->destination;
	return record;
}

static void model_packet(const struct flow_observation *packet)
{
	struct flow_match matches[2 * MOST_INTERFACES];
	size_t count = flow_interfaces_match(model.interfaces, packet, matches);
	enum flow_exclusion excluded = FLOW_NOT_EXCLUDED;
	bool counted = false, skipped = false;

	for (size_t i = 0; i < count; i++) {
		const struct flow_interface *interface = flow_interfaces_at(model.interfaces, matches[i].interface);
		enum flow_exclusion why = flow_exclusion_of(interface, packet);
		struct flow_record record = model_record(packet, &matches[i]);

		if (model.options.exclude_aws && why != FLOW_NOT_EXCLUDED)
			excluded = why;
		else if (model_count(&record))
			counted = true;
		else
			skipped = true;
	}
	if (counted && packet->first_ns < model.window * model.options.interval * SECOND)
		model.account.late++;
	if (counted)
		model.account.counted++;
	else if (skipped)
		model.account.skipped++;
	else if (excluded != FLOW_NOT_EXCLUDED)
		model.account.excluded_as[excluded]++;
	else
		model.account.unmatched++;
	model.account.excluded += !counted && !skipped && excluded != FLOW_NOT_EXCLUDED;
}

static void model_add(const struct flow_observation *item)
{
	uint32_t point = item->kind == FLOW_POINT ? item->appeared->number : item->point;
	const uint32_t *interfaces;
	size_t count;

	if (item->kind == FLOW_POINT)
		assert_int_equal(flow_interfaces_bind(model.interfaces, item->appeared, NULL), 0);
	if (item->kind == FLOW_POINT || item->kind == FLOW_GONE)
		model_watch(point, item->kind == FLOW_POINT, item->first_ns);
	if (item->kind < FLOW_POINT || item->kind == FLOW_TIME)
		model_time(item->first_ns);
	if (item->kind < FLOW_POINT)
		model_frame(item->first_ns);
	interfaces = flow_interfaces_of_point(model.interfaces, point, &count);
	for (size_t i = 0; i < count; i++)
		model.lost[interfaces[i]] |= item->lost > 0;
	model.account.lost += item->lost;
	model.account.filtered += item->kind == FLOW_FILTERED;
	model.account.non_ip += item->kind == FLOW_NON_IP;
	model.account.truncated += item->kind == FLOW_TRUNCATED;
	model.account.malformed += item->kind == FLOW_MALFORMED;
	model.account.unsupported += item->kind == FLOW_UNSUPPORTED;
	if (item->kind == FLOW_PACKET)
		model_packet(item);
}

/* ---- random input ---- */

static uint64_t dice;

/* 0 to sides - 1 (SplitMix64). */
static uint32_t throw_dice(uint32_t sides)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z >> 33) % sides);
}

static struct flow_meter_options random_options(void)
{
	static const uint32_t intervals[] = { 1, 7, 60, 600, 86400 };
	static const uint64_t bounds[] = { 1, 2, 3, 10, 4000 };

	return (struct flow_meter_options){
		.interval = intervals[throw_dice(5)],
		.max_flows = bounds[throw_dice(5)],
		.skip_when_full = throw_dice(2),
		.exclude_aws = throw_dice(2),
		.window_times = throw_dice(4) == 0,
		.shown = throw_dice(8),
		.seed = dice,
	};
}

/* Up a little, most of the time; late, back, over a few windows and over gaps of the longest kind else. */
static int64_t random_time(int64_t time_ns, int64_t interval_ns)
{
	int64_t boundary = time_ns - time_ns % interval_ns;

	switch (throw_dice(80)) {
	case 0:
		time_ns = boundary - interval_ns * throw_dice(3) - throw_dice(2);
		break;
	case 1:
		time_ns -= throw_dice(5) * interval_ns / 2;
		break;
	case 2:
		time_ns = boundary + interval_ns * throw_dice(6);
		break;
	case 3:
		time_ns += throw_dice(20) == 0 ? 1440 * interval_ns + throw_dice(2) : 0;
		break;
	case 4:
		time_ns += interval_ns * (1500 + throw_dice(10)) * (throw_dice(2) ? 1 : -1);
		break;
	default:
		time_ns += interval_ns / (1 + throw_dice(60));
	}
	return time_ns < 0 ? 0 : time_ns;
}

static void random_packet(struct flow_observation *packet)
{
	static const char *const ipv4[] = { "10.0.0.1", "10.0.0.2",        "10.0.0.3",
					    "10.0.9.9", "169.254.169.254", "239.0.0.1" };
	static const char *const ipv6[] = { "2001:db8::1", "2001:db8::2", "fe80::1", "fd00:ec2::123", "ff02::1" };
	bool is_ipv4 = throw_dice(3);
	const char *source = is_ipv4 ? ipv4[throw_dice(5)] : ipv6[throw_dice(4)];

	*packet = packet_of(source, is_ipv4 ? ipv4[throw_dice(6)] : ipv6[throw_dice(5)]);
	packet->protocol = throw_dice(2) ? 6 : 17;
	packet->tcp_flags = (uint8_t)throw_dice(32);
	packet->source_port = (uint16_t)throw_dice(3);
	packet->destination_port = throw_dice(2) ? 53 : 1688;
	packet->bytes = 20 + throw_dice(1480);
	packet->word = (uint8_t)throw_dice(3);
	packet->group = throw_dice(8) == 0;
	packet->verdict = throw_dice(16) == 0 ? FLOW_REJECT : FLOW_ACCEPT;
	if (throw_dice(3))
		*packet = with_macs(*packet, (uint8_t)throw_dice(4), (uint8_t)throw_dice(4));
}

static void random_frame(struct flow_observation *item)
{
	static const uint8_t kinds[] = { FLOW_FILTERED, FLOW_NON_IP, FLOW_TRUNCATED, FLOW_MALFORMED, FLOW_UNSUPPORTED };

	if (throw_dice(10))
		random_packet(item);
	else
		*item = frame_of(kinds[throw_dice(5)]);
	item->lost = throw_dice(40) ? 0 : 1 + throw_dice(9);
}

/* A point goes or appears, known or not, mostly about now; or time passes. */
static void random_event(struct flow_observation *item, const struct flow_point *points, int64_t time_ns,
			 int64_t interval_ns)
{
	static const uint8_t kinds[] = { FLOW_POINT, FLOW_GONE, FLOW_TIME };

	item->kind = kinds[throw_dice(3)];
	if (item->kind == FLOW_POINT)
		item->appeared = &points[throw_dice(MOST_POINTS)];
	item->first_ns = throw_dice(3) ? time_ns : random_time(time_ns, interval_ns);
}

/* A point appears now and then until all have; frames are of any point, known or not. Half of the runs are live. */
static void random_items(struct flow_observation *items, int64_t interval_ns)
{
	static const struct flow_point points[MOST_POINTS] = { { .number = 0, .name = "eth0", .named = true },
							       { .number = 1, .name = "eth1", .named = true },
							       { .number = 2, .name = "eth2", .named = true } };
	int64_t time_ns = 5000 * interval_ns + throw_dice(1000) * SECOND;
	uint32_t known = 0;
	bool live = throw_dice(2);

	for (size_t i = 0; i < ITEMS; i++) {
		if (known < 3 && throw_dice(i == 0 ? 2 : 30) == 0) {
			items[i] = (struct flow_observation){ .kind = FLOW_POINT, .appeared = &points[known++] };
		} else if (throw_dice(50) == 0) {
			items[i] = (struct flow_observation){ .kind = FLOW_LOSS, .lost = 1 + throw_dice(3) };
		} else if (live && throw_dice(6) == 0) {
			items[i] = (struct flow_observation){ 0 };
			random_event(&items[i], points, time_ns, interval_ns);
		} else {
			random_frame(&items[i]);
			time_ns = random_time(time_ns, interval_ns);
			items[i] = at_ns(items[i], time_ns);
		}
		items[i].point = throw_dice(12) ? throw_dice(known ? known : 1) : throw_dice(5);
	}
}

/* ---- both ---- */

static void configure_both(void)
{
	static const struct {
		const char *name, *device;
		uint8_t mac;
		const char *addresses;
	} all[] = {
		{ "a", "eth0", 1, "10.0.0.1 2001:db8::1" },
		{ "b", "eth1", 0, "10.0.0.2" },
		{ "c", "eth0", 2, "" },
		{ "d", "eth0", 0, "10.0.0.3 10.0.0.2" },
		{ "all", "eth0", 0, "" },
		{ "nowhere", "eth9", 0, "" },
		{ "anywhere", NULL, 3, "" },
	};
	struct flow_interface defaults = { 0 };
	uint32_t chosen = throw_dice(128);

	assert_int_equal(flow_interfaces_new(&model.interfaces, &defaults, NULL), 0);
	for (size_t i = 0; i < 7; i++) {
		struct flow_interface interface = interface_of(all[i].name, all[i].device, all[i].mac,
							       all[i].addresses);

		interface.subnet_cidrs = malloc(sizeof(*interface.subnet_cidrs));
		interface.subnet_cidrs[0] = prefix_of(i % 2 ? "10.0.0.0/24" : "10.0.0.1/32");
		interface.subnet_cidr_count = 1;
		interface.anywhere = !all[i].device;
		if (chosen >> i & 1) {
			struct flow_interface copy = { 0 };

			assert_int_equal(flow_interface_copy(&copy, &interface, NULL), 0);
			configure(copy);
			assert_int_equal(flow_interfaces_add(model.interfaces, &interface, NULL), 0);
		}
		flow_interface_clear(&interface);
	}
}

static void run_both(uint64_t seed)
{
	static struct flow_observation items[ITEMS];

	dice = seed;
	memset(&model, 0, sizeof(model));
	log_open(&model.log);
	model.options = random_options();
	configure_both();
	start_with(model.options);
	random_items(items, model.options.interval * SECOND);

	for (size_t i = 0; i < ITEMS; i++)
		model_add(&items[i]);
	if (model.is_open)
		model_close();
	for (size_t from = 0, count; from < ITEMS; from += count) {
		count = 1 + throw_dice(throw_dice(4) ? 64 : ITEMS);
		count = count < ITEMS - from ? count : ITEMS - from;
		assert_int_equal(flow_meter_add(rig.meter, items + from, count, &rig.err), 0);
		assert_account_holds();
	}
	finish();

	if (strcmp(log_text(&rig.log), log_text(&model.log)) != 0 ||
	    memcmp(account(), &model.account, sizeof(model.account)) != 0)
		print_error("seed %" PRIu64 "\n", seed);
	assert_written(log_text(&model.log));
	assert_memory_equal(account(), &model.account, sizeof(model.account));
	flow_interfaces_free(model.interfaces);
	log_close(&model.log);
}

static void test_random_input(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		run_both(seed);
		start_over();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_random_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
