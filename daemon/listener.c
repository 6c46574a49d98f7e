#include "daemon/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, PORT_MOST = 65535 };

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static int fail_form(const char *where, struct error *err)
{
	return fail(
		err, EINVAL,
		"%s: no address to listen on; it is written 127.0.0.1:9700, [::1]:9700, or :9700 for this host alone",
		where);
}

static int parse_port(const char *text, uint16_t *out)
{
	char *end;
	unsigned long port;

	if (*text < '0' || *text > '9' || strlen(text) > 5)
		return -1;
	port = strtoul(text, &end, 10);
	if (*end || port > PORT_MOST)
		return -1;
	*out = htons((uint16_t)port);
	return 0;
}

static int parse_ipv6(char *text, struct sockaddr_in6 *out)
{
	char *zone = strchr(text, '%');

	if (zone) {
		*zone = '\0';
		out->sin6_scope_id = if_nametoindex(zone + 1);
		if (out->sin6_scope_id == 0)
			return -1;
	}
	out->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, text, &out->sin6_addr) == 1 ? 0 : -1;
}

static int parse_ipv4(const char *text, struct sockaddr_in *out)
{
	out->sin_family = AF_INET;
	if (*text == '\0' || strcmp(text, "localhost") == 0)
		text = "127.0.0.1";
	return inet_pton(AF_INET, text, &out->sin_addr) == 1 ? 0 : -1;
}

static int parse(const char *where, union address *out, struct error *err)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof("[%]")];
	const char *colon = strrchr(where, ':'), *port = colon ? colon + 1 : where;
	size_t length = colon ? (size_t)(colon - where) : 0;
	int ret;

	memset(out, 0, sizeof(*out));
	if (length >= sizeof(host))
		return fail_form(where, err);
	memcpy(host, where, length);
	host[length] = '\0';
	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		ret = parse_ipv6(host + 1, &out->ipv6) < 0 || parse_port(port, &out->ipv6.sin6_port) < 0;
	} else {
		ret = parse_ipv4(host, &out->ipv4) < 0 || parse_port(port, &out->ipv4.sin_port) < 0;
	}
	return ret ? fail_form(where, err) : 0;
}

int daemon_listener_check(const char *where, struct error *err)
{
	union address address;

	return parse(where, &address, err);
}

static int listen_on(int fd, const union address *address)
{
	const int yes = 1, no = 0;
	socklen_t size = address->any.sa_family == AF_INET6 ? sizeof(address->ipv6) : sizeof(address->ipv4);

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return -1;
	if (address->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0)
		return -1;
	return bind(fd, &address->any, size) < 0 || listen(fd, BACKLOG) < 0 ? -1 : 0;
}

static int fail_listen(const char *where, struct error *err)
{
	if (errno == EADDRINUSE)
		return fail(err, EADDRINUSE, "%s: another program listens there already", where);
	if (errno == EADDRNOTAVAIL)
		return fail(err, EADDRNOTAVAIL, "%s: this host has no such address", where);
	if (errno == EACCES)
		return fail(err, EACCES, "%s: a port below 1024 is for root or CAP_NET_BIND_SERVICE; take one above",
			    where);
	return fail_errno(err, "%s: cannot listen there", where);
}

int daemon_listener_open(const char *where, struct error *err)
{
	union address address;
	int ret = parse(where, &address, err), fd;

	if (ret < 0)
		return ret;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno(err, "%s: no socket can be made", where);
	if (listen_on(fd, &address) < 0) {
		ret = fail_listen(where, err);
		close(fd);
		return ret;
	}
	return fd;
}

static union address address_of(int fd)
{
	union address address;
	socklen_t size = sizeof(address);

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, &address.any, &size) < 0)
		address.any.sa_family = AF_UNSPEC;
	return address;
}

uint16_t daemon_listener_port(int fd)
{
	union address address = address_of(fd);

	switch (address.any.sa_family) {
	case AF_INET:
		return ntohs(address.ipv4.sin_port);
	case AF_INET6:
		return ntohs(address.ipv6.sin6_port);
	default:
		return 0;
	}
}

bool daemon_listener_is_loopback(int fd)
{
	union address address = address_of(fd);

	if (address.any.sa_family == AF_INET)
		return ntohl(address.ipv4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.ipv6.sin6_addr);
}
