/* Figures as the text that Prometheus reads. */
#include "daemon/metrics.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SEEN, LEVEL, LOST };

static const struct daemon_metrics_family families[] = {
	[SEEN] = { "t_seen_total", DAEMON_METRICS_COUNTER, "What was seen.", { NULL } },
	[LEVEL] = { "t_level_seconds", DAEMON_METRICS_GAUGE, "A level: C:\\x\nand \"so\" on.", { "place" } },
	[LOST] = { "t_lost_total", DAEMON_METRICS_COUNTER, "What was lost.", { "place", "by" } },
};

static struct daemon_metrics metrics;

static int begin_all(void **state)
{
	(void)state;
	return daemon_metrics_init(&metrics, families, 3, NULL);
}

static int free_all(void **state)
{
	(void)state;
	daemon_metrics_free(&metrics);
	return 0;
}

static void assert_text(const char *want)
{
	struct error err = { "" };

	assert_int_equal(daemon_metrics_end(&metrics, &err), 0);
	assert_int_equal(metrics.length, strlen(want));
	assert_memory_equal(metrics.bytes, want, metrics.length);
}

static void families_in_their_order(void **state)
{
	(void)state;
	daemon_metrics_begin(&metrics, SEEN);
	daemon_metrics_count(&metrics, NULL, 7);
	daemon_metrics_begin(&metrics, LOST);
	daemon_metrics_count(&metrics, (const char *[]){ "eth0", "ring" }, 1);
	daemon_metrics_count(&metrics, (const char *[]){ "eth0", "device" }, 0);
	assert_text("# HELP t_seen_total What was seen.\n"
		    "# TYPE t_seen_total counter\n"
		    "t_seen_total 7\n"
		    "# HELP t_lost_total What was lost.\n"
		    "# TYPE t_lost_total counter\n"
		    "t_lost_total{place=\"eth0\",by=\"ring\"} 1\n"
		    "t_lost_total{place=\"eth0\",by=\"device\"} 0\n");
}

static void numbers_exactly(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} spans[] = {
		{ 0, "0" },
		{ 1, "0.000000001" },
		{ 1500000000, "1.5" },
		{ -1500000000, "-1.5" },
		{ 100000000000, "100" },
		{ INT64_MAX, "9223372036.854775807" },
		{ INT64_MIN, "-9223372036.854775808" },
	};

	(void)state;
	daemon_metrics_begin(&metrics, SEEN);
	daemon_metrics_count(&metrics, NULL, UINT64_MAX);
	daemon_metrics_begin(&metrics, LEVEL);
	metrics.length = 0;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		char want[64];

		snprintf(want, sizeof(want), "t_level_seconds{place=\"\"} %s\n", spans[i].text);
		daemon_metrics_seconds(&metrics, (const char *[]){ "" }, spans[i].ns);
		assert_text(want);
		metrics.length = 0;
	}
	daemon_metrics_clear(&metrics);
	daemon_metrics_begin(&metrics, SEEN);
	metrics.length = 0;
	daemon_metrics_count(&metrics, NULL, UINT64_MAX);
	assert_text("t_seen_total 18446744073709551615\n");
}

static void help_and_values_are_escaped(void **state)
{
	(void)state;
	daemon_metrics_begin(&metrics, LEVEL);
	daemon_metrics_count(&metrics, (const char *[]){ "a\\b\"c\nd\xc3\xa9\xff\x7f~ {}," }, 1);
	assert_text("# HELP t_level_seconds A level: C:\\\\x\\nand \"so\" on.\n"
		    "# TYPE t_level_seconds gauge\n"
		    "t_level_seconds{place=\"a\\\\b\\\"c\\\\x0ad\\\\xc3\\\\xa9\\\\xff\\\\x7f~ {},\"} 1\n");
}

static void a_new_text_takes_the_place_of_the_old(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		daemon_metrics_clear(&metrics);
		daemon_metrics_begin(&metrics, SEEN);
		daemon_metrics_count(&metrics, NULL, (uint64_t)i);
	}
	assert_text("# HELP t_seen_total What was seen.\n# TYPE t_seen_total counter\nt_seen_total 1\n");
}

