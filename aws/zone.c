#include "aws/zone.h"

#include <stdlib.h>

#include "aws/scalar.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* Words of letters with dashes between, then a number: eu-west-1, us-gov-west-1. Returns its length; 0: none. */
static size_t region_length_of(const char *name)
{
	size_t length = 0, words = 0, word;

	while ((word = strspn(name + length, letters)) > 0 && name[length + word] == '-') {
		length += word + 1;
		words++;
	}
	word = strspn(name + length, "0123456789");
	return words >= 2 && word > 0 ? length + word : 0;
}

enum aws_zone aws_zone_of(const char *name, size_t *region_length)
{
	size_t length = region_length_of(name);
	const char *rest = name + length;
	enum aws_zone kind = AWS_ZONE_UNKNOWN;

	if (length > 0 && strspn(rest, letters) == 1 && !rest[1])
		kind = AWS_ZONE_USUAL;
	else if (length > 0 && strncmp(rest, "-wl", 3) == 0)
		kind = AWS_ZONE_WAVELENGTH;
	else if (length > 0 && rest[0] == '-' && rest[1])
		kind = AWS_ZONE_LOCAL;
	*region_length = kind == AWS_ZONE_UNKNOWN ? 0 : length;
	return kind;
}

static void put(const struct aws_value *object, struct flow_interface *interface, enum flow_identity field,
		const char *text, size_t length)
{
	interface->identity[field] = strndup(text, length);
	if (!interface->identity[field])
		aws_value_memory(object);
}

/* arn:aws:outposts:us-east-1:123456789012:outpost/op-0123456789abcdef0 */
static bool read_outpost(const struct aws_value *object, struct flow_interface *interface)
{
	struct aws_value arn = aws_value_member(object, "OutpostArn");
	char *text = NULL;
	const char *slash;
	bool named;

	if (!aws_scalar_word(arn, &text))
		return false;
	slash = strrchr(text, '/');
	named = slash && slash[1];
	if (named) {
		put(object, interface, FLOW_SUBLOCATION_TYPE, "outpost", strlen("outpost"));
		put(object, interface, FLOW_SUBLOCATION_ID, slash + 1, strlen(slash + 1));
	} else {
		aws_value_wrong(&arn, "the ARN of an Outpost");
	}
	free(text);
	return named;
}

void aws_zone_read(const struct aws_value *object, struct flow_interface *interface)
{
	static const char *const types[] = { [AWS_ZONE_LOCAL] = "localzone", [AWS_ZONE_WAVELENGTH] = "wavelength" };
	struct aws_value id = aws_value_member(object, "AvailabilityZoneId");
	enum aws_zone kind = AWS_ZONE_UNKNOWN;
	char *name = NULL;
	size_t length;

	if (aws_scalar_word(aws_value_member(object, "AvailabilityZone"), &name)) {
		kind = aws_zone_of(name, &length);
		if (length > 0)
			put(object, interface, FLOW_REGION, name, length);
		free(name);
	}
	if (read_outpost(object, interface))
		return;
	if (kind < AWS_ZONE_LOCAL) {
		aws_scalar_word(id, &interface->identity[FLOW_AZ_ID]);
		return;
	}
	put(object, interface, FLOW_SUBLOCATION_TYPE, types[kind], strlen(types[kind]));
	aws_scalar_word(id, &interface->identity[FLOW_SUBLOCATION_ID]);
}
