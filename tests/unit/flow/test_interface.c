#include "flow/interface.h"

#include "fixture.h"

static struct flow_interfaces *set_new(void)
{
	struct flow_interface defaults = { 0 };
	struct flow_interfaces *set = NULL;

	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	return set;
}

static void configure(struct flow_interfaces *set, const char *name, const char *device, uint8_t mac,
		      const char *addresses)
{
	struct flow_interface interface = interface_of(name, device, mac, addresses);

	assert_int_equal(flow_interfaces_add(set, &interface, NULL), 0);
	assert_null(interface.name); /* moved */
	assert_null(interface.addresses);
}

static void bind_point(struct flow_interfaces *set, uint32_t number, const char *name, bool named)
{
	const struct flow_point point = { .number = number, .name = name, .named = named };

	assert_int_equal(flow_interfaces_bind(set, &point, NULL), 0);
}

/* The names of the interfaces of a point, with a blank behind each. */
static void assert_point(const struct flow_interfaces *set, uint32_t number, const char *expected)
{
	size_t count = 99;
	const uint32_t *numbers = flow_interfaces_of_point(set, number, &count);
	char names[128] = "";

	for (size_t i = 0; i < count; i++)
		strcat(strcat(names, flow_interfaces_at(set, numbers[i])->name), " ");
	assert_string_equal(names, expected);
}

/* "NAME>" for egress, "NAME<" for ingress, "NAME?" where it is unknown; a blank behind each. */
static void assert_match(const struct flow_interfaces *set, struct flow_observation packet, const char *expected)
{
	static const char sign[] = { '?', '<', '>' };
	struct flow_match matches[16];
	size_t most = flow_interfaces_most_matches(set), count;
	char found[128] = "";

	assert_in_range(most, 0, 16);
	count = flow_interfaces_match(set, &packet, matches);
	for (size_t i = 0; i < count; i++) {
		const char *name = flow_interfaces_at(set, matches[i].interface)->name;

		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%c ", name,
			 sign[matches[i].direction]);
	}
	assert_string_equal(found, expected);
}

/* ---- one interface ---- */

static void assert_derived(const char *name, const char *expected)
{
	char id[FLOW_INTERFACE_ID_SIZE];

	flow_interface_derived_id(name, id);
	assert_string_equal(id, expected);
}

static void test_derived_id(void **state)
{
	(void)state;
	assert_derived("", "eni-0cbf29ce484222325");
	assert_derived("a", "eni-0af63dc4c8601ec8c");
	assert_derived("eth0", "eni-0c41bf7607a25a404");
	assert_derived("\xc3\xa4", "eni-00ac21207b7181582");
}

static void test_copy_is_deep(void **state)
{
	struct flow_interface from = interface_of("web", "eth0", 1, "10.0.0.1 2001:db8::1"), to = { 0 };

	(void)state;
	from.has_vni = true;
	from.vni = 77;
	from.vpc_cidrs = malloc(sizeof(*from.vpc_cidrs));
	from.vpc_cidrs[0] = prefix_of("10.0.0.0/16");
	from.vpc_cidr_count = 1;
	from.subnet_cidrs = malloc(2 * sizeof(*from.subnet_cidrs));
	from.subnet_cidrs[0] = prefix_of("10.0.1.0/24");
	from.subnet_cidrs[1] = prefix_of("10.0.2.0/24");
	from.subnet_cidr_count = 2;
	from.identity[FLOW_VPC_ID] = strdup("vpc-1");
	from.identity[FLOW_INTERFACE_TYPE] = strdup("branch");
	assert_int_equal(flow_interface_copy(&to, &from, NULL), 0);
	flow_interface_clear(&from);

	assert_string_equal(to.name, "web");
	assert_string_equal(to.device, "eth0");
	assert_true(to.has_mac && to.mac[0] == 2 && to.mac[5] == 1);
	assert_true(to.has_vni && to.vni == 77);
	assert_int_equal(to.address_count, 2);
	assert_int_equal(to.addresses[1].family, FLOW_IPV6);
	assert_int_equal(to.vpc_cidr_count, 1);
	assert_int_equal(to.vpc_cidrs[0].length, 16);
	assert_int_equal(to.subnet_cidr_count, 2);
	assert_int_equal(to.subnet_cidrs[1].base.octets[2], 2);
	assert_string_equal(to.identity[FLOW_VPC_ID], "vpc-1");
	assert_string_equal(to.identity[FLOW_INTERFACE_TYPE], "branch");
	assert_null(to.identity[FLOW_REGION]);
	flow_interface_clear(&to);
	assert_null(to.name);
	assert_int_equal(to.address_count, 0);
	flow_interface_clear(&to);
}

static struct flow_prefix *list_of(const char *prefix)
{
	struct flow_prefix *list = malloc(sizeof(*list));

	assert_non_null(list);
	*list = prefix_of(prefix);
	return list;
}

static void test_what_is_unset_is_inherited(void **state)
{
	struct flow_interface from = interface_of("x", "y", 1, "10.0.0.1"), to = { 0 };

	(void)state;
	from.vpc_cidrs = list_of("10.0.0.0/16");
	from.subnet_cidrs = list_of("10.0.1.0/24");
	to.subnet_cidrs = list_of("10.0.2.0/24");
	from.vpc_cidr_count = from.subnet_cidr_count = to.subnet_cidr_count = 1;
	from.identity[FLOW_VPC_ID] = strdup("vpc-1");
	from.identity[FLOW_REGION] = strdup("eu-west-1");
	to.identity[FLOW_REGION] = strdup("us-east-1");
	assert_int_equal(flow_interface_inherit(&to, &from, NULL), 0);
	flow_interface_clear(&from);

	assert_null(to.name);
	assert_null(to.device);
	assert_false(to.has_mac);
	assert_int_equal(to.address_count, 0);
	assert_int_equal(to.vpc_cidr_count, 1);
	assert_int_equal(to.vpc_cidrs[0].length, 16);
	assert_int_equal(to.subnet_cidr_count, 1);
	assert_int_equal(to.subnet_cidrs[0].base.octets[2], 2);
	assert_string_equal(to.identity[FLOW_VPC_ID], "vpc-1");
	assert_string_equal(to.identity[FLOW_REGION], "us-east-1");
	assert_null(to.identity[FLOW_ACCOUNT_ID]);
	flow_interface_clear(&to);
}

