#include "cli/explain.h"

#include <stdlib.h>

#include "cli/explain_notes.h"
#include "cli/message.h"
#include "cli/misfit.h"
#include "cli/policies.h"
#include "cli/policy_keys.h"
#include "cli/rule_text.h"
#include "output/protocol.h"

enum { ROWS_MOST = 12, TEXT_COLUMN_MOST = 60 };

/* A rule that an explanation shows. */
struct row {
	const struct flow_security_group *group; /* whose rule it is, where several groups are asked; or NULL */
	const struct flow_rule *rule;
	unsigned misfits;
	size_t order;
};

struct rows {
	struct row *items;
	size_t count, room;
};

/* One packet and all that is known of it. */
struct explanation {
	FILE *out;
	const struct settings *settings;
	const struct question *question;
	const struct flow_interface *interface;
	struct flow_reason reason;
	struct rows rows; /* with room for every rule of the interface */
	bool egress;
	bool supposed; /* the packet does not come to be, since what it would answer is rejected */
};

/* ---- rows ---- */

static size_t rules_of(const struct settings *settings, const struct flow_interface *interface)
{
	const struct flow_network_acl *acl = interface->network_acl
						     ? settings_find_acl(settings, interface->network_acl)
						     : NULL;
	size_t count = acl ? acl->ingress.count + acl->egress.count : 0;

	for (size_t i = 0; i < interface->security_group_count; i++) {
		const struct flow_security_group *group = settings_find_group(settings, interface->security_groups[i]);

		count += group ? group->ingress.count + group->egress.count : 0;
	}
	return count;
}

static void add_rows(struct explanation *e, const struct flow_rules *rules, const struct flow_security_group *group)
{
	for (size_t i = 0; i < rules->count && e->rows.count < e->rows.room; i++) {
		struct row *row = &e->rows.items[e->rows.count];

		*row = (struct row){ group, &rules->items[i], 0, e->rows.count };
		row->misfits = misfit_of(e->settings, row->rule, e->egress, &e->question->packet);
		e->rows.count++;
	}
}

/* The nearest first; of equals, as they were given. */
static int by_misfits(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->misfits != y->misfits)
		return x->misfits < y->misfits ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* In their turn. */
static int by_number(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->rule->number != y->rule->number)
		return x->rule->number < y->rule->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The rule as its user wrote it, with its group where it is one of several. */
static int row_text(char *out, size_t size, const struct row *row)
{
	const struct flow_rule *rule = row->rule;

	return snprintf(out, size, "%s%s%s", row->group ? row->group->name : "", row->group ? ": " : "",
			rule->words ? rule->words : "(a rule)");
}

static const char *row_reason(char out[static MISFIT_SIZE], const struct explanation *e, const struct row *row)
{
	misfit_words(out, e->settings, row->rule, e->egress, &e->question->packet);
	return *out ? out : "fits";
}

static int wider(int width, int length)
{
	if (length > TEXT_COLUMN_MOST)
		length = TEXT_COLUMN_MOST;
	return length > width ? length : width;
}

/* The first of them; `reasons`: with what does not fit. */
static void print_rows(const struct explanation *e, size_t most, bool reasons)
{
	size_t shown = e->rows.count > most + 1 ? most : e->rows.count;
	char text[RULE_TEXT_SIZE + POLICY_NAME_MOST], why[MISFIT_SIZE] = "";
	int text_width = 0, why_width = 0;

	for (size_t i = 0; i < shown; i++) {
		text_width = wider(text_width, row_text(text, sizeof(text), &e->rows.items[i]));
		if (reasons)
			why_width = wider(why_width, (int)strlen(row_reason(why, e, &e->rows.items[i])));
	}
	for (size_t i = 0; i < shown; i++) {
		const struct row *row = &e->rows.items[i];
		const char *place = row->rule->place ? row->rule->place : "";

		row_text(text, sizeof(text), row);
		if (reasons)
			fprintf(e->out, "      %-*s  %-*s  %s\n", text_width, text, why_width, row_reason(why, e, row),
				place);
		else
			fprintf(e->out, "      %-*s  %s\n", text_width, text, place);
	}
	if (shown < e->rows.count)
		fprintf(e->out, "      and %zu rules more, which fit no better\n", e->rows.count - shown);
}

/* ---- security groups ---- */

static const struct flow_security_group *group_at(const struct explanation *e, size_t i)
{
	return settings_find_group(e->settings, e->interface->security_groups[i]);
}

