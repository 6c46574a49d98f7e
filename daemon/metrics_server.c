#include "daemon/metrics_server.h"

#include <errno.h>
#include <unistd.h>

#if ENIFLOW_HAVE_METRICS_SERVER

#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CONNECTIONS = 32,
	CONNECTIONS_OF_ONE = 16, /* address */
	IDLE_SECONDS = 10,
	REQUEST_BYTES = 8192,
	STACK_BYTES = 256 * 1024,
};

struct server {
	struct daemon_metrics_outlet base;
	int socket; /* -1: the library's */
	unsigned silence;
	struct MHD_Daemon *daemon; /* NULL: not started */
	pthread_mutex_t lock;      /* of all below */
	struct MHD_Response *text; /* NULL: none, yet; whoever is being given an older one holds that himself */
	time_t published;          /* on the monotonic clock */
	char ill[ERROR_MAX];       /* "": it is well */
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* ---- answers; these run in the library's thread ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (char *)text,
									MHD_RESPMEM_MUST_COPY);
	enum MHD_Result queued = MHD_NO;

	if (!response)
		return MHD_NO;
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8") == MHD_YES &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES))
		queued = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result answer_metrics(struct server *server, struct MHD_Connection *connection)
{
	enum MHD_Result queued = MHD_NO;
	bool is_there;

	pthread_mutex_lock(&server->lock);
	is_there = server->text;
	if (is_there)
		queued = MHD_queue_response(connection, MHD_HTTP_OK, server->text);
	pthread_mutex_unlock(&server->lock);
	return is_there ? queued : answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "there are no metrics, yet\n");
}

static enum MHD_Result answer_health(struct server *server, struct MHD_Connection *connection)
{
	char text[ERROR_MAX + 1];
	bool is_well = false;
	time_t age;

	pthread_mutex_lock(&server->lock);
	age = now() - server->published;
	if (!server->text) {
		snprintf(text, sizeof(text), "starting\n");
	} else if (age >= (time_t)server->silence) {
		snprintf(text, sizeof(text), "the program has given no figures for %lld s\n", (long long)age);
	} else {
		is_well = !server->ill[0];
		snprintf(text, sizeof(text), "%s\n", is_well ? "ok" : server->ill);
	}
	pthread_mutex_unlock(&server->lock);
	return answer(connection, is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, text);
}

/* Is called when the head of a request is there, then for what it carries, then at its end. An answer before the end
 * closes the connection: right for what is turned away, but Prometheus keeps its own. */
static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *upload, size_t *upload_size, void **request)
{
	bool metrics = strcmp(url, "/metrics") == 0, begins = !*request;

	(void)version;
	(void)upload;
	if (!metrics && strcmp(url, "/healthz") != 0)
		return answer(connection, MHD_HTTP_NOT_FOUND, "eniflow has /metrics and /healthz\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "this can only be read\n");
	*request = ctx;
	if (begins || *upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	return metrics ? answer_metrics(ctx, connection) : answer_health(ctx, connection);
}

/* ---- the loop's side ---- */

/* Signals are left to the thread that starts it. The library writes nothing to standard error without being asked. */
static int start(struct daemon_metrics_outlet *outlet, struct error *err)
{
	const unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC;
	struct server *server = (struct server *)outlet;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET,
					  server->socket, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
					  MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_OF_ONE,
					  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
					  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES,
					  MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!server->daemon)
		return fail(err, EAGAIN, "metrics: the server cannot be started");
	server->socket = -1;
	return 0;
}

static struct MHD_Response *response_of(const char *text, size_t length)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(length, (char *)text, MHD_RESPMEM_MUST_COPY);

	if (response && MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
						"text/plain; version=0.0.4; charset=utf-8") == MHD_YES)
		return response;
	if (response)
		MHD_destroy_response(response);
	return NULL;
}

static int publish(struct daemon_metrics_outlet *outlet, const char *text, size_t length, const char *ill,
		   struct error *err)
{
	struct server *server = (struct server *)outlet;
	struct MHD_Response *fresh = response_of(text, length), *old;

	if (!fresh)
		return fail_memory(err, "metrics");
	pthread_mutex_lock(&server->lock);
	old = server->text;
	server->text = fresh;
	server->published = now();
	snprintf(server->ill, sizeof(server->ill), "%s", ill ? ill : "");
	pthread_mutex_unlock(&server->lock);
	if (old)
		MHD_destroy_response(old);
	return 0;
}

static void close_server(struct daemon_metrics_outlet *outlet)
{
	struct server *server = (struct server *)outlet;

	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	if (server->socket >= 0)
		close(server->socket);
	if (server->text)
		MHD_destroy_response(server->text);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int daemon_metrics_server_new(struct daemon_metrics_outlet **out, int fd, unsigned silence, struct error *err)
{
	static const struct daemon_metrics_outlet_ops ops = { start, publish, close_server };
	struct server *server = calloc(1, sizeof(*server));

	if (!server || pthread_mutex_init(&server->lock, NULL) != 0) {
		free(server);
		close(fd);
		return fail_memory(err, "metrics");
	}
	server->base.ops = &ops;
	server->socket = fd;
	server->silence = silence;
	*out = &server->base;
	return 0;
}

#else

int daemon_metrics_server_new(struct daemon_metrics_outlet **out, int fd, unsigned silence, struct error *err)
{
	(void)silence;
	*out = NULL;
	close(fd);
	return fail(err, ENOTSUP,
		    "metrics: this eniflow was built without a server; name a file that ends in .prom, or install "
		    "libmicrohttpd-dev and build again");
}

#endif