/* As the other lists: one of its own stands for the inherited one. */
static void test_names_of_policies(void **state)
{
	struct flow_interface from = interface_of("x", NULL, 0, ""), copy = { 0 }, own = { 0 }, none = { 0 };

	(void)state;
	give_policies(&from, "sg-a sg-b", "acl-a");
	give_policies(&own, "sg-c", "acl-b");
	give_policies(&none, "", NULL);
	assert_int_equal(flow_interface_copy(&copy, &from, NULL), 0);
	assert_int_equal(flow_interface_inherit(&own, &from, NULL), 0);
	assert_int_equal(flow_interface_inherit(&none, &from, NULL), 0);
	flow_interface_clear(&from);
	assert_null(from.security_groups);
	assert_null(from.network_acl);

	for (const struct flow_interface *heir = &copy; heir; heir = heir == &copy ? &none : NULL) {
		assert_int_equal(heir->security_group_count, 2);
		assert_string_equal(heir->security_groups[0], "sg-a");
		assert_string_equal(heir->security_groups[1], "sg-b");
		assert_string_equal(heir->network_acl, "acl-a");
	}
	assert_int_equal(own.security_group_count, 1);
	assert_string_equal(own.security_groups[0], "sg-c");
	assert_string_equal(own.network_acl, "acl-b");
	flow_interface_clear(&copy);
	flow_interface_clear(&none);
	flow_interface_clear(&own);
}

static void test_identity_of_a_configured_interface(void **state)
{
	struct flow_interface named = interface_of("other", NULL, 0, "");
	struct flow_interfaces *set = set_new();

	(void)state;
	named.identity[FLOW_ACCOUNT_ID] = strdup("123456789010");
	named.identity[FLOW_INTERFACE_ID] = strdup("eni-1");
	configure(set, "eth0", NULL, 0, "");
	assert_int_equal(flow_interfaces_add(set, &named, NULL), 0);
	assert_string_equal(flow_interfaces_at(set, 0)->identity[FLOW_ACCOUNT_ID], "000000000000");
	assert_string_equal(flow_interfaces_at(set, 0)->identity[FLOW_INTERFACE_ID], "eni-0c41bf7607a25a404");
	assert_null(flow_interfaces_at(set, 0)->identity[FLOW_VPC_ID]);
	assert_string_equal(flow_interfaces_at(set, 1)->identity[FLOW_ACCOUNT_ID], "123456789010");
	assert_string_equal(flow_interfaces_at(set, 1)->identity[FLOW_INTERFACE_ID], "eni-1");
	flow_interfaces_free(set);
	flow_interfaces_free(NULL);
}

/* ---- capture points ---- */

static void test_candidates_of_a_named_point(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "web", "eth0", 0, "");   /* 0: by device */
	configure(set, "eth0", NULL, 0, "");    /* 1: by name */
	configure(set, "db", NULL, 0, "");      /* 2: another name */
	configure(set, "eth0b", "eth1", 0, ""); /* 3: another device */
	bind_point(set, 0, "eth0", true);
	assert_point(set, 0, "web eth0 ");
	assert_true(flow_interfaces_is_bound(set, 0));
	assert_true(flow_interfaces_is_bound(set, 1));
	assert_false(flow_interfaces_is_bound(set, 2));
	assert_false(flow_interfaces_is_bound(set, 3));
	bind_point(set, 1, "eth1", true);
	assert_point(set, 1, "eth0b ");
	assert_true(flow_interfaces_is_bound(set, 3));
	assert_int_equal(flow_interfaces_count(set), 4);
	flow_interfaces_free(set);
}

/* A section's name does not bind it where it names another device. */
static void test_a_device_wins_over_the_name(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "eth0", "eth1", 0, "");
	bind_point(set, 0, "eth0", true);
	assert_int_equal(flow_interfaces_count(set), 2); /* an implicit one */
	assert_false(flow_interfaces_is_bound(set, 0));
	assert_true(flow_interfaces_is_bound(set, 1));
	flow_interfaces_free(set);
}

/* As network interfaces that no section stands for. */
static void test_an_interface_that_may_be_anywhere(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_interface interface = interface_of("eni-1", NULL, 9, ""), copy = { 0 };

	(void)state;
	interface.anywhere = true;
	assert_int_equal(flow_interface_copy(&copy, &interface, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &copy, NULL), 0);
	flow_interface_clear(&interface);
	configure(set, "web", "eth0", 0, "");
	bind_point(set, 0, "eth0", true);
	bind_point(set, 1, "eth1", true);
	bind_point(set, 2, "", false);
	assert_point(set, 0, "eni-1 web ");
	assert_point(set, 1, "eni-1 ");
	assert_point(set, 2, "eni-1 ");
	flow_interfaces_free(set);
}

static void test_candidates_of_unnamed_points(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "web", NULL, 0, "");    /* wherever there is no real name */
	configure(set, "first", "if0", 0, ""); /* by the name that stands for none */
	configure(set, "db", "eth0", 0, "");   /* only there */
	bind_point(set, 0, "", false);
	bind_point(set, 1, "if0", false);
	bind_point(set, 2, "if1", false);
	bind_point(set, 3, "if0.real", true);
	assert_point(set, 0, "web ");
	assert_point(set, 1, "web first ");
	assert_point(set, 2, "web ");
	assert_point(set, 3, "if0.real ");
	assert_false(flow_interfaces_is_bound(set, 2));
	flow_interfaces_free(set);
}

/* Each point that no configuration speaks of has its own, also where it has no real name. */
static void test_implicit_interfaces(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	bind_point(set, 0, "eth0", true);
	bind_point(set, 1, "if0", false);
	bind_point(set, 2, "if1", false);
	bind_point(set, 3, "", false);
	assert_point(set, 0, "eth0 ");
	assert_point(set, 1, "if0 ");
	assert_point(set, 2, "if1 ");
	assert_point(set, 3, " ");
	assert_int_equal(flow_interfaces_count(set), 4);
	assert_string_equal(flow_interfaces_at(set, 0)->identity[FLOW_INTERFACE_ID], "eni-0c41bf7607a25a404");
	flow_interfaces_free(set);
}

