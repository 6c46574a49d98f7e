/* Figures over HTTP, asked for through real sockets on the loopback device. */
#include "daemon/metrics_server.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/listener.h"

#if ENIFLOW_HAVE_METRICS_SERVER

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { NEVER = 1000000, LARGE = 8 * 1024 * 1024 };

static struct daemon_metrics_outlet *server;
static uint16_t port;
static char reply[64 * 1024];

static int open_server(unsigned silence)
{
	int fd = daemon_listener_open(":0", NULL);

	if (fd < 0 || daemon_metrics_server_new(&server, fd, silence, NULL) < 0)
		return -1;
	port = daemon_listener_port(fd);
	return daemon_metrics_outlet_start(server, NULL);
}

static int open_patient(void **state)
{
	(void)state;
	return open_server(NEVER);
}

static int open_impatient(void **state)
{
	(void)state;
	return open_server(0);
}

static int close_server(void **state)
{
	(void)state;
	daemon_metrics_outlet_close(server);
	server = NULL;
	return 0;
}

static void publish(const char *text, const char *ill)
{
	assert_int_equal(daemon_metrics_outlet_publish(server, text, strlen(text), ill, NULL), 0);
}

/* A connection on which `request` was sent. No answer within two minutes is a failure, not a hang. */
static int ask(const char *request)
{
	struct sockaddr_in there = { .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval patience = { .tv_sec = 120 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	return fd;
}

/* All that comes until the other side closes, which is a reset where it did not care to read what was sent. */
static const char *answer_on(int fd)
{
	size_t length = 0;
	ssize_t got;

	while ((got = recv(fd, reply + length, sizeof(reply) - 1 - length, 0)) > 0)
		length += (size_t)got;
	assert_true(got == 0 || errno == ECONNRESET);
	reply[length] = '\0';
	close(fd);
	return reply;
}

static const char *fetch(const char *method, const char *place)
{
	char request[256];

	snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method,
		 place);
	return answer_on(ask(request));
}

static void assert_status(const char *answer, const char *status)
{
	char want[64];

	snprintf(want, sizeof(want), "HTTP/1.1 %s\r\n", status);
	if (strncmp(answer, want, strlen(want)) != 0)
		fail_msg("wanted %s, got %.40s", status, answer);
}

static void assert_body(const char *answer, const char *want)
{
	const char *body = strstr(answer, "\r\n\r\n");

	assert_non_null(body);
	assert_string_equal(body + 4, want);
}

static void the_last_text(void **state)
{
	const char *answer;

	(void)state;
	publish("a 1\n", NULL);
	publish("a 2\n", NULL);
	answer = fetch("GET", "/metrics");
	assert_status(answer, "200 OK");
	assert_non_null(strstr(answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(answer, "\r\nContent-Length: 4\r\n"));
	assert_body(answer, "a 2\n");
	assert_body(fetch("GET", "/metrics?name[]=a"), "a 2\n");
}

static void a_head_has_no_body(void **state)
{
	const char *answer;

	(void)state;
	publish("a 1\n", NULL);
	answer = fetch("HEAD", "/metrics");
	assert_status(answer, "200 OK");
	assert_non_null(strstr(answer, "\r\nContent-Length: 4\r\n"));
	assert_body(answer, "");
	assert_status(fetch("HEAD", "/healthz"), "200 OK");
}

static void health(void **state)
{
	const char *answer;

	(void)state;
	publish("", NULL);
	answer = fetch("GET", "/healthz");
	assert_status(answer, "200 OK");
	assert_body(answer, "ok\n");
	publish("", "s3://x: cannot be written");
	answer = fetch("GET", "/healthz");
	assert_status(answer, "503 Service Unavailable");
	assert_body(answer, "s3://x: cannot be written\n");
	assert_status(fetch("GET", "/metrics"), "200 OK"); /* which tell what is wrong */
	publish("", NULL);
	assert_status(fetch("GET", "/healthz"), "200 OK");
}

static void before_the_first_text(void **state)
{
	const char *answer = fetch("GET", "/metrics");

	(void)state;
	assert_status(answer, "503 Service Unavailable");
	assert_body(answer, "there are no metrics, yet\n");
	answer = fetch("GET", "/healthz");
	assert_status(answer, "503 Service Unavailable");
	assert_body(answer, "starting\n");
}

static void a_loop_that_hangs(void **state)
{
	const char *answer;

	(void)state;
	publish("a 1\n", NULL);
	answer = fetch("GET", "/healthz");
	assert_status(answer, "503 Service Unavailable");
	assert_non_null(strstr(answer, "\r\n\r\nthe program has given no figures for "));
	assert_body(fetch("GET", "/metrics"), "a 1\n");
}

static void other_places_and_methods(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "BREW" };

	(void)state;
	publish("a 1\n", NULL);
	assert_status(fetch("GET", "/"), "404 Not Found");
	assert_status(fetch("GET", "/metrics/"), "404 Not Found");
	assert_status(fetch("GET", "//metrics"), "404 Not Found");
	assert_status(fetch("GET", "/../etc/passwd"), "404 Not Found");
	assert_status(fetch("POST", "/x"), "404 Not Found");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_status(fetch(methods[i], "/metrics"), "405 Method Not Allowed");
		assert_non_null(strstr(reply, "\r\nAllow: GET, HEAD\r\n"));
		assert_status(fetch(methods[i], "/healthz"), "405 Method Not Allowed");
	}
}

