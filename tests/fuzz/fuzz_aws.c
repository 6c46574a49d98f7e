/* Files of the aws command line of any bytes: read, or refused with a sentence; what is read adds up with itself to a
 * configuration that is whole. The first byte chooses the kind; a zero byte begins another file of the next kind. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/supplement.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void tell(void *ctx, const char *sentence)
{
	(void)ctx;
	if (!*sentence)
		abort();
}

static const struct notices notices = { tell, NULL };

/* Returns whether all of it could be read. */
static bool read_account(struct aws_account *account, const uint8_t *bytes, size_t length)
{
	char path[] = "fuzz.json";
	struct aws_file file = { .kind = (enum aws_kind)(*bytes % AWS_KIND_END), .path = path };

	for (bytes++, length--;; file.kind = (enum aws_kind)((file.kind + 1) % AWS_KIND_END)) {
		const uint8_t *end = memchr(bytes, 0, length);
		size_t part = end ? (size_t)(end - bytes) : length;
		struct error err = { "" };
		int ret = aws_account_parse(account, &file, (const char *)bytes, part, &notices, &err);

		if (ret > 0 || (ret < 0) != (*err.text != '\0'))
			abort();
		if (ret < 0 || !end)
			return ret == 0;
		bytes += part + 1;
		length -= part + 1;
	}
}

struct configuration {
	struct flow_interface defaults, *interfaces;
	struct flow_security_group *groups;
	struct flow_network_acl *acls;
	size_t interface_count, group_count, acl_count;
	struct flow_routes routes;
};

/* What nobody else would look at is looked at here. */
static void check(const struct configuration *configuration, const struct aws_supplement *supplement)
{
	static const struct flow_address addresses[] = { { { 10, 0, 0, 1 } }, { { 0x20, 1, 0xd, 0xb8 } } };

	for (size_t i = 0; i < configuration->interface_count; i++) {
		const struct flow_interface *interface = &configuration->interfaces[i];

		if (!*interface->name || !*interface->identity[FLOW_INTERFACE_ID])
			abort();
		for (size_t j = 0; j < FLOW_IDENTITY_END; j++)
			if (interface->identity[j] && strpbrk(interface->identity[j], " \t\r\n"))
				abort();
		if (supplement->routes && supplement->routes[i] &&
		    flow_routes_path(supplement->routes[i], FLOW_IPV4, &addresses[0]) > 8)
			abort();
	}
	for (size_t i = 0; i < configuration->group_count; i++) {
		const struct flow_rules *rules = &configuration->groups[i].ingress;

		for (size_t j = 0; j < rules->count; j++)
			if (!rules->items[j].words || !rules->items[j].place ||
			    (rules->items[j].group && rules->items[j].peer_count > 0))
				abort();
	}
	if (supplement->services)
		flow_services_find(supplement->services, FLOW_IPV6, &addresses[1]);
}

static void clear(struct configuration *configuration)
{
	for (size_t i = 0; i < configuration->interface_count; i++)
		flow_interface_clear(&configuration->interfaces[i]);
	for (size_t i = 0; i < configuration->group_count; i++)
		flow_security_group_clear(&configuration->groups[i]);
	for (size_t i = 0; i < configuration->acl_count; i++)
		flow_network_acl_clear(&configuration->acls[i]);
	free(configuration->interfaces);
	free(configuration->groups);
	free(configuration->acls);
}

static void add_account(struct aws_account *account)
{
	struct configuration own = { 0 };
	const struct aws_configuration configuration = {
		.defaults = &own.defaults,
		.routes = &own.routes,
		.interfaces = &own.interfaces,
		.interface_count = &own.interface_count,
		.groups = &own.groups,
		.group_count = &own.group_count,
		.acls = &own.acls,
		.acl_count = &own.acl_count,
	};
	struct aws_supplement supplement = { 0 };
	struct error err = { "" };
	int ret = aws_supplement_add(&supplement, account, &configuration, &notices, &err);

	if ((ret < 0) != (*err.text != '\0'))
		abort();
	aws_account_clear(account);
	if (ret == 0)
		check(&own, &supplement);
	aws_supplement_clear(&supplement);
	clear(&own);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct aws_account account = { .interface_tags = { "Name", "cost centre" } };

	if (length > 0 && read_account(&account, bytes, length))
		add_account(&account);
	aws_account_clear(&account);
	return 0;
}