static void test_implicit_after_configured(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "eth1", NULL, 0, "");
	bind_point(set, 0, "eth0", true);
	bind_point(set, 1, "eth1", true);
	assert_string_equal(flow_interfaces_at(set, 0)->name, "eth1");
	assert_string_equal(flow_interfaces_at(set, 1)->name, "eth0");
	assert_point(set, 0, "eth0 ");
	assert_point(set, 1, "eth1 ");
	flow_interfaces_free(set);
}

/* What describes interfaces in general comes from the defaults; what tells one from another does not. */
static void test_implicit_from_defaults(void **state)
{
	struct flow_interface defaults = interface_of("x", "y", 1, "10.0.0.1");
	struct flow_interfaces *set = NULL;
	const struct flow_interface *implicit;

	(void)state;
	defaults.has_vni = true;
	defaults.identity[FLOW_ACCOUNT_ID] = strdup("123456789010");
	defaults.identity[FLOW_REGION] = strdup("eu-west-1");
	defaults.vpc_cidrs = malloc(sizeof(*defaults.vpc_cidrs));
	defaults.vpc_cidrs[0] = prefix_of("10.0.0.0/16");
	defaults.vpc_cidr_count = 1;
	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	flow_interface_clear(&defaults);
	bind_point(set, 0, "", false);
	implicit = flow_interfaces_at(set, 0);
	assert_string_equal(implicit->name, "");
	assert_null(implicit->device);
	assert_false(implicit->has_mac || implicit->has_vni);
	assert_int_equal(implicit->address_count, 0);
	assert_int_equal(implicit->vpc_cidr_count, 1);
	assert_string_equal(implicit->identity[FLOW_ACCOUNT_ID], "123456789010");
	assert_string_equal(implicit->identity[FLOW_REGION], "eu-west-1");
	assert_string_equal(implicit->identity[FLOW_INTERFACE_ID], "eni-0cbf29ce484222325");
	assert_match(set, packet_of("10.0.0.1", "10.0.0.2"), "? ");
	flow_interfaces_free(set);
}

static void test_binding_twice_changes_nothing(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	bind_point(set, 0, "eth0", true);
	bind_point(set, 0, "eth0", true);
	assert_int_equal(flow_interfaces_count(set), 1);
	assert_point(set, 0, "eth0 ");
	flow_interfaces_free(set);
}

/* Points of link types that are not decoded are never told of: their numbers stay free. */
static void test_points_that_were_not_told(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	(void)state;
	assert_match(set, packet, "");
	assert_point(set, 0, "");
	bind_point(set, 5, "eth0", true);
	assert_point(set, 4, "");
	assert_point(set, 5, "eth0 ");
	assert_point(set, 6, "");
	packet.point = 4;
	assert_match(set, packet, "");
	packet.point = 6;
	assert_match(set, packet, "");
	packet.point = 5;
	assert_match(set, packet, "eth0? ");
	flow_interfaces_free(set);
}

/* The same interfaces at several points, with others at a point between. */
static void test_points_with_the_same_interfaces(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.9");

	(void)state;
	configure(set, "a", NULL, 0, "10.0.0.1");
	configure(set, "b", NULL, 0, "10.0.0.2");
	configure(set, "c", "if2", 0, "10.0.0.1");
	bind_point(set, 0, "if0", false);
	bind_point(set, 1, "if1", false);
	bind_point(set, 2, "if2", false);
	bind_point(set, 3, "if3", false);
	for (packet.point = 0; packet.point < 4; packet.point++) {
		assert_point(set, packet.point, packet.point == 2 ? "a b c " : "a b ");
		assert_match(set, packet, packet.point == 2 ? "a> c> " : "a> ");
	}
	assert_false(flow_interfaces_most_matches(set) < 6);
	flow_interfaces_free(set);
}

/* Whatever stands between them: a capture can have any number of such points. */
static void test_points_without_names_share_their_interfaces(void **state)
{
	struct flow_interfaces *set = set_new();
	const uint32_t *shared;
	size_t count;

	(void)state;
	configure(set, "a", NULL, 0, "10.0.0.1");
	configure(set, "b", NULL, 0, "10.0.0.2");
	bind_point(set, 0, "if0", false);
	bind_point(set, 1, "eth0", true);
	bind_point(set, 2, "if2", false);
	bind_point(set, 3, "a", true);
	bind_point(set, 4, "if4", false);
	shared = flow_interfaces_of_point(set, 0, &count);
	assert_ptr_equal(flow_interfaces_of_point(set, 2, &count), shared);
	assert_ptr_equal(flow_interfaces_of_point(set, 4, &count), shared);
	assert_point(set, 1, "eth0 ");
	assert_point(set, 3, "a ");
	flow_interfaces_free(set);
}

/* More than anybody counts on by heart. */
static void test_ten_thousand(void **state)
{
	enum { INTERFACES = 10000 };
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = with_macs(packet_of("10.0.0.1", "10.0.0.9"), 0, 0);
	struct flow_match matches[2 * INTERFACES];

	(void)state;
	for (unsigned i = 0; i < INTERFACES; i++) {
		struct flow_interface interface = interface_of("eni", NULL, 1, "");

		memcpy(interface.mac, &(uint32_t){ i }, 4);
		assert_int_equal(flow_interfaces_add(set, &interface, NULL), 0);
	}
	for (uint32_t point = 0; point < 100; point++)
		bind_point(set, point, "", false);
	packet.point = 99;
	for (unsigned i = 0; i <= INTERFACES; i++) {
		memcpy(packet.destination_mac, &(uint32_t){ i }, 4);
		packet.destination_mac[5] = 1;
		assert_int_equal(flow_interfaces_match(set, &packet, matches), i < INTERFACES);
		assert_true(i == INTERFACES || matches[0].interface == i);
	}
	assert_int_equal(flow_interfaces_match(set, &(struct flow_observation){ .group = true }, matches), INTERFACES);
	flow_interfaces_free(set);
}

