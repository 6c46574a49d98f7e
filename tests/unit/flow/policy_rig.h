/* tests/unit/flow/policy_rig.h - groups, ACLs and interfaces from text, and packets to judge. */
#ifndef ENIFLOW_TESTS_UNIT_FLOW_POLICY_RIG_H
#define ENIFLOW_TESTS_UNIT_FLOW_POLICY_RIG_H

#include "fixture.h"

#include "flow/policy.h"

#define SECOND INT64_C(1000000000)

enum { RIG_MOST = 8 };

static struct {
	struct flow_security_group groups[RIG_MOST];
	struct flow_network_acl acls[RIG_MOST];
	struct flow_interface interfaces[RIG_MOST];
	const struct flow_interface *numbered[RIG_MOST];
	struct flow_policy_options options;
	struct flow_policy *policy;
	struct flow_observation packet; /* the one to judge */
	int64_t time_ns;                /* and when */
	struct error err;
} rig;

/* ---- rules from text ---- */

static inline int16_t protocol_of(const char *text)
{
	static const struct {
		const char *name;
		int16_t number;
	} names[] = { { "all", FLOW_RULE_ANY }, { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmpv6", 58 } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].number;
	return (int16_t)atoi(text);
}

/* "443", "1024-65535", "8/0", "3/any" */
static inline void read_ports(struct flow_rule *rule, const char *text)
{
	const char *rest = strpbrk(text, "-/");

	if (rest && *rest == '/') {
		rule->icmp_type = (int16_t)(text[0] == 'a' ? FLOW_RULE_ANY : atoi(text));
		rule->icmp_code = (int16_t)(rest[1] == 'a' ? FLOW_RULE_ANY : atoi(rest + 1));
		return;
	}
	rule->port_from = (uint16_t)atoi(text);
	rule->port_to = (uint16_t)atoi(rest ? rest + 1 : text);
}

/* "allow tcp 443 0.0.0.0/0", "100 deny icmp 8/0 sg-web" */
static inline struct flow_rule rule_of(const char *text)
{
	struct flow_rule rule = { .port_to = UINT16_MAX, .icmp_type = FLOW_RULE_ANY, .icmp_code = FLOW_RULE_ANY };
	char *list = strdup(text), *rest = NULL, *word = strtok_r(list, " ", &rest), *peer;

	rule.words = strdup(text);
	if (word[0] >= '0' && word[0] <= '9') {
		rule.number = (uint32_t)atoi(word);
		word = strtok_r(NULL, " ", &rest);
	}
	rule.allow = strcmp(word, "allow") == 0;
	rule.protocol = protocol_of(strtok_r(NULL, " ", &rest));
	word = strtok_r(NULL, " ", &rest);
	peer = strtok_r(NULL, " ", &rest);
	if (peer)
		read_ports(&rule, word);
	else
		peer = word;
	if (strncmp(peer, "sg-", 3) == 0) {
		rule.group = strdup(peer);
	} else {
		rule.peers = malloc(sizeof(*rule.peers));
		rule.peers[0] = prefix_of(peer);
		rule.peer_count = 1;
	}
	free(list);
	return rule;
}

/* With a ';' and a blank between two; "" for none. */
static inline void read_rules(struct flow_rules *rules, const char *text)
{
	char *list = strdup(text), *rest = NULL;

	for (char *line = strtok_r(list, ";", &rest); line; line = strtok_r(NULL, ";", &rest)) {
		struct flow_rule rule = rule_of(line + (line[0] == ' '));

		assert_int_equal(flow_rules_add(rules, &rule, NULL), 0);
	}
	free(list);
}

/* ---- setting up ---- */

/* `egress` NULL: it is not limited. */
static inline void add_group(const char *name, const char *ingress, const char *egress)
{
	struct flow_security_group *group = &rig.groups[rig.options.group_count++];

	group->name = strdup(name);
	read_rules(&group->ingress, ingress);
	group->limits_egress = egress;
	if (egress)
		read_rules(&group->egress, egress);
}

static inline void add_acl(const char *name, const char *ingress, const char *egress)
{
	struct flow_network_acl *acl = &rig.acls[rig.options.acl_count++];

	acl->name = strdup(name);
	read_rules(&acl->ingress, ingress);
	read_rules(&acl->egress, egress);
}

/* Lists have a blank between two; `acl` may be NULL. */
static inline void add_interface(const char *name, const char *addresses, const char *groups, const char *acl)
{
	size_t number = rig.options.interface_count++;

	rig.interfaces[number] = interface_of(name, NULL, 0, addresses);
	give_policies(&rig.interfaces[number], groups, acl);
	rig.numbered[number] = &rig.interfaces[number];
}

static inline int try_policy(void)
{
	rig.options.groups = rig.groups;
	rig.options.acls = rig.acls;
	rig.options.interfaces = rig.numbered;
	rig.options.connections.seed = 42;
	rig.time_ns = 1000000 * SECOND;
	return flow_policy_new(&rig.policy, &rig.options, &rig.err);
}

static inline void start_policy(void)
{
	assert_int_equal(try_policy(), 0);
}

static inline void finish_policy(void)
{
	flow_policy_free(rig.policy);
	for (size_t i = 0; i < rig.options.group_count; i++)
		flow_security_group_clear(&rig.groups[i]);
	for (size_t i = 0; i < rig.options.acl_count; i++)
		flow_network_acl_clear(&rig.acls[i]);
	for (size_t i = 0; i < rig.options.interface_count; i++)
		flow_interface_clear(&rig.interfaces[i]);
	memset(&rig, 0, sizeof(rig));
}

/* ---- packets ---- */

static inline void packet(uint8_t protocol, const char *source, uint16_t source_port, const char *destination,
			  uint16_t destination_port)
{
	rig.packet = packet_of(source, destination);
	rig.packet.protocol = protocol;
	rig.packet.source_port = source_port;
	rig.packet.destination_port = destination_port;
}

static inline void tcp(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port,
		       uint8_t flags)
{
	packet(6, source, source_port, destination, destination_port);
	rig.packet.tcp_flags = flags;
}

static inline void udp(const char *source, uint16_t source_port, const char *destination, uint16_t destination_port)
{
	packet(17, source, source_port, destination, destination_port);
}

static inline void icmp(const char *source, const char *destination, uint8_t type, uint8_t code)
{
	packet(family_of(source) == FLOW_IPV6 ? 58 : 1, source, 0, destination, 0);
	rig.packet.has_icmp = true;
	rig.packet.icmp_type = type;
	rig.packet.icmp_code = code;
}

static inline void echo(const char *source, const char *destination, uint8_t type, uint16_t identifier)
{
	icmp(source, destination, type, 0);
	rig.packet.is_echo = true;
	rig.packet.icmp_identifier = identifier;
}

/* Makes an error of the packet: port unreachable, from there to its source, quoting it. */
static inline void error_from(const char *source)
{
	const struct flow_observation about = rig.packet;
	char destination[INET6_ADDRSTRLEN];

	text_of(about.family, &about.source, destination);
	icmp(source, destination, about.family == FLOW_IPV6 ? 1 : 3, about.family == FLOW_IPV6 ? 4 : 3);
	rig.packet.has_quote = true;
	rig.packet.quote = (struct flow_quote){
		.source = about.source,
		.destination = about.destination,
		.source_port = about.source_port,
		.destination_port = about.destination_port,
		.icmp_identifier = about.icmp_identifier,
		.family = about.family,
		.protocol = about.protocol,
	};
}

/* ---- judging ---- */

static inline void wait_for(int64_t seconds)
{
	rig.time_ns += seconds * SECOND;
}

/* The packet comes to, or goes from, the interface with that number. Is it accepted? */
static inline bool comes_to(uint32_t interface)
{
	return flow_policy_judge(rig.policy, interface, FLOW_INGRESS, &rig.packet, rig.time_ns, NULL) == FLOW_ACCEPT;
}

static inline bool goes_from(uint32_t interface)
{
	return flow_policy_judge(rig.policy, interface, FLOW_EGRESS, &rig.packet, rig.time_ns, NULL) == FLOW_ACCEPT;
}

#endif
