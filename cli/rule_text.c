#include "cli/rule_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/listing.h"
#include "cli/parse.h"
#include "output/protocol.h"

_Static_assert((int)RULE_PREFIX_SIZE > LISTING_ADDRESS_SIZE + (int)sizeof("/128"), "an address and its length");

/* A line on its way through the grammar, word by word. */
struct line {
	struct rule_list list;
	const char *key;  /* begins the sentence of an error */
	char *rest;       /* for strtok_r */
	const char *word; /* the next one; NULL: there is none */
	const char *last; /* the one before it */
	bool detailed;    /* ports, or an ICMP type, were there */
	struct error *err;
};

static const char blanks[] = " \t\r\n";

const char *rule_text_key(bool egress)
{
	return egress ? "egress" : "ingress";
}

/* The word that leads to the peer. */
static const char *towards(bool egress)
{
	return egress ? "to" : "from";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(const struct line *line, const char *word)
{
	return line->word && strcmp(line->word, word) == 0;
}

static void step(struct line *line)
{
	line->last = line->word;
	line->word = strtok_r(NULL, blanks, &line->rest);
}

/* The next word is not what must stand here. */
static int expected(const struct line *line, const char *what)
{
	if (line->word)
		return fail(line->err, EINVAL, "%s: '%s' stands where %s is expected", line->key, line->word, what);
	return fail(line->err, EINVAL, "%s: behind '%s' %s is missing", line->key, line->last, what);
}

static int take_number(struct line *line, struct flow_rule *rule)
{
	uint64_t number;
	int ret;

	if (!line->list.of_acl && is_digit(*line->word))
		return fail(line->err, EINVAL,
			    "%s: '%s': rules of a security group have no number; they begin with allow", line->key,
			    line->word);
	if (!line->list.of_acl)
		return 0;
	if (!is_digit(*line->word))
		return fail(line->err, EINVAL,
			    "%s: '%s': rules of a network ACL begin with their number, 1 to %d, as in 100 allow all %s "
			    "0.0.0.0/0",
			    line->key, line->word, RULE_NUMBER_MOST, towards(line->list.egress));
	ret = parse_number(line->key, line->word, 1, RULE_NUMBER_MOST, &number, line->err);
	if (ret < 0)
		return ret;
	rule->number = (uint32_t)number;
	step(line);
	return 0;
}

static int take_verb(struct line *line, struct flow_rule *rule)
{
	rule->allow = is_word(line, "allow");
	if (!line->list.of_acl && is_word(line, "deny"))
		return fail(line->err, EINVAL,
			    "%s: 'deny': a security group can only allow; what none of its rules allows is rejected",
			    line->key);
	if (!rule->allow && !is_word(line, "deny"))
		return expected(line, line->list.of_acl ? "allow or deny" : "allow");
	step(line);
	return 0;
}

static int take_protocol(struct line *line, struct flow_rule *rule)
{
	uint8_t number;
	int ret;

	if (!line->word || is_word(line, "from") || is_word(line, "to"))
		return expected(line, "a protocol (its name, its number or all)");
	if (!is_word(line, "all")) {
		ret = output_protocol_parse(line->key, line->word, &number, line->err);
		if (ret < 0)
			return ret;
		rule->protocol = number;
	}
	step(line);
	return 0;
}

/* Reads digits up to an end that `ends` holds. Returns where it stopped, or NULL. */
static const char *read_digits(const char *text, const char *ends, unsigned most, unsigned *out)
{
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 5 || (text[0] == '0' && length > 1) ||
	    (text[length] && !strchr(ends, text[length])))
		return NULL;
	*out = (unsigned)strtoul(text, NULL, 10);
	return *out <= most ? text + length : NULL;
}

static int take_ports(struct line *line, struct flow_rule *rule)
{
	unsigned from = 0, to;
	const char *end = read_digits(line->word, "-", UINT16_MAX, &from);

	to = from;
	if (end && *end)
		end = read_digits(end + 1, "", UINT16_MAX, &to);
	if (!end)
		return fail(line->err, EINVAL, "%s: '%s' is neither a port, 0 to 65535, nor a range like 1024-65535",
			    line->key, line->word);
	if (from > to)
		return fail(line->err, EINVAL, "%s: '%s' ends before it begins; write %u-%u", line->key, line->word, to,
			    from);
	rule->port_from = (uint16_t)from;
	rule->port_to = (uint16_t)to;
	step(line);
	return 0;
}