static void test_pointers_stay_valid(void **state)
{
	struct flow_interfaces *set = set_new();
	const struct flow_interface *first;

	(void)state;
	bind_point(set, 0, "eth0", true);
	first = flow_interfaces_at(set, 0);
	for (uint32_t i = 1; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "veth%u", i);
		bind_point(set, i, name, true);
	}
	assert_int_equal(flow_interfaces_count(set), 100);
	assert_ptr_equal(flow_interfaces_at(set, 0), first);
	assert_string_equal(first->name, "eth0");
	flow_interfaces_free(set);
}

/* ---- whose packet ---- */

static void test_by_mac(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	(void)state;
	configure(set, "a", NULL, 1, "10.0.0.1");
	configure(set, "b", NULL, 2, "");
	bind_point(set, 0, "", false);
	assert_match(set, with_macs(packet, 1, 9), "a> ");
	assert_match(set, with_macs(packet, 9, 1), "a< ");
	assert_match(set, with_macs(packet, 1, 2), "a> b< ");
	assert_match(set, with_macs(packet, 2, 1), "a< b> ");
	assert_match(set, with_macs(packet, 1, 1), "a> a< ");
	assert_match(set, with_macs(packet, 8, 9), ""); /* the address does not count beside a MAC */
	/* Nor does the capture's word. */
	assert_match(set, with_word(with_macs(packet, 1, 9), FLOW_INGRESS), "a> ");
	assert_match(set, with_word(with_macs(packet, 8, 9), FLOW_EGRESS), "");
	flow_interfaces_free(set);
}

static void test_group_frames_by_mac(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = as_group(packet_of("10.0.0.1", "239.0.0.1"));

	(void)state;
	configure(set, "a", NULL, 1, "");
	configure(set, "b", NULL, 2, "");
	configure(set, "c", NULL, 3, "10.0.0.3");
	bind_point(set, 0, "", false);
	assert_match(set, with_macs(packet, 2, 0xff), "a< b> c< ");
	assert_match(set, with_macs(packet, 9, 0xff), "a< b< c< ");
	assert_match(set, with_word(with_macs(packet, 9, 0xff), FLOW_EGRESS), "a< b< c< ");
	flow_interfaces_free(set);
}

static void test_by_address_without_word(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "a", NULL, 0, "10.0.0.1 10.0.0.11 2001:db8::1");
	configure(set, "b", NULL, 0, "10.0.0.2");
	bind_point(set, 0, "", false);
	assert_match(set, packet_of("10.0.0.1", "10.0.0.9"), "a> ");
	assert_match(set, packet_of("10.0.0.9", "10.0.0.11"), "a< ");
	assert_match(set, packet_of("2001:db8::9", "2001:db8::1"), "a< ");
	assert_match(set, packet_of("10.0.0.2", "10.0.0.11"), "a< b> ");
	assert_match(set, packet_of("10.0.0.1", "10.0.0.11"), "a> a< ");
	assert_match(set, packet_of("10.0.0.1", "10.0.0.1"), "a> a< ");
	assert_match(set, packet_of("10.0.0.8", "10.0.0.9"), "");
	assert_match(set, packet_of("a00:1::", "a00:2::"), ""); /* begin as 10.0.0.1 and 10.0.0.2 */
	/* Frames with MACs do not change it: these interfaces have none. */
	assert_match(set, with_macs(packet_of("10.0.0.1", "10.0.0.2"), 8, 9), "a> b< ");
	assert_match(set, as_group(packet_of("10.0.0.1", "239.0.0.1")), "a> b< ");
	assert_match(set, as_group(packet_of("10.0.0.9", "255.255.255.255")), "a< b< ");
	flow_interfaces_free(set);
}

static void test_word_and_addresses(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "a", NULL, 0, "10.0.0.1 10.0.0.11");
	configure(set, "b", NULL, 0, "10.0.0.2");
	bind_point(set, 0, "", false);
	assert_match(set, with_word(packet_of("10.0.0.9", "10.0.0.1"), FLOW_INGRESS), "a< ");
	assert_match(set, with_word(packet_of("10.0.0.1", "10.0.0.2"), FLOW_INGRESS), "b< ");
	assert_match(set, with_word(packet_of("10.0.0.1", "10.0.0.2"), FLOW_EGRESS), "a> ");
	assert_match(set, with_word(packet_of("10.0.0.1", "10.0.0.11"), FLOW_EGRESS), "a> ");
	assert_match(set, with_word(packet_of("10.0.0.1", "10.0.0.11"), FLOW_INGRESS), "a< ");
	/* The addresses tell nothing, and there are two. */
	assert_match(set, with_word(packet_of("10.0.0.8", "10.0.0.9"), FLOW_INGRESS), "");
	assert_match(set, with_word(packet_of("10.0.0.8", "10.0.0.9"), FLOW_EGRESS), "");
	assert_match(set, with_word(packet_of("10.0.0.9", "10.0.0.1"), FLOW_EGRESS), "");
	/* Group frames. */
	assert_match(set, with_word(as_group(packet_of("10.0.0.9", "239.0.0.1")), FLOW_INGRESS), "a< b< ");
	assert_match(set, with_word(as_group(packet_of("10.0.0.1", "239.0.0.1")), FLOW_EGRESS), "a> b< ");
	flow_interfaces_free(set);
}

/* NAT and transit gateways: packets of addresses that are not the interface's. */
static void test_the_only_interface_of_a_point(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation foreign = packet_of("10.0.0.8", "10.0.0.9");

	(void)state;
	configure(set, "nat", NULL, 0, "10.0.0.1");
	bind_point(set, 0, "", false);
	assert_match(set, with_word(foreign, FLOW_INGRESS), "nat< ");
	assert_match(set, with_word(foreign, FLOW_EGRESS), "nat> ");
	assert_match(set, foreign, ""); /* without a word the addresses alone */
	assert_match(set, with_word(packet_of("2001:db8::8", "2001:db8::9"), FLOW_EGRESS), "nat> ");
	flow_interfaces_free(set);
}