static const struct flow_rules *rules_in(const struct explanation *e, const struct flow_security_group *group)
{
	return e->egress ? &group->egress : &group->ingress;
}

/* All rules of the groups, and the group that allows all for want of egress; or NULL. */
static const struct flow_security_group *gather_groups(struct explanation *e)
{
	const struct flow_security_group *open = NULL;
	bool several = e->interface->security_group_count > 1;

	e->rows.count = 0;
	for (size_t i = 0; i < e->interface->security_group_count; i++) {
		const struct flow_security_group *group = group_at(e, i);

		if (!group)
			continue;
		if (e->egress && !group->limits_egress && !open)
			open = group;
		add_rows(e, rules_in(e, group), several ? group : NULL);
	}
	if (e->rows.count > 1)
		qsort(e->rows.items, e->rows.count, sizeof(*e->rows.items), by_misfits);
	return open;
}

static void print_group_names(const struct explanation *e)
{
	fprintf(e->out, "  security group%s ", e->interface->security_group_count > 1 ? "s" : "");
	for (size_t i = 0; i < e->interface->security_group_count; i++)
		fprintf(e->out, "%s%s", i ? ", " : "", e->interface->security_groups[i]);
}

/* `asked`: else the other one has rejected the packet before. `one`: of whom it is said. */
static const char *verb(bool asked, bool allows, bool one)
{
	if (!asked)
		return allows ? "would allow it" : "would reject it";
	if (allows)
		return one ? "allows it" : "allow it";
	return one ? "rejects it" : "reject it";
}

static void explain_groups(struct explanation *e, bool asked)
{
	const struct flow_security_group *open;
	bool one = e->interface->security_group_count == 1, allows, fits;

	if (e->interface->security_group_count == 0) {
		fprintf(e->out, "  no security group judges it: %s names none\n", e->interface->name);
		return;
	}
	open = gather_groups(e);
	fits = e->rows.count > 0 && e->rows.items[0].misfits == 0;
	allows = e->supposed || (asked ? e->reason.groups_allow : open || fits);
	print_group_names(e);
	fprintf(e->out, " %s", verb(asked, allows, one));
	if (e->supposed) {
		fprintf(e->out, ": %s answers pass\n", one ? "it lets" : "they let");
	} else if (asked && e->reason.by_state) {
		fputs(": the connection is tracked\n", e->out);
	} else if (allows && fits) {
		fputs(" by a rule\n", e->out);
		e->rows.count = 1;
		print_rows(e, 1, false);
	} else if (allows && open) {
		fprintf(e->out, ": %s has no egress, which allows all\n", open->name);
	} else if (e->rows.count == 0) {
		fprintf(e->out, ": no %s rules\n", rule_text_key(e->egress));
	} else {
		fputs(": no rule fits\n", e->out);
		print_rows(e, ROWS_MOST, true);
	}
}

/* ---- the network ACL ---- */

/* The rules in their turn, up to the one that decides; false: none does. */
static bool gather_acl(struct explanation *e, const struct flow_network_acl *acl)
{
	e->rows.count = 0;
	add_rows(e, e->egress ? &acl->egress : &acl->ingress, NULL);
	if (e->rows.count > 1)
		qsort(e->rows.items, e->rows.count, sizeof(*e->rows.items), by_number);
	for (size_t i = 0; i < e->rows.count; i++) {
		if (e->rows.items[i].misfits == 0) {
			e->rows.count = i + 1;
			return true;
		}
	}
	return false;
}

static const struct flow_rule *last_rule(const struct explanation *e)
{
	return e->rows.items[e->rows.count - 1].rule;
}

static void explain_acl(struct explanation *e, const struct flow_network_acl *acl, bool asked)
{
	bool decided, allows;

	if (!acl) {
		fprintf(e->out, "  no network ACL judges it: %s names none\n", e->interface->name);
		return;
	}
	decided = gather_acl(e, acl);
	allows = asked ? e->reason.acl_allows : decided && last_rule(e)->allow;
	fprintf(e->out, "  network ACL %s %s", acl->name, verb(asked, allows, true));
	if (decided)
		fprintf(e->out, " by rule %u\n", last_rule(e)->number);
	else if (e->rows.count == 0)
		fprintf(e->out, ": no %s rules\n", rule_text_key(e->egress));
	else
		fputs(": no rule fits\n", e->out);
	if (allows && decided) {
		e->rows.items[0] = e->rows.items[e->rows.count - 1];
		e->rows.count = 1;
	}
	print_rows(e, e->rows.count, !allows);
}

