/* The one door to all sources: what a kind of source has is called, what it has not is answered for it. */
#include "check.h"

#include "capture/source.h"

#include <errno.h>

/* A source that notes who asked. */
struct fake {
	struct source source;
	bool stopped, closed;
};

static int fake_read(struct source *source, struct source_batch *batch, struct error *err)
{
	(void)source;
	batch->length = 0;
	return fail(err, EINTR, "woken");
}

static void fake_stop(struct source *source)
{
	((struct fake *)source)->stopped = true;
}

static size_t fake_points(const struct source *source, const struct flow_point **out, size_t room)
{
	(void)source, (void)out;
	return room + 1;
}

static int64_t fake_now(const struct source *source)
{
	(void)source;
	return 7;
}

static size_t fake_devices(const struct source *source, struct source_device *out, size_t room)
{
	(void)source, (void)out;
	return room + 2;
}

static bool yes(const struct source *source)
{
	(void)source;
	return true;
}

static void fake_progress(const struct source *source, struct source_progress *out)
{
	(void)source;
	*out = (struct source_progress){ 3, 4 };
}

static void fake_close(struct source *source)
{
	((struct fake *)source)->closed = true;
}

static void what_it_has_is_called(void **state)
{
	static const struct source_ops ops = { fake_read, fake_stop, fake_points, fake_now,      fake_devices,
					       yes,       yes,       yes,         fake_progress, fake_close };
	struct fake fake = { .source = { &ops } };
	struct source_batch batch = { .length = 9 };
	struct source_progress progress;
	struct error err;

	(void)state;
	assert_int_equal(source_read(&fake.source, &batch, &err), -EINTR);
	assert_string_equal(err.text, "woken");
	assert_int_equal(batch.length, 0);
	assert_int_equal(source_points(&fake.source, NULL, 1), 2);
	assert_int_equal(source_now(&fake.source), 7);
	assert_int_equal(source_devices(&fake.source, NULL, 1), 3);
	assert_true(source_is_damaged(&fake.source));
	assert_true(source_is_stream(&fake.source));
	assert_true(source_is_compressed(&fake.source));
	source_progress(&fake.source, &progress);
	assert_int_equal(progress.consumed, 3);
	assert_int_equal(progress.size, 4);
	assert_false(fake.stopped);
	source_stop(&fake.source);
	assert_true(fake.stopped);
	assert_false(fake.closed);
	source_close(&fake.source);
	assert_true(fake.closed);
}

static void what_it_has_not_is_nothing(void **state)
{
	static const struct source_ops ops = { .read = fake_read };
	struct source source = { &ops };
	struct source_progress progress = { 1, 1 };

	(void)state;
	source_stop(&source);
	assert_int_equal(source_points(&source, NULL, 1), 0);
	assert_int_equal(source_now(&source), 0);
	assert_int_equal(source_devices(&source, NULL, 1), 0);
	assert_false(source_is_damaged(&source));
	assert_false(source_is_stream(&source));
	assert_false(source_is_compressed(&source));
	source_progress(&source, &progress);
	assert_int_equal(progress.consumed, 0);
	assert_int_equal(progress.size, 0);
	source_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_has_is_called),
		cmocka_unit_test(what_it_has_not_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