/* Only of its point: an interface elsewhere does not matter. */
static void test_the_only_interface_is_by_point(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation foreign = with_word(packet_of("10.0.0.8", "10.0.0.9"), FLOW_EGRESS);

	(void)state;
	configure(set, "a", "eth0", 0, "10.0.0.1");
	configure(set, "b", "eth1", 0, "10.0.0.2");
	configure(set, "c", "eth1", 0, "10.0.0.3");
	bind_point(set, 0, "eth0", true);
	bind_point(set, 1, "eth1", true);
	assert_match(set, foreign, "a> ");
	foreign.point = 1;
	assert_match(set, foreign, "");
	flow_interfaces_free(set);
}

/* Cooked and raw frames: the address stands in for the MAC that is not there. */
static void test_mac_and_address_where_frames_have_no_macs(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	configure(set, "a", NULL, 1, "10.0.0.1");
	configure(set, "b", NULL, 2, "10.0.0.2");
	bind_point(set, 0, "", false);
	assert_match(set, packet_of("10.0.0.1", "10.0.0.2"), "a> b< ");
	assert_match(set, with_word(packet_of("10.0.0.1", "10.0.0.2"), FLOW_INGRESS), "b< ");
	assert_match(set, packet_of("10.0.0.8", "10.0.0.9"), "");
	flow_interfaces_free(set);
}

/* Nothing to go by: a MAC alone where frames have none. Group frames are everybody's. */
static void test_mac_alone_where_frames_have_no_macs(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	(void)state;
	configure(set, "a", NULL, 1, "");
	bind_point(set, 0, "", false);
	assert_match(set, packet, "");
	assert_match(set, with_word(packet, FLOW_INGRESS), "");
	assert_match(set, as_group(packet_of("10.0.0.1", "239.0.0.1")), "a< ");
	flow_interfaces_free(set);
}

/* Without MAC and address: every packet, the word for direction, also beside others and for group frames. */
static void test_plain(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = with_macs(packet_of("10.0.0.1", "10.0.0.2"), 1, 9);

	(void)state;
	configure(set, "all", NULL, 0, "");
	configure(set, "a", NULL, 1, "");
	configure(set, "b", NULL, 0, "10.0.0.2");
	configure(set, "too", NULL, 0, "");
	bind_point(set, 0, "", false);
	assert_match(set, packet, "all? a> b< too? ");
	assert_match(set, with_word(packet, FLOW_EGRESS), "all> a> too> ");
	assert_match(set, with_word(as_group(packet), FLOW_INGRESS), "all< a> b< too< ");
	assert_match(set, as_group(packet), "all? a> b< too? ");
	assert_match(set, packet_of("10.0.0.8", "10.0.0.9"), "all? too? ");
	flow_interfaces_free(set);
}

static void test_vni(void **state)
{
	struct flow_interface tunnel = interface_of("tunnel", NULL, 0, ""), inner = interface_of("inner", NULL, 0, "");
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	(void)state;
	tunnel.has_vni = true;
	tunnel.vni = 7;
	inner.has_vni = true;
	inner.vni = 0; /* a VNI like others */
	assert_int_equal(flow_interfaces_add(set, &tunnel, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &inner, NULL), 0);
	configure(set, "a", NULL, 0, "10.0.0.1");
	bind_point(set, 0, "", false);
	assert_match(set, packet, "a> ");
	packet.has_vni = true;
	assert_match(set, packet, "inner? a> ");
	packet.vni = 7;
	assert_match(set, packet, "tunnel? a> ");
	packet.vni = 8;
	assert_match(set, packet, "a> ");
	flow_interfaces_free(set);
}

static void test_vni_with_mac(void **state)
{
	struct flow_interface mirrored = interface_of("mirrored", NULL, 1, "");
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = with_macs(packet_of("10.0.0.1", "10.0.0.2"), 9, 1);

	(void)state;
	mirrored.has_vni = true;
	mirrored.vni = 7;
	assert_int_equal(flow_interfaces_add(set, &mirrored, NULL), 0);
	bind_point(set, 0, "", false);
	packet.has_vni = true;
	packet.vni = 7;
	assert_match(set, packet, "mirrored< ");
	packet.vni = 6;
	assert_match(set, packet, "");
	assert_match(set, as_group(packet), "");
	flow_interfaces_free(set);
}

/* ---- addresses in the record ---- */

static const char *shown(const char *own, const char *source, const char *destination, enum flow_direction direction,
			 bool group)
{
	static char text[2 * INET6_ADDRSTRLEN + 4];
	struct flow_interface interface = interface_of("x", NULL, 0, own);
	struct flow_observation packet = packet_of(source, destination);
	struct flow_address record_source, record_destination;
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	bool is_rewritten;

	packet.group = group;
	assert_int_equal(flow_interface_prepare(&interface, NULL), 0);
	is_rewritten = flow_interface_addresses(&interface, &packet, direction, &record_source, &record_destination);
	assert_int_equal(is_rewritten, !flow_address_equal(&record_source, &packet.source) ||
					       !flow_address_equal(&record_destination, &packet.destination));
	snprintf(text, sizeof(text), "%s > %s", text_of(packet.family, &record_source, a),
		 text_of(packet.family, &record_destination, b));
	flow_interface_clear(&interface);
	return text;
}