/* ---- a packet ---- */

static void print_packet(const struct explanation *e)
{
	const struct flow_observation *packet = &e->question->packet;
	char source[EXPLAIN_ENDPOINT_SIZE], destination[EXPLAIN_ENDPOINT_SIZE], name[OUTPUT_PROTOCOL_NAME_SIZE],
		detail[16] = "";
	char id[FLOW_INTERFACE_ID_SIZE];

	if (packet->has_icmp)
		snprintf(detail, sizeof(detail), " %u/%u", packet->icmp_type, packet->icmp_code);
	fprintf(e->out, "%s -> %s %s%s, %s at %s (%s)\n", explain_endpoint(source, packet, true),
		explain_endpoint(destination, packet, false), output_protocol_name(packet->protocol, name), detail,
		rule_text_key(e->egress), e->interface->name, question_interface_id(e->interface, id));
}

static const struct flow_network_acl *acl_of(const struct explanation *e)
{
	return e->interface->network_acl ? settings_find_acl(e->settings, e->interface->network_acl) : NULL;
}

static void explain_reasons(struct explanation *e)
{
	bool groups = e->interface->security_group_count > 0, asked = !e->supposed;
	const struct flow_network_acl *acl = acl_of(e);

	if (!groups && !acl) {
		fprintf(e->out, "  nothing rejects it: %s names neither security groups nor a network ACL\n",
			e->interface->name);
	} else if (e->egress) {
		explain_groups(e, asked);
		explain_acl(e, acl, asked && (!groups || e->reason.groups_allow));
	} else {
		explain_acl(e, acl, asked);
		explain_groups(e, asked && (!acl || e->reason.acl_allows));
	}
}

/* What comes of the packet if the security groups let it pass. */
static enum flow_action suppose(struct explanation *e)
{
	const struct flow_network_acl *acl = acl_of(e);

	return !acl || (gather_acl(e, acl) && last_rule(e)->allow) ? FLOW_ACCEPT : FLOW_REJECT;
}

static void explain_packet(struct explanation *e, enum flow_action action, const char *before)
{
	fprintf(e->out, "%s  %s", action == FLOW_ACCEPT ? "ACCEPT" : "REJECT", before);
	print_packet(e);
	explain_reasons(e);
}

static void look_at(struct explanation *e, const struct question *question)
{
	e->question = question;
	e->egress = question->direction == FLOW_EGRESS;
}

/* An administrator who reads REJECT will change a rule: then the answer passes the groups, which are stateful, but the
 * network ACL still has its say. */
static void explain_answer(struct explanation *e, struct flow_policy *policy, const struct question *answer, bool comes)
{
	look_at(e, answer);
	e->supposed = !comes;
	fputc('\n', e->out);
	if (comes)
		explain_packet(e,
			       flow_policy_explain(policy, (uint32_t)answer->interface, answer->direction,
						   &answer->packet, 0, false, &e->reason),
			       "the answer: ");
	else
		explain_packet(e, suppose(e), "the answer, once that passes: ");
}

static void explain_both(struct explanation *e, struct flow_policy *policy, const struct question *question)
{
	struct question answer;
	enum flow_action action = flow_policy_explain(policy, (uint32_t)question->interface, question->direction,
						      &question->packet, 0, true, &e->reason);

	look_at(e, question);
	explain_packet(e, action, "");
	if (question_answer(&answer, question))
		explain_answer(e, policy, &answer, action == FLOW_ACCEPT);
}

int explain(FILE *out, const struct settings *settings, const struct question *question, struct error *err)
{
	struct explanation e = { .out = out, .settings = settings };
	struct policies policies;
	int ret = policies_open(&policies, settings, err);

	if (ret < 0)
		return ret;
	e.interface = &settings->interfaces[question->interface];
	e.rows.room = 1 + rules_of(settings, e.interface);
	e.rows.items = calloc(e.rows.room, sizeof(*e.rows.items));
	if (e.rows.items) {
		explain_both(&e, policies.policy, question);
		ret = explain_notes(out, settings, question, err);
	} else {
		ret = fail_memory(err, "explanation");
	}
	free(e.rows.items);
	policies_close(&policies);
	return ret;
}

int explain_command(const struct settings *settings, struct error *err)
{
	struct question question;
	int ret = question_parse(&question, settings, settings->operands, err);

	if (ret == 0)
		ret = explain(stdout, settings, &question, err);
	return ret < 0 ? ret : EXIT_WHOLE;
}
