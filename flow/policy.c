#include "flow/policy.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/rulebook.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_ICMPV6 = 58 };

struct flow_policy {
	struct flow_rulebook *book;
	struct flow_connections *connections;
};

int flow_policy_new(struct flow_policy **out, const struct flow_policy_options *options, struct error *err)
{
	const struct flow_rulebook_options rules = {
		options->groups,    options->group_count, options->acls,
		options->acl_count, options->interfaces,  options->interface_count
	};
	struct flow_policy *policy;
	int ret;

	if (options->interface_count > FLOW_CONNECTION_INTERFACES)
		return fail(err, EINVAL, "policy: no more than %d interfaces can have one", FLOW_CONNECTION_INTERFACES);
	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return fail_memory(err, "policy");
	ret = flow_rulebook_new(&policy->book, &rules, err);
	if (ret == 0)
		ret = flow_connections_new(&policy->connections, &options->connections, err);
	if (ret < 0)
		flow_policy_free(policy);
	else
		*out = policy;
	return ret;
}

void flow_policy_free(struct flow_policy *policy)
{
	if (!policy)
		return;
	flow_rulebook_free(policy->book);
	flow_connections_free(policy->connections);
	free(policy);
}

bool flow_policy_is_for(const struct flow_policy *policy, uint32_t interface)
{
	return flow_rulebook_seat(policy->book, interface);
}

uint64_t flow_policy_forgotten(const struct flow_policy *policy)
{
	return flow_connections_evicted(policy->connections);
}

uint64_t flow_policy_tracked(const struct flow_policy *policy)
{
	return flow_connections_count(policy->connections);
}

/* ---- a packet on an interface ---- */

/* What is asked about. */
struct question {
	const struct flow_observation *packet;
	enum flow_direction direction; /* known */
	int64_t time_ns;
	const struct flow_policy_ahead *ahead; /* the key and its hash at least */
};

void flow_policy_prefetch(const struct flow_policy *policy, uint32_t interface, const struct flow_observation *packet,
			  struct flow_policy_ahead *ahead)
{
	ahead->key = packet->has_quote ? flow_connection_key_of_quote(interface, &packet->quote)
				       : flow_connection_key_of(interface, packet);
	ahead->hash = flow_connections_hash(policy->connections, &ahead->key);
	ahead->guess = 0;
	flow_connections_prefetch(policy->connections, ahead->hash);
}

void flow_policy_guess(const struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
		       const struct flow_observation *packet, struct flow_policy_ahead *ahead)
{
	const struct flow_seat *seat;

	ahead->guess = flow_connections_guess(policy->connections, ahead->hash);
	if (ahead->guess || direction == FLOW_UNKNOWN)
		return;
	seat = flow_rulebook_seat(policy->book, interface);
	if (seat && seat->groups)
		flow_ruleset_prefetch(seat->groups, direction, packet);
	if (seat && seat->acl)
		flow_ruleset_prefetch(seat->acl, direction, packet);
}

static inline struct flow_connection *find(const struct flow_policy *policy, const struct question *question)
{
	const struct flow_policy_ahead *ahead = question->ahead;

	return flow_connections_find(policy->connections, &ahead->key, ahead->hash, ahead->guess);
}

/* ---- what network ACLs have said ---- */

/* An ACL says the same of all packets of a connection that go one way in one direction, but for ICMP with its types
 * and codes, and for the errors that quote them. Two bits of the connection's notes keep that. */
enum { ACL_JUDGED = 1, ACL_ALLOWS = 2, NO_ACL = 0xff };

static inline unsigned notes_shift(const struct question *question)
{
	return 4 * (question->direction == FLOW_EGRESS) + 2 * question->ahead->key.way;
}

static void keep_acl(struct flow_connection *connection, const struct question *question, bool allows)
{
	unsigned notes = ACL_JUDGED | (allows ? ACL_ALLOWS : 0);
	uint8_t protocol = question->packet->protocol;

	if (protocol != PROTOCOL_ICMP && protocol != PROTOCOL_ICMPV6)
		connection->notes |= (uint8_t)(notes << notes_shift(question));
}

/* `acl` may be NULL. */
static bool passes_acl(const struct flow_ruleset *acl, const struct question *question)
{
	return !acl || flow_ruleset_allows(acl, question->direction, question->packet);
}

/* ---- packets ---- */

/* Packets without a connection, which they make unless they are errors that quote one. The groups are asked first in
 * either direction: the order shows only in who is not asked. */
static bool passes_as_new(struct flow_policy *policy, const struct flow_seat *seat, const struct question *question)
{
	const struct flow_observation *packet = question->packet;
	struct flow_connection *connection;
	bool allows;

	if (!flow_ruleset_allows(seat->groups, question->direction, packet))
		return false;
	allows = passes_acl(seat->acl, question);
	if (packet->has_quote || (!allows && question->direction == FLOW_INGRESS))
		return allows;
	connection = flow_connections_add(policy->connections, &question->ahead->key, question->ahead->hash,
					  packet->tcp_flags, question->time_ns);
	if (seat->acl)
		keep_acl(connection, question, allows);
	else
		connection->notes = NO_ACL;
	return allows;
}