static void test_primary_address_stands_for_others(void **state)
{
	(void)state;
	/* NAT: packets that pass through. */
	assert_string_equal(shown("10.0.0.1", "10.0.1.5", "203.0.113.5", FLOW_INGRESS, false), "10.0.1.5 > 10.0.0.1");
	assert_string_equal(shown("10.0.0.1", "203.0.113.5", "10.0.1.5", FLOW_EGRESS, false), "10.0.0.1 > 10.0.1.5");
	/* A secondary private address. */
	assert_string_equal(shown("10.0.0.1 10.0.0.2", "192.0.2.9", "10.0.0.2", FLOW_INGRESS, false),
			    "192.0.2.9 > 10.0.0.1");
	assert_string_equal(shown("10.0.0.1 10.0.0.2", "10.0.0.2", "192.0.2.9", FLOW_EGRESS, false),
			    "10.0.0.1 > 192.0.2.9");
	/* The far end is never touched. */
	assert_string_equal(shown("10.0.0.1 10.0.0.2", "10.0.0.2", "10.0.0.1", FLOW_INGRESS, false),
			    "10.0.0.2 > 10.0.0.1");
	/* Nor is anything where direction or addresses are unknown. */
	assert_string_equal(shown("10.0.0.1", "192.0.2.8", "192.0.2.9", FLOW_UNKNOWN, false), "192.0.2.8 > 192.0.2.9");
	assert_string_equal(shown("", "192.0.2.8", "192.0.2.9", FLOW_INGRESS, false), "192.0.2.8 > 192.0.2.9");
	assert_string_equal(shown("", "192.0.2.8", "192.0.2.9", FLOW_EGRESS, false), "192.0.2.8 > 192.0.2.9");
}

/* The primary address is that of the packet's family. */
static void test_primary_address_is_by_family(void **state)
{
	(void)state;
	assert_string_equal(shown("2001:db8::1 10.0.0.1", "192.0.2.8", "192.0.2.9", FLOW_INGRESS, false),
			    "192.0.2.8 > 10.0.0.1");
	assert_string_equal(shown("10.0.0.1 2001:db8::1", "2001:db8::8", "2001:db8::9", FLOW_EGRESS, false),
			    "2001:db8::1 > 2001:db8::9");
	assert_string_equal(shown("10.0.0.1", "2001:db8::8", "2001:db8::9", FLOW_INGRESS, false),
			    "2001:db8::8 > 2001:db8::9");
	assert_string_equal(shown("2001:db8::1", "192.0.2.8", "192.0.2.9", FLOW_EGRESS, false),
			    "192.0.2.8 > 192.0.2.9");
}

static void test_own_ipv6_addresses_stay(void **state)
{
	static const char own[] = "2001:db8::1 2001:db8::2";

	(void)state;
	assert_string_equal(shown(own, "2001:db8::9", "2001:db8::2", FLOW_INGRESS, false), "2001:db8::9 > 2001:db8::2");
	assert_string_equal(shown(own, "2001:db8::2", "2001:db8::9", FLOW_EGRESS, false), "2001:db8::2 > 2001:db8::9");
	assert_string_equal(shown(own, "2001:db8::9", "2001:db8::3", FLOW_INGRESS, false), "2001:db8::9 > 2001:db8::1");
}

/* However many there are. */
static void test_own_ipv6_addresses_of_a_long_list_stay(void **state)
{
	static const char own[] = "10.0.0.1 2001:db8::1 10.0.0.2 2001:db8::2 2001:db8::3 2001:db8::2 2001:db8::4";

	(void)state;
	assert_string_equal(shown(own, "2001:db8::9", "2001:db8::4", FLOW_INGRESS, false), "2001:db8::9 > 2001:db8::4");
	assert_string_equal(shown(own, "2001:db8::2", "2001:db8::9", FLOW_EGRESS, false), "2001:db8::2 > 2001:db8::9");
	assert_string_equal(shown(own, "2001:db8::9", "2001:db8::5", FLOW_INGRESS, false), "2001:db8::9 > 2001:db8::1");
	assert_string_equal(shown(own, "2001:db8::9", "a00:2::", FLOW_INGRESS, false), "2001:db8::9 > 2001:db8::1");
	assert_string_equal(shown(own, "10.0.0.9", "10.0.0.2", FLOW_INGRESS, false), "10.0.0.9 > 10.0.0.1");
}

static void test_owned_addresses(void **state)
{
	static const char *const lists[] = {
		"", "10.0.0.1", "2001:db8::1 10.0.0.1 10.0.0.3",
		"10.0.0.5 2001:db8::1 10.0.0.2 2001:db8::2 10.0.0.1 2001:db8::3 10.0.0.4"
	};
	const struct flow_address owned = address_of("10.0.0.1"), other = address_of("10.0.0.9");

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct flow_interface interface = interface_of("x", NULL, 0, lists[i]);

		for (int times = 0; times < 2; times++) {
			assert_int_equal(flow_interface_prepare(&interface, NULL), 0);
			assert_int_equal(flow_interface_owns(&interface, FLOW_IPV4, &owned), i > 0);
			assert_false(flow_interface_owns(&interface, FLOW_IPV6, &owned));
			assert_false(flow_interface_owns(&interface, FLOW_IPV4, &other));
		}
		flow_interface_clear(&interface);
	}
}

static void test_what_is_no_unicast_address_stays(void **state)
{
	static const char own[] = "10.0.0.1 2001:db8::1";

	(void)state;
	assert_string_equal(shown(own, "10.0.0.9", "239.0.0.1", FLOW_INGRESS, false), "10.0.0.9 > 239.0.0.1");
	assert_string_equal(shown(own, "10.0.0.9", "255.255.255.255", FLOW_INGRESS, false),
			    "10.0.0.9 > 255.255.255.255");
	assert_string_equal(shown(own, "0.0.0.0", "10.0.0.9", FLOW_EGRESS, false), "0.0.0.0 > 10.0.0.9");
	assert_string_equal(shown(own, "2001:db8::9", "ff02::1", FLOW_INGRESS, false), "2001:db8::9 > ff02::1");
	assert_string_equal(shown(own, "::", "2001:db8::9", FLOW_EGRESS, false), ":: > 2001:db8::9");
	assert_string_equal(shown(own, "fe80::9", "fe80::1", FLOW_INGRESS, false), "fe80::9 > fe80::1");
	assert_string_equal(shown(own, "fe80::1", "2001:db8::9", FLOW_EGRESS, false), "fe80::1 > 2001:db8::9");
	/* IPv4's link-local is an address like others. */
	assert_string_equal(shown(own, "10.0.0.9", "169.254.7.7", FLOW_INGRESS, false), "10.0.0.9 > 10.0.0.1");
	/* So is a subnet's broadcast, in a frame to one. */
	assert_string_equal(shown(own, "10.0.0.9", "10.0.0.255", FLOW_INGRESS, false), "10.0.0.9 > 10.0.0.1");
}

