#include "daemon/metrics_outlet.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "daemon/listener.h"
#include "daemon/metrics_file.h"
#include "daemon/metrics_server.h"

enum { SILENCE = 60 }; /* seconds; the loop goes round every one */

static bool is_file(const char *where)
{
	size_t length = strlen(where);

	return strchr(where, '/') || (length >= 5 && strcmp(where + length - 5, ".prom") == 0);
}

int daemon_metrics_outlet_check(const char *where, struct error *err)
{
	return is_file(where) ? daemon_metrics_file_check(where, err) : daemon_listener_check(where, err);
}

static int open_server(struct daemon_metrics_outlet **out, const char *where, const struct notices *notices,
		       struct error *err)
{
	int fd = daemon_listener_open(where, err), ret;

	if (fd < 0)
		return fd;
	ret = daemon_metrics_server_new(out, fd, SILENCE, err);
	if (ret == 0 && !daemon_listener_is_loopback(fd))
		notify(notices, "%s: metrics are for whoever can reach this address: there is no authentication",
		       where);
	return ret;
}

int daemon_metrics_outlet_open(struct daemon_metrics_outlet **out, const char *where, const struct notices *notices,
			       struct error *err)
{
	return is_file(where) ? daemon_metrics_file_open(out, where, err) : open_server(out, where, notices, err);
}

int daemon_metrics_outlet_start(struct daemon_metrics_outlet *outlet, struct error *err)
{
	return outlet->ops->start ? outlet->ops->start(outlet, err) : 0;
}

int daemon_metrics_outlet_publish(struct daemon_metrics_outlet *outlet, const char *text, size_t length,
				  const char *ill, struct error *err)
{
	return outlet->ops->publish(outlet, text, length, ill, err);
}

void daemon_metrics_outlet_close(struct daemon_metrics_outlet *outlet)
{
	if (outlet)
		outlet->ops->close(outlet);
}