static void what_is_no_request(void **state)
{
	char large[16 * 1024];

	(void)state;
	publish("a 1\n", NULL);
	answer_on(ask("\r\n\r\nnonsense\r\n\r\n"));
	assert_null(strstr(reply, "a 1\n"));
	memset(large, 'x', sizeof(large));
	memcpy(large, "GET /", 5);
	large[sizeof(large) - 1] = '\0';
	close(ask(large)); /* longer than a request may be */
	assert_body(fetch("GET", "/metrics"), "a 1\n");
}

/* Those who connect and say nothing, or half of it, keep nobody waiting: neither who asks nor who publishes. */
static void idle_connections(void **state)
{
	int silent[8];

	(void)state;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		silent[i] = ask(i % 2 ? "GET /metrics HTTP/1.1\r\nHost: loc" : "");
	publish("a 1\n", NULL);
	assert_body(fetch("GET", "/metrics"), "a 1\n");
	publish("a 2\n", NULL);
	assert_body(fetch("GET", "/metrics"), "a 2\n");
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		close(silent[i]);
}

/* More of them than there may be: who comes then is served when the others were closed for their silence. */
static void more_connections_than_there_may_be(void **state)
{
	int silent[40];

	(void)state;
	publish("a 1\n", NULL);
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		silent[i] = ask("");
	publish("a 2\n", NULL);
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		assert_string_equal(answer_on(silent[i]), ""); /* closed by the server, in its own time */
	assert_body(fetch("GET", "/metrics"), "a 2\n");
}

/* Whoever reads slowly is given the text that he asked for, though others were published and fetched meanwhile. */
static void a_slow_reader(void **state)
{
	char *large = malloc(LARGE + 1);
	size_t length = 0, old = 0;
	ssize_t got;
	int slow;

	(void)state;
	assert_non_null(large);
	memset(large, 'o', LARGE);
	large[LARGE] = '\0';
	publish(large, NULL);
	slow = ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	assert_int_equal(recv(slow, reply, 15, MSG_WAITALL), 15);
	assert_memory_equal(reply, "HTTP/1.1 200 OK", 15);
	publish("new 1\n", NULL);
	assert_body(fetch("GET", "/metrics"), "new 1\n");
	while ((got = recv(slow, reply, sizeof(reply), 0)) > 0) {
		for (ssize_t i = 0; i < got; i++)
			old += reply[i] == 'o';
		length += (size_t)got;
	}
	assert_int_equal(got, 0);
	assert_true(old >= LARGE && length < LARGE + 1024);
	close(slow);
	free(large);
}

static void many_requests_on_one_connection(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static const char carries[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nxyz";
	static const char last[] = "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	int fd, answers = 0;

	(void)state;
	publish("a 1\n", NULL);
	fd = ask(request);
	for (int i = 0; i < 98; i++)
		assert_int_equal(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
	assert_int_equal(send(fd, carries, sizeof(carries) - 1, MSG_NOSIGNAL), sizeof(carries) - 1);
	assert_int_equal(send(fd, last, sizeof(last) - 1, MSG_NOSIGNAL), sizeof(last) - 1);
	for (const char *at = answer_on(fd); (at = strstr(at, "HTTP/1.1 200 OK")); at++)
		answers++;
	assert_int_equal(answers, 100);
	assert_non_null(strstr(reply, "HTTP/1.1 404 Not Found"));
}

static void closed_before_it_was_started(void **state)
{
	int fd = daemon_listener_open(":0", NULL);

	(void)state;
	assert_int_equal(daemon_metrics_server_new(&server, fd, NEVER, NULL), 0);
	publish("a 1\n", NULL);
	daemon_metrics_outlet_close(server);
	server = NULL;
	assert_int_equal(daemon_listener_port(fd), 0); /* it is closed */
}

#define SERVED(function) cmocka_unit_test_setup_teardown(function, open_patient, close_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(the_last_text),
		SERVED(a_head_has_no_body),
		SERVED(health),
		SERVED(before_the_first_text),
		cmocka_unit_test_setup_teardown(a_loop_that_hangs, open_impatient, close_server),
		SERVED(other_places_and_methods),
		SERVED(what_is_no_request),
		SERVED(idle_connections),
		SERVED(more_connections_than_there_may_be),
		SERVED(a_slow_reader),
		SERVED(many_requests_on_one_connection),
		TEST(closed_before_it_was_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void a_build_without(void **state)
{
	struct daemon_metrics_outlet *outlet = NULL;
	struct error err = { "" };
	int fd = daemon_listener_open(":0", NULL);

	(void)state;
	assert_int_equal(daemon_metrics_server_new(&outlet, fd, 1, &err), -ENOTSUP);
	assert_string_equal(err.text,
			    "metrics: this eniflow was built without a server; name a file that ends in .prom, "
			    "or install libmicrohttpd-dev and build again");
	assert_null(outlet);
	assert_int_equal(daemon_listener_port(fd), 0); /* it is closed */
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_build_without) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