static void test_group_frames_keep_addresses(void **state)
{
	(void)state;
	assert_string_equal(shown("10.0.0.1", "10.0.0.9", "10.0.0.255", FLOW_INGRESS, true), "10.0.0.9 > 10.0.0.255");
	assert_string_equal(shown("10.0.0.1 10.0.0.2", "10.0.0.2", "10.0.0.255", FLOW_EGRESS, true),
			    "10.0.0.2 > 10.0.0.255");
}

/* ---- of a live host ---- */

static const char *id_of(const struct flow_interfaces *set, size_t number)
{
	return flow_interfaces_at(set, number)->identity[FLOW_INTERFACE_ID];
}

static void test_ids_of_a_host(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_interface own = interface_of("db", "eth9", 0, "");

	(void)state;
	flow_interfaces_of_host(set, "0123456789abcdef0123456789abcdef");
	configure(set, "web", "eth1", 0, "");
	own.identity[FLOW_INTERFACE_ID] = strdup("eni-1");
	assert_int_equal(flow_interfaces_add(set, &own, NULL), 0);
	bind_point(set, 0, "eth0", true);
	assert_string_equal(id_of(set, 0), "eni-0640ee57debe5f7b9");
	assert_string_equal(id_of(set, 1), "eni-1");
	assert_string_equal(id_of(set, 2), "eni-0f32f1769519e21cc");
	flow_interfaces_free(set);
}

/* What a point of the device eth0 brings; "" for nothing. */
static void tell_addresses(struct flow_interfaces *set, const char *addresses)
{
	struct flow_interface device = interface_of("", NULL, 0, addresses);
	const struct flow_point point = {
		.name = "eth0", .named = true, .addresses = device.addresses, .address_count = device.address_count
	};

	assert_int_equal(flow_interfaces_bind(set, &point, NULL), 0);
	flow_interface_clear(&device); /* they were copied */
}

/* The destination that an interface shows of an ingress packet to that address. */
static void assert_own(const struct flow_interfaces *set, size_t number, const char *destination, const char *expected)
{
	const char *source = strchr(destination, ':') ? "2001:db8:f::1" : "198.51.100.1";
	struct flow_observation packet = packet_of(source, destination);
	struct flow_address from, to, own = address_of(expected);
	bool rewritten = flow_interface_addresses(flow_interfaces_at(set, number), &packet, FLOW_INGRESS, &from, &to);

	assert_true(flow_address_equal(&to, &own));
	assert_int_equal(rewritten, strcmp(destination, expected) != 0);
}

static void test_learned_addresses(void **state)
{
	struct flow_interfaces *set = set_new();

	(void)state;
	tell_addresses(set, "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2");
	assert_own(set, 0, "192.0.2.2", "192.0.2.1");
	assert_own(set, 0, "2001:db8::2", "2001:db8::2");
	assert_own(set, 0, "2001:db8::9", "2001:db8::1");
	/* So many that they are looked up. */
	tell_addresses(set, "192.0.2.3 2001:db8::1 2001:db8::2 2001:db8::3 2001:db8::4 2001:db8::5");
	assert_own(set, 0, "192.0.2.2", "192.0.2.3");
	assert_own(set, 0, "2001:db8::5", "2001:db8::5");
	assert_own(set, 0, "2001:db8::9", "2001:db8::1");
	tell_addresses(set, "2001:db8::2");
	assert_own(set, 0, "192.0.2.2", "192.0.2.2");
	assert_own(set, 0, "2001:db8::5", "2001:db8::2");
	tell_addresses(set, "");
	assert_own(set, 0, "2001:db8::5", "2001:db8::5");
	assert_int_equal(flow_interfaces_count(set), 1);
	flow_interfaces_free(set);
}

/* It takes every packet of the point all the same, as the capture says. */
static void test_learned_addresses_match_nothing(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_observation packet = packet_of("192.0.2.1", "198.51.100.1");

	(void)state;
	tell_addresses(set, "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5");
	assert_int_equal(flow_interfaces_taker(set, 0), 0);
	assert_match(set, packet, "eth0? ");
	assert_match(set, with_word(packet, FLOW_INGRESS), "eth0< ");
	assert_match(set, packet_of("203.0.113.1", "203.0.113.2"), "eth0? ");
	flow_interfaces_free(set);
}

static void test_who_learns_addresses(void **state)
{
	struct flow_interfaces *set = set_new();
	struct flow_interface tunnelled = interface_of("tunnelled", "eth0", 0, "");
	struct flow_interface wanderer = interface_of("wanderer", NULL, 0, "");

	(void)state;
	tunnelled.has_vni = true;
	wanderer.anywhere = true;
	configure(set, "bare", "eth0", 0, "");
	configure(set, "addressed", "eth0", 0, "192.0.2.7");
	configure(set, "bridged", "eth0", 1, "");
	configure(set, "elsewhere", "eth1", 0, "");
	assert_int_equal(flow_interfaces_add(set, &tunnelled, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &wanderer, NULL), 0);
	tell_addresses(set, "192.0.2.1");
	assert_own(set, 0, "192.0.2.2", "192.0.2.1");
	assert_own(set, 1, "192.0.2.2", "192.0.2.7");
	for (size_t i = 2; i < 6; i++)
		assert_own(set, i, "192.0.2.2", "192.0.2.2");
	assert_match(set, packet_of("198.51.100.1", "192.0.2.1"), "bare? wanderer? ");
	flow_interfaces_free(set);
}

/* ---- what a log says that is read back ---- */

static void bind_origin(struct flow_interfaces *set, const struct flow_origin *origin)
{
	const char *id = origin->identity[FLOW_INTERFACE_ID];
	const struct flow_point point = { .number = origin->number, .name = id ? id : "", .origin = origin };

	assert_int_equal(flow_interfaces_bind(set, &point, NULL), 0);
}

static void assert_identity(const struct flow_interface *interface, enum flow_identity identity, const char *expected)
{
	if (expected)
		assert_string_equal(interface->identity[identity], expected);
	else
		assert_null(interface->identity[identity]);
}

