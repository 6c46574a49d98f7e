/* A watch over a source that is wound by hand: what it does with frames, and with another configuration. */
#include "cli/watch.h"

#include "config_text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "flow/window.h"

enum { POINTS = 1500 };

static struct {
	struct source source;
	struct flow_point points[POINTS];
	char names[POINTS][16];
	size_t point_count;
	const struct flow_observation *items; /* what the next read hands on */
	size_t count;
	int64_t now_ns;
	int failure;
} fake;

static int fake_read(struct source *source, struct source_batch *batch, struct error *err)
{
	(void)source;
	if (fake.failure)
		return fail(err, fake.failure, "it broke");
	assert_true(fake.count <= batch->room);
	for (size_t i = 0; i < fake.count; i++)
		batch->items[i] = fake.items[i];
	batch->length = fake.count;
	return 1;
}

static size_t fake_points(const struct source *source, const struct flow_point **out, size_t room)
{
	(void)source;
	for (size_t i = 0; i < fake.point_count && i < room; i++)
		out[i] = &fake.points[i];
	return fake.point_count;
}

static int64_t fake_now(const struct source *source)
{
	(void)source;
	return fake.now_ns;
}

static void fake_close(struct source *source)
{
	(void)source;
}

static const struct source_ops fake_ops = {
	.read = fake_read, .points = fake_points, .now = fake_now, .close = fake_close
};

static struct watch watch;
static struct error err;
static char folder[] = "/tmp/eniflow-watch-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct settings settings_to(const char *output, const char *account)
{
	struct settings settings;
	char text[512];

	snprintf(text, sizeof(text),
		 "[eniflow]\ndevices = d0\ninterval = 60\nformat = account-id srcport packets log-status\nheader = no\n"
		 "output = %s\n[defaults]\naccount-id = %s\n",
		 output, account);
	if (config_text_for(COMMAND_CAPTURE, &settings, text, &err) < 0)
		fail_msg("%s", err.text);
	return settings;
}

static const char here[] = "111111111111", there[] = "222222222222";

static void begin(size_t points, const char *output)
{
	memset(&fake, 0, sizeof(fake));
	fake.source.ops = &fake_ops;
	fake.point_count = points;
	for (size_t i = 0; i < points; i++) {
		snprintf(fake.names[i], sizeof(fake.names[i]), "d%zu", i);
		fake.points[i] = (struct flow_point){ .number = (uint32_t)i, .name = fake.names[i], .named = true };
	}
	watch = (struct watch){ .settings = settings_to(output, here), .wake_fd = -1, .source = &fake.source };
	if (watch_open_log(&watch, &err) < 0)
		fail_msg("%s", err.text);
}

static struct flow_observation frame(uint32_t point, uint16_t port, int64_t seconds)
{
	return (struct flow_observation){ .kind = FLOW_PACKET,
					  .family = FLOW_IPV4,
					  .protocol = 17,
					  .point = point,
					  .source_port = port,
					  .source.octets = { 10, 0, 0, 1 },
					  .destination.octets = { 10, 0, 0, 2 },
					  .packets = 1,
					  .bytes = 40,
					  .first_ns = seconds * FLOW_SECOND_NS,
					  .last_ns = seconds * FLOW_SECOND_NS };
}

static struct flow_observation appearance(uint32_t point)
{
	return (struct flow_observation){ .kind = FLOW_POINT, .point = point, .appeared = &fake.points[point] };
}

static struct flow_observation time_is(int64_t seconds)
{
	return (struct flow_observation){ .kind = FLOW_TIME, .first_ns = seconds * FLOW_SECOND_NS };
}

/* The source hands these on, and then is so far. */
static void step(const struct flow_observation *items, size_t count, int64_t now_s)
{
	fake.items = items;
	fake.count = count;
	fake.now_ns = now_s * FLOW_SECOND_NS;
	if (watch_step(&watch, &err) < 0)
		fail_msg("%s", err.text);
}

#define STEP(now, ...)                                                                                                 \
	step((const struct flow_observation[]){ __VA_ARGS__ },                                                         \
	     sizeof((const struct flow_observation[]){ __VA_ARGS__ }) / sizeof(struct flow_observation), now)

static uint64_t frames(void)
{
	struct watch_state state;

	watch_state(&watch, &state);
	assert_int_equal(state.account.counted, state.account.frames);
	return state.account.frames;
}

static void check_log(const char *name, const char *want)
{
	char bytes[512] = "";
	FILE *file = fopen(in_folder(name), "r");

	assert_non_null(file);
	bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(bytes, want);
	assert_int_equal(unlink(in_folder(name)), 0);
}

static void finish_with(int status)
{
	assert_int_equal(watch_finish(&watch, &err), status);
	watch_close(&watch);
}

static void finish(void)
{
	finish_with(EXIT_WHOLE);
}