/* Packets of a connection, of which more has to be found out: whether it is known still, and what the ACL says. */
static bool passes_as_old(struct flow_policy *policy, const struct flow_seat *seat, const struct question *question,
			  struct flow_connection *connection)
{
	const struct flow_observation *packet = question->packet;
	bool allows = passes_acl(seat->acl, question);

	keep_acl(connection, question, allows);
	if (!allows && question->direction == FLOW_INGRESS)
		return false;
	if (!flow_connections_knows(policy->connections, connection, packet->tcp_flags, question->time_ns)) {
		flow_connections_forget(policy->connections, connection);
		return passes_as_new(policy, seat, question);
	}
	if (!packet->has_quote)
		flow_connections_pass(policy->connections, connection, &question->ahead->key, packet->tcp_flags,
				      question->time_ns);
	return allows;
}

/* Most packets belong to a connection that is known, and whose ACL has been asked. */
static bool passes(struct flow_policy *policy, const struct flow_seat *seat, const struct question *question)
{
	const struct flow_observation *packet = question->packet;
	struct flow_connection *connection = find(policy, question);
	unsigned notes;

	if (!connection)
		return passes_as_new(policy, seat, question);
	notes = connection->notes >> notes_shift(question);
	if (!(notes & ACL_JUDGED) || packet->has_quote ||
	    !flow_connections_knows(policy->connections, connection, packet->tcp_flags, question->time_ns))
		return passes_as_old(policy, seat, question, connection);
	if (question->direction == FLOW_INGRESS && !(notes & ACL_ALLOWS))
		return false;
	flow_connections_pass(policy->connections, connection, &question->ahead->key, packet->tcp_flags,
			      question->time_ns);
	return notes & ACL_ALLOWS;
}

enum flow_action flow_policy_judge(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				   const struct flow_observation *packet, int64_t time_ns,
				   const struct flow_policy_ahead *ahead)
{
	const struct flow_seat *seat = flow_rulebook_seat(policy->book, interface);
	struct question question = { packet, direction, time_ns, ahead };
	struct flow_policy_ahead now;

	if (!seat || direction == FLOW_UNKNOWN)
		return FLOW_ACCEPT;
	if (!ahead) {
		flow_policy_prefetch(policy, interface, packet, &now);
		question.ahead = &now;
	}
	if (seat->groups ? passes(policy, seat, &question) : passes_acl(seat->acl, &question))
		return FLOW_ACCEPT;
	return FLOW_REJECT;
}

/* ---- explaining ---- */

static bool explain_groups(const struct flow_policy *policy, const struct flow_ruleset *groups,
			   const struct question *question, struct flow_reason *reason)
{
	const struct flow_rule_origin *origin = flow_ruleset_decide(groups, question->direction, question->packet);
	const struct flow_connection *connection = find(policy, question);
	bool is_known = connection && flow_connections_knows(policy->connections, connection,
							     question->packet->tcp_flags, question->time_ns);

	reason->groups_allow = origin || is_known;
	reason->by_state = is_known && !origin;
	if (origin) {
		reason->by_default = !origin->rule;
		reason->group = origin->group;
		reason->group_rule = origin->rule;
	}
	return reason->groups_allow;
}

static bool explain_acl(const struct flow_ruleset *acl, const struct question *question, struct flow_reason *reason)
{
	const struct flow_rule_origin *origin = flow_ruleset_decide(acl, question->direction, question->packet);

	reason->acl_allows = origin && origin->rule->allow;
	reason->acl_rule = origin ? origin->rule : NULL;
	return reason->acl_allows;
}

/* What comes first on the way of the packet may spare the other. */
static bool explain_both(const struct flow_policy *policy, const struct flow_seat *seat,
			 const struct question *question, struct flow_reason *reason)
{
	bool is_ingress = question->direction == FLOW_INGRESS;

	if (is_ingress && seat->acl && !explain_acl(seat->acl, question, reason))
		return false;
	if (seat->groups && !explain_groups(policy, seat->groups, question, reason))
		return false;
	return is_ingress || !seat->acl || explain_acl(seat->acl, question, reason);
}

enum flow_action flow_policy_explain(struct flow_policy *policy, uint32_t interface, enum flow_direction direction,
				     const struct flow_observation *packet, int64_t time_ns, bool track,
				     struct flow_reason *reason)
{
	const struct flow_seat *seat = flow_rulebook_seat(policy->book, interface);
	struct flow_policy_ahead now;
	struct question question = { packet, direction, time_ns, &now };

	*reason = (struct flow_reason){ .action = FLOW_ACCEPT };
	if (!seat)
		return FLOW_ACCEPT;
	reason->has_groups = seat->groups;
	reason->has_acl = seat->acl;
	reason->acl = seat->acl ? seat->acl->acl : NULL;
	if (direction == FLOW_UNKNOWN)
		return FLOW_ACCEPT;
	flow_policy_prefetch(policy, interface, packet, &now);
	if (!explain_both(policy, seat, &question, reason))
		reason->action = FLOW_REJECT;
	if (track)
		flow_policy_judge(policy, interface, direction, packet, time_ns, &now);
	return reason->action;
}