/* Its own words first, then the configured interface of that id, then the defaults, then the usual. */
static void test_an_origin_is_an_interface(void **state)
{
	struct flow_interface defaults = { 0 }, eth0 = interface_of("web", "eth0", 1, "10.0.0.62");
	const struct flow_origin web = { .number = 0,
					 .unknown = FLOW_UNKNOWN_ACTION,
					 .identity = { [FLOW_ACCOUNT_ID] = "unknown", [FLOW_INTERFACE_ID] = "eni-web" },
					 .carried = { [FLOW_CARRIED_REJECT_REASON] = "BPA" } };
	const struct flow_origin other = { .number = 1, .kin = 1, .identity = { [FLOW_INTERFACE_ID] = "eni-other" } };
	const struct flow_origin none = { .number = 2, .kin = 2 };
	const struct flow_interface *interface;
	struct flow_interfaces *set = NULL;

	(void)state;
	defaults.identity[FLOW_VPC_ID] = strdup("vpc-d");
	defaults.identity[FLOW_REGION] = strdup("region-d");
	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	eth0.identity[FLOW_ACCOUNT_ID] = strdup("123456789010");
	eth0.identity[FLOW_INTERFACE_ID] = strdup("eni-web");
	eth0.identity[FLOW_VPC_ID] = strdup("vpc-web");
	assert_int_equal(flow_interfaces_add(set, &eth0, NULL), 0);
	configure(set, "db", "eth1", 2, "");

	bind_origin(set, &web);
	bind_origin(set, &other);
	bind_origin(set, &none);
	assert_true(flow_interfaces_has_origins(set));
	assert_true(flow_interfaces_is_bound(set, 0));
	assert_false(flow_interfaces_is_bound(set, 1));
	assert_point(set, 0, "eni-web ");
	interface = flow_interfaces_at(set, 2);
	assert_true(interface->is_read_back && !interface->has_mac && interface->address_count == 0);
	assert_true(interface->configured == 0 && interface->kin == 2);
	assert_int_equal(interface->unknown, FLOW_UNKNOWN_ACTION);
	assert_identity(interface, FLOW_ACCOUNT_ID, "unknown");
	assert_identity(interface, FLOW_VPC_ID, "vpc-web");
	assert_identity(interface, FLOW_REGION, "region-d");
	assert_identity(interface, FLOW_SUBNET_ID, NULL);
	assert_string_equal(interface->carried[FLOW_CARRIED_REJECT_REASON], "BPA");
	assert_null(interface->carried[FLOW_CARRIED_TRAFFIC_PATH]);

	interface = flow_interfaces_at(set, 3);
	assert_true(interface->configured == 3 && interface->kin == 3);
	assert_identity(interface, FLOW_ACCOUNT_ID, "000000000000");
	assert_identity(interface, FLOW_VPC_ID, "vpc-d");
	interface = flow_interfaces_at(set, 4);
	assert_string_equal(interface->name, "");
	assert_identity(interface, FLOW_INTERFACE_ID, "eni-0cbf29ce484222325");
	assert_int_equal(flow_interfaces_taker(set, 2), 4);
	flow_interface_clear(&defaults);
	flow_interfaces_free(set);
}

/* Whichever of them comes first. */
static void test_kin(void **state)
{
	struct flow_interfaces *set = set_new();
	const struct flow_origin origins[] = {
		{ .number = 0, .kin = 0, .identity = { [FLOW_INTERFACE_ID] = "eni-a" } },
		{ .number = 1, .kin = 1, .identity = { [FLOW_INTERFACE_ID] = "eni-b" } },
		{ .number = 2, .kin = 0, .identity = { [FLOW_INTERFACE_ID] = "eni-a" }, .unknown = 1 },
	};

	(void)state;
	assert_false(flow_interfaces_has_origins(set));
	bind_origin(set, &origins[2]);
	bind_origin(set, &origins[1]);
	bind_origin(set, &origins[0]);
	assert_int_equal(flow_interfaces_count(set), 3);
	assert_int_equal(flow_interfaces_at(set, 0)->kin, 0);
	assert_int_equal(flow_interfaces_at(set, 1)->kin, 1);
	assert_int_equal(flow_interfaces_at(set, 2)->kin, 0);
	flow_interfaces_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_derived_id),
		TEST(test_copy_is_deep),
		TEST(test_ids_of_a_host),
		TEST(test_learned_addresses),
		TEST(test_learned_addresses_match_nothing),
		TEST(test_who_learns_addresses),
		TEST(test_what_is_unset_is_inherited),
		TEST(test_names_of_policies),
		TEST(test_identity_of_a_configured_interface),
		TEST(test_candidates_of_a_named_point),
		TEST(test_a_device_wins_over_the_name),
		TEST(test_an_interface_that_may_be_anywhere),
		TEST(test_candidates_of_unnamed_points),
		TEST(test_implicit_interfaces),
		TEST(test_implicit_after_configured),
		TEST(test_implicit_from_defaults),
		TEST(test_binding_twice_changes_nothing),
		TEST(test_points_that_were_not_told),
		TEST(test_points_with_the_same_interfaces),
		TEST(test_points_without_names_share_their_interfaces),
		TEST(test_ten_thousand),
		TEST(test_pointers_stay_valid),
		TEST(test_by_mac),
		TEST(test_group_frames_by_mac),
		TEST(test_by_address_without_word),
		TEST(test_word_and_addresses),
		TEST(test_the_only_interface_of_a_point),
		TEST(test_the_only_interface_is_by_point),
		TEST(test_mac_and_address_where_frames_have_no_macs),
		TEST(test_mac_alone_where_frames_have_no_macs),
		TEST(test_plain),
		TEST(test_vni),
		TEST(test_vni_with_mac),
		TEST(test_primary_address_stands_for_others),
		TEST(test_primary_address_is_by_family),
		TEST(test_own_ipv6_addresses_stay),
		TEST(test_own_ipv6_addresses_of_a_long_list_stay),
		TEST(test_owned_addresses),
		TEST(test_what_is_no_unicast_address_stays),
		TEST(test_an_origin_is_an_interface),
		TEST(test_kin),
		TEST(test_group_frames_keep_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
