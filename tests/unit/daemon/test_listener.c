/* Addresses to listen on, as people write them. */
#include "daemon/listener.h"

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Has this machine IPv6 at all? */
static bool has_ipv6(void)
{
	struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static int open_at(const char *where)
{
	struct error err = { "" };
	int fd = daemon_listener_open(where, &err);

	assert_string_equal(err.text, "");
	assert_true(fd >= 0);
	assert_int_not_equal(daemon_listener_port(fd), 0);
	return fd;
}

static void assert_loopback(const char *where, bool want)
{
	int fd = open_at(where);

	assert_int_equal(daemon_listener_is_loopback(fd), want);
	close(fd);
}

static void only_what_is_written_out_is_open_to_others(void **state)
{
	(void)state;
	assert_loopback(":0", true);
	assert_loopback("0", true);
	assert_loopback("localhost:0", true);
	assert_loopback("127.0.0.1:0", true);
	assert_loopback("127.9.8.7:0", true);
	assert_loopback("0.0.0.0:0", false);
}

static void ipv6(void **state)
{
	(void)state;
	if (!has_ipv6())
		skip();
	assert_loopback("[::1]:0", true);
	assert_loopback("[::1%lo]:0", true);
	assert_loopback("[::]:0", false);
}

static int connect_ipv4(uint16_t port)
{
	struct sockaddr_in there = { .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;

	assert_true(fd >= 0);
	ret = connect(fd, (struct sockaddr *)&there, sizeof(there));
	close(fd);
	return ret;
}

static void somebody_connects(void **state)
{
	int fd = open_at(":0");
	uint16_t port = daemon_listener_port(fd);

	(void)state;
	assert_int_equal(connect_ipv4(port), 0);
	close(fd);
	assert_int_equal(connect_ipv4(port), -1);
}

static void all_addresses_of_both_families(void **state)
{
	int fd;

	(void)state;
	if (!has_ipv6())
		skip();
	fd = open_at("[::]:0");
	assert_int_equal(connect_ipv4(daemon_listener_port(fd)), 0);
	close(fd);
}

static void the_port_is_that_which_was_asked_for(void **state)
{
	int first = open_at(":0"), again;
	struct error err = { "" };
	char where[32], want[96];
	uint16_t port = daemon_listener_port(first);

	(void)state;
	snprintf(where, sizeof(where), "127.0.0.1:%u", port);
	snprintf(want, sizeof(want), "%s: another program listens there already", where);
	assert_int_equal(daemon_listener_open(where, &err), -EADDRINUSE);
	assert_string_equal(err.text, want);
	close(first);
	again = open_at(where);
	assert_int_equal(daemon_listener_port(again), port);
	close(again);
}

static void an_address_of_another_host(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(daemon_listener_open("192.0.2.1:0", &err), -EADDRNOTAVAIL);
	assert_string_equal(err.text, "192.0.2.1:0: this host has no such address");
}

static void what_is_no_address(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:x",
		"127.0.0.1:65536",
		":-1",
		": 1",
		"127.1:80",
		"host:9700",
		"::1:9700",
		"[::1]",
		"[]:1",
		"[::1:9700",
		"::1]:9700",
		"[127.0.0.1]:1",
		"[::1%no-such]:1",
		"1.2.3.4.5:1",
		"*:9700",
		":0000080",
		":99999999999999999999",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = { "" };

		if (daemon_listener_check(bad[i], &err) != -EINVAL)
			fail_msg("\"%s\" was taken for an address", bad[i]);
		assert_non_null(strstr(err.text, ": no address to listen on; it is written 127.0.0.1:9700"));
		assert_int_equal(daemon_listener_open(bad[i], NULL), -EINVAL);
	}
	assert_int_equal(daemon_listener_check("10.0.0.1:9700", NULL), 0);
	assert_int_equal(daemon_listener_check("[2001:db8::1]:65535", NULL), 0);
	assert_int_equal(daemon_listener_check("9700", NULL), 0);
}

static void what_is_no_listener(void **state)
{
	(void)state;
	assert_int_equal(daemon_listener_port(-1), 0);
	assert_false(daemon_listener_is_loopback(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_written_out_is_open_to_others),
		TEST(ipv6),
		TEST(somebody_connects),
		TEST(all_addresses_of_both_families),
		TEST(the_port_is_that_which_was_asked_for),
		TEST(an_address_of_another_host),
		TEST(what_is_no_address),
		TEST(what_is_no_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
