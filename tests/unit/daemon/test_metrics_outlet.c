/* A file or an address: what --metrics names. */
#include "daemon/metrics_outlet.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char told[ERROR_MAX];

static void tell(void *ctx, const char *sentence)
{
	(void)ctx;
	assert_string_equal(told, ""); /* one is enough */
	snprintf(told, sizeof(told), "%s", sentence);
}

static const struct notices notices = { tell, NULL };

static int forget(void **state)
{
	(void)state;
	told[0] = '\0';
	return 0;
}

static void a_file(void **state)
{
	char folder[] = "/tmp/eniflow-metrics-XXXXXX", path[64];
	struct daemon_metrics_outlet *outlet = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.prom", folder);
	assert_int_equal(daemon_metrics_outlet_check(path, NULL), 0);
	assert_int_equal(daemon_metrics_outlet_open(&outlet, path, &notices, NULL), 0);
	assert_int_equal(daemon_metrics_outlet_start(outlet, NULL), 0);
	assert_int_equal(daemon_metrics_outlet_publish(outlet, "a 1\n", 4, "ill", NULL), 0);
	assert_int_equal(access(path, R_OK), 0);
	daemon_metrics_outlet_close(outlet);
	assert_int_equal(rmdir(folder), 0);
	assert_string_equal(told, "");
}

static void which_is_which(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(daemon_metrics_outlet_check("a.prom", NULL), 0);
	assert_int_equal(daemon_metrics_outlet_check(":9700", NULL), 0);
	assert_int_equal(daemon_metrics_outlet_check("dir/a.txt", &err), -EINVAL);
	assert_non_null(strstr(err.text, "ends in .prom"));
	assert_int_equal(daemon_metrics_outlet_check("a.txt", &err), -EINVAL);
	assert_non_null(strstr(err.text, "no address to listen on"));
	assert_int_equal(daemon_metrics_outlet_check("", &err), -EINVAL);
	assert_int_equal(daemon_metrics_outlet_open(&(struct daemon_metrics_outlet *){ NULL }, "a.txt", NULL, &err),
			 -EINVAL);
}

#if ENIFLOW_HAVE_METRICS_SERVER

static void assert_serves(const char *where)
{
	struct daemon_metrics_outlet *outlet = NULL;

	assert_int_equal(daemon_metrics_outlet_open(&outlet, where, &notices, NULL), 0);
	assert_int_equal(daemon_metrics_outlet_start(outlet, NULL), 0);
	assert_int_equal(daemon_metrics_outlet_publish(outlet, "a 1\n", 4, NULL, NULL), 0);
	daemon_metrics_outlet_close(outlet);
}

static void an_address_for_this_host(void **state)
{
	(void)state;
	assert_serves(":0");
	assert_string_equal(told, "");
}

static void an_address_for_others(void **state)
{
	(void)state;
	assert_serves("0.0.0.0:0");
	assert_string_equal(told, "0.0.0.0:0: metrics are for whoever can reach this address: there is no "
				  "authentication");
}

#else

static void a_build_without(void **state)
{
	struct daemon_metrics_outlet *outlet = NULL;

	(void)state;
	assert_int_equal(daemon_metrics_outlet_open(&outlet, "0.0.0.0:0", &notices, NULL), -ENOTSUP);
	assert_string_equal(told, "");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file, forget),
		TEST(which_is_which),
#if ENIFLOW_HAVE_METRICS_SERVER
		cmocka_unit_test_setup(an_address_for_this_host, forget),
		cmocka_unit_test_setup(an_address_for_others, forget),
#else
		cmocka_unit_test_setup(a_build_without, forget),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