/* Only as long as the source before it has them. A clock that is set back later brings frames that seem to be. */
static void frames_of_the_source_before_are_left_out(void **state)
{
	(void)state;
	begin(1, in_folder("log"));
	watch.from_ns = 1000 * FLOW_SECOND_NS;
	STEP(998, appearance(0), frame(0, 1, 998));
	assert_int_equal(frames(), 0);
	STEP(1001, frame(0, 1, 999), frame(0, 2, 1000));
	assert_int_equal(frames(), 1);
	STEP(700, time_is(700), frame(0, 3, 701), frame(0, 3, 702));
	assert_int_equal(frames(), 3);
	finish();
	check_log("log", "111111111111 2 1 OK\n111111111111 3 2 OK\n");
}

static void what_was_metered_is_written_though_the_source_breaks(void **state)
{
	(void)state;
	begin(1, in_folder("log"));
	STEP(1000, appearance(0), frame(0, 7, 1000));
	fake.failure = EIO;
	assert_int_equal(watch_step(&watch, &err), -EIO);
	assert_string_equal(err.text, "it broke");
	assert_true(watch.is_source_lost);
	finish();
	check_log("log", "111111111111 7 1 OK\n");
}

static void all_points_belong_to_the_new_configuration(void **state)
{
	struct settings settings = settings_to(in_folder("log"), there);

	(void)state;
	begin(POINTS, in_folder("log"));
	for (uint32_t i = 0; i < POINTS; i++)
		STEP(1000, appearance(i), frame(i, (uint16_t)i, 1000));
	assert_int_equal(watch_reload(&watch, &settings, &err), 0);
	STEP(1001, frame(POINTS - 1, 1, 1001));
	assert_int_equal(frames(), POINTS + 1);
	finish();
	assert_int_equal(unlink(in_folder("log")), 0);
}

/* What waits is not given up, but for another place. */
static void no_other_configuration_while_records_wait(void **state)
{
	struct settings settings = settings_to("/dev/full", there), elsewhere;

	(void)state;
	begin(1, "/dev/full");
	STEP(1000, appearance(0), frame(0, 1, 1000));
	STEP(1021, time_is(1021), frame(0, 2, 1021));
	assert_int_equal(watch_reload(&watch, &settings, &err), -EAGAIN);
	assert_string_equal(err.text, "/dev/full: records wait that cannot be written now, and would be lost");
	assert_string_equal(watch.settings.output, "/dev/full");
	STEP(1022, frame(0, 2, 1022));
	assert_int_equal(frames(), 3);
	/* Another place is the way out of it. */
	elsewhere = settings_to(in_folder("log"), there);
	assert_int_equal(watch_reload(&watch, &elsewhere, &err), 0);
	STEP(1023, frame(0, 3, 1023));
	finish_with(EXIT_DAMAGED);
	check_log("log", "222222222222 3 1 OK\n");
}

/* That it cannot be shows only when the open window is written. The end tells of it, too. */
static void a_log_that_cannot_be_finished(void **state)
{
	struct settings settings = settings_to(in_folder("log"), there);

	(void)state;
	begin(1, "/dev/full");
	STEP(1000, appearance(0), frame(0, 1, 1000));
	assert_int_equal(watch_reload(&watch, &settings, &err), 0);
	STEP(1001, frame(0, 3, 1001));
	assert_int_equal(frames(), 2);
	finish_with(EXIT_DAMAGED);
	check_log("log", "222222222222 3 1 OK\n");
}

/* Once the rights for it are gone: the reason of before stays the reason, unless it was a setting, which may change. */
static void programs_in_the_kernel_are_not_tried_again(void **state)
{
	static char filter[] = "tcp";

	(void)state;
	watch = (struct watch){ .backend = BACKEND_PCAP };
	fail(&watch.why_not, ENOTSUP, "there is no such thing here");
	watch_bar_kernel(&watch);
	assert_string_equal(watch.kernel_bar.text, "there is no such thing here");
	watch.settings.filter = filter;
	watch_bar_kernel(&watch);
	assert_string_equal(watch.kernel_bar.text,
			    "the rights for it were given up at the start; restart eniflow for it");
	watch = (struct watch){ .backend = BACKEND_EBPF };
	watch_bar_kernel(&watch);
	assert_string_equal(watch.kernel_bar.text, "");
	watch = (struct watch){ .backend = BACKEND_PCAP, .settings.backend = BACKEND_PCAP };
	watch_bar_kernel(&watch);
	assert_string_equal(watch.kernel_bar.text, "");
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_of_the_source_before_are_left_out),
		TEST(what_was_metered_is_written_though_the_source_breaks),
		TEST(all_points_belong_to_the_new_configuration),
		TEST(no_other_configuration_while_records_wait),
		TEST(a_log_that_cannot_be_finished),
		TEST(programs_in_the_kernel_are_not_tried_again),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