/* A type or a code, up to `ends`: a number or *. */
static const char *read_half(const char *text, const char *ends, int16_t *out)
{
	unsigned number = 0;
	const char *end;

	*out = FLOW_RULE_ANY;
	if (text[0] == '*')
		return !text[1] || strchr(ends, text[1]) ? text + 1 : NULL;
	end = read_digits(text, ends, UINT8_MAX, &number);
	if (end)
		*out = (int16_t)number;
	return end;
}

static int take_icmp(struct line *line, struct flow_rule *rule)
{
	const char *end = read_half(line->word, "/", &rule->icmp_type);

	if (end && *end)
		end = read_half(end + 1, "", &rule->icmp_code);
	if (!end)
		return fail(line->err, EINVAL, "%s: '%s' is no ICMP type and code like 8/0, 3/* or 11", line->key,
			    line->word);
	step(line);
	return 0;
}

/* What stands between the protocol and from or to, if anything. */
static int take_detail(struct line *line, struct flow_rule *rule)
{
	bool has_ports = rule->protocol >= 0 && output_protocol_has_ports((uint8_t)rule->protocol);
	bool is_icmp = rule->protocol >= 0 && output_protocol_is_icmp((uint8_t)rule->protocol);

	if (!line->word || (!is_digit(*line->word) && *line->word != '*'))
		return 0;
	line->detailed = true;
	if (is_icmp)
		return take_icmp(line, rule);
	if (has_ports)
		return take_ports(line, rule);
	return fail(line->err, EINVAL, "%s: '%s' stands behind %s; only tcp, udp, dccp, sctp and udplite have ports",
		    line->key, line->word, line->last);
}

static int take_towards(struct line *line, const struct flow_rule *rule)
{
	const char *word = towards(line->list.egress);
	bool may_have_ports = rule->protocol >= 0 && output_protocol_has_ports((uint8_t)rule->protocol);
	char what[32];

	if (is_word(line, word)) {
		step(line);
		return 0;
	}
	if (is_word(line, "from") || is_word(line, "to"))
		return fail(line->err, EINVAL, "%s: '%s': ingress rules take from, egress rules take to", line->key,
			    line->word);
	snprintf(what, sizeof(what), "%s%s", may_have_ports && !line->detailed ? "a port or " : "", word);
	return expected(line, what);
}

static int take_prefix(struct line *line, struct flow_rule *rule)
{
	struct flow_prefix *prefix = malloc(sizeof(*prefix));
	struct flow_host host;
	int ret;

	if (!prefix)
		return fail_memory(line->err, line->key);
	rule->peers = prefix;
	rule->peer_count = 1;
	ret = parse_prefix(line->key, line->word, prefix, line->err);
	if (ret < 0 && parse_host(line->key, line->word, &host, NULL) == 0)
		return fail(line->err, EINVAL, "%s: '%s' is not a CIDR; that address alone is %s/%d", line->key,
			    line->word, line->word, host.family == FLOW_IPV4 ? 32 : 128);
	if (ret < 0 && !strchr(line->word, '/'))
		return expected(line, "a CIDR like 10.0.0.0/16, or a security group's name, which begins with sg-,");
	return ret;
}

static int take_peer(struct line *line, struct flow_rule *rule)
{
	int ret = 0;

	if (!line->word)
		return expected(line, "a CIDR or a security group");
	if (strncmp(line->word, "sg-", 3) != 0)
		ret = take_prefix(line, rule);
	else if (!(rule->group = strdup(line->word)))
		ret = fail_memory(line->err, line->key);
	if (ret == 0)
		step(line);
	return ret;
}

static int take_all(struct line *line, struct flow_rule *rule)
{
	static int (*const steps[])(struct line *, struct flow_rule *) = { take_number, take_verb, take_protocol,
									   take_detail };
	int ret = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && ret == 0; i++)
		ret = steps[i](line, rule);
	if (ret == 0)
		ret = take_towards(line, rule);
	if (ret == 0)
		ret = take_peer(line, rule);
	if (ret == 0 && line->word)
		return fail(line->err, EINVAL, "%s: '%s' stands behind a whole rule; each rule takes a line of its own",
			    line->key, line->word);
	return ret;
}