static void a_text_grows(void **state)
{
	size_t length;

	(void)state;
	daemon_metrics_begin(&metrics, LEVEL);
	length = metrics.length;
	for (uint64_t i = 0; i < 10000; i++)
		daemon_metrics_count(&metrics, (const char *[]){ "abc" }, 10000 + i);
	assert_int_equal(daemon_metrics_end(&metrics, NULL), 0);
	assert_int_equal(metrics.length, length + 10000 * strlen("t_level_seconds{place=\"abc\"} 10000\n"));
	assert_memory_equal(metrics.bytes + metrics.length - 7, " 19999\n", 7);
}

static void assert_slip(void)
{
	struct error err = { "" };

	assert_int_equal(daemon_metrics_end(&metrics, &err), -EINVAL);
	assert_string_equal(err.text, "metrics: families or samples were written in a wrong order");
	assert_int_equal(metrics.length, 0);
	daemon_metrics_clear(&metrics);
}

static void slips_are_told(void **state)
{
	(void)state;
	daemon_metrics_count(&metrics, NULL, 1); /* of which family? */
	assert_slip();
	daemon_metrics_begin(&metrics, LEVEL);
	daemon_metrics_begin(&metrics, SEEN);
	assert_slip();
	daemon_metrics_begin(&metrics, SEEN);
	daemon_metrics_begin(&metrics, SEEN);
	assert_slip();
	daemon_metrics_begin(&metrics, 3);
	assert_slip();
	daemon_metrics_begin(&metrics, LEVEL);
	daemon_metrics_count(&metrics, NULL, 1); /* its label has no value */
	assert_slip();
	daemon_metrics_begin(&metrics, SEEN);
	daemon_metrics_count(&metrics, (const char *[]){ "x" }, 1); /* and this one has none */
	assert_slip();
	daemon_metrics_begin(&metrics, SEEN);
	assert_int_equal(daemon_metrics_end(&metrics, NULL), 0);
}

static void assert_unfit(const struct daemon_metrics_family *table, size_t count, const char *want)
{
	struct daemon_metrics unfit = { 0 };
	struct error err = { "" };

	assert_int_equal(daemon_metrics_init(&unfit, table, count, &err), -EINVAL);
	assert_string_equal(err.text, want);
	daemon_metrics_free(&unfit);
}

static void tables_that_are_unfit(void **state)
{
	const struct daemon_metrics_family twice[] = { families[0], families[1], families[0] };

	(void)state;
	assert_unfit(&(struct daemon_metrics_family){ "", DAEMON_METRICS_GAUGE, "H.", { NULL } }, 1,
		     ": no name of a metric");
	assert_unfit(&(struct daemon_metrics_family){ "9lives", DAEMON_METRICS_GAUGE, "H.", { NULL } }, 1,
		     "9lives: no name of a metric");
	assert_unfit(&(struct daemon_metrics_family){ "a-b", DAEMON_METRICS_GAUGE, "H.", { NULL } }, 1,
		     "a-b: no name of a metric");
	assert_unfit(&(struct daemon_metrics_family){ "seen", DAEMON_METRICS_COUNTER, "H.", { NULL } }, 1,
		     "seen: the name of a counter ends in _total, and no other");
	assert_unfit(&(struct daemon_metrics_family){ "_total", DAEMON_METRICS_COUNTER, "H.", { NULL } }, 1,
		     "_total: the name of a counter ends in _total, and no other");
	assert_unfit(&(struct daemon_metrics_family){ "a_total", DAEMON_METRICS_GAUGE, "H.", { NULL } }, 1,
		     "a_total: the name of a counter ends in _total, and no other");
	assert_unfit(&(struct daemon_metrics_family){ "a", DAEMON_METRICS_GAUGE, "", { NULL } }, 1,
		     "a: there is no help");
	assert_unfit(&(struct daemon_metrics_family){ "a", DAEMON_METRICS_GAUGE, "H.", { "x", "__y" } }, 1,
		     "a: __y is no name of a label");
	assert_unfit(twice, 3, "t_seen_total: is in the table twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(families_in_their_order, begin_all, free_all),
		cmocka_unit_test_setup_teardown(numbers_exactly, begin_all, free_all),
		cmocka_unit_test_setup_teardown(help_and_values_are_escaped, begin_all, free_all),
		cmocka_unit_test_setup_teardown(a_new_text_takes_the_place_of_the_old, begin_all, free_all),
		cmocka_unit_test_setup_teardown(a_text_grows, begin_all, free_all),
		cmocka_unit_test_setup_teardown(slips_are_told, begin_all, free_all),
		TEST(tables_that_are_unfit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