/* Its words with single blanks between. */
static char *single_blanks(const char *text)
{
	char *copy = strdup(text), *to = copy;

	if (!copy)
		return NULL;
	for (const char *at = text + strspn(text, blanks); *at; at += strspn(at, blanks)) {
		size_t length = strcspn(at, blanks);

		if (to > copy)
			*to++ = ' ';
		memcpy(to, at, length);
		to += length;
		at += length;
	}
	*to = '\0';
	return copy;
}

int rule_text_parse(struct flow_rule *out, struct rule_list list, const char *text, struct error *err)
{
	struct line line = { .list = list, .key = rule_text_key(list.egress), .err = err };
	struct flow_rule rule = {
		.protocol = FLOW_RULE_ANY,
		.port_to = UINT16_MAX,
		.icmp_type = FLOW_RULE_ANY,
		.icmp_code = FLOW_RULE_ANY,
		.words = single_blanks(text),
	};
	char *copy = strdup(text);
	int ret;

	*out = (struct flow_rule){ 0 };
	if (!copy || !rule.words)
		ret = fail_memory(err, line.key);
	else if (strchr(text, ','))
		ret = fail(err, EINVAL,
			   "%s: a ',' stands in the rule; each rule takes a line of its own, with one range of ports "
			   "and one CIDR",
			   line.key);
	else if (!(line.word = strtok_r(copy, blanks, &line.rest)))
		ret = fail(err, EINVAL, "%s: the rule is empty", line.key);
	else
		ret = take_all(&line, &rule);
	free(copy);
	if (ret < 0)
		flow_rule_clear(&rule);
	*out = rule;
	return ret;
}

/* ---- and back ---- */

const char *rule_text_prefix(char out[static RULE_PREFIX_SIZE], const struct flow_prefix *prefix)
{
	char base[LISTING_ADDRESS_SIZE];

	snprintf(out, RULE_PREFIX_SIZE, "%s/%u", listing_address(base, prefix->family, &prefix->base), prefix->length);
	return out;
}

enum { DETAIL_SIZE = 16 };

enum { HALF_SIZE = 4 };

static const char *half_text(char out[static HALF_SIZE], int16_t half)
{
	snprintf(out, HALF_SIZE, "%u", (uint8_t)half);
	return half < 0 ? "*" : out;
}

/* " 443", " 8/0", or nothing. */
static void detail_text(char out[static DETAIL_SIZE], const struct flow_rule *rule)
{
	char type[HALF_SIZE], code[HALF_SIZE];

	out[0] = '\0';
	if (rule->protocol < 0)
		return;
	if (output_protocol_is_icmp((uint8_t)rule->protocol)) {
		if (rule->icmp_code >= 0)
			snprintf(out, DETAIL_SIZE, " %s/%s", half_text(type, rule->icmp_type),
				 half_text(code, rule->icmp_code));
		else if (rule->icmp_type >= 0)
			snprintf(out, DETAIL_SIZE, " %s", half_text(type, rule->icmp_type));
	} else if (output_protocol_has_ports((uint8_t)rule->protocol) &&
		   (rule->port_from > 0 || rule->port_to < UINT16_MAX)) {
		if (rule->port_from == rule->port_to)
			snprintf(out, DETAIL_SIZE, " %u", rule->port_from);
		else
			snprintf(out, DETAIL_SIZE, " %u-%u", rule->port_from, rule->port_to);
	}
}

const char *rule_text(char out[static RULE_TEXT_SIZE], const struct flow_rule *rule, bool egress, size_t peer)
{
	char number[16] = "", name[OUTPUT_PROTOCOL_NAME_SIZE], detail[DETAIL_SIZE], prefix[RULE_PREFIX_SIZE];

	if (rule->number > 0)
		snprintf(number, sizeof(number), "%u ", rule->number);
	detail_text(detail, rule);
	snprintf(out, RULE_TEXT_SIZE, "%s%s %s%s %s %s", number, rule->allow ? "allow" : "deny",
		 rule->protocol < 0 ? "all" : output_protocol_name((uint8_t)rule->protocol, name), detail,
		 towards(egress), rule->group ? rule->group : rule_text_prefix(prefix, &rule->peers[peer]));
	return out;
}
