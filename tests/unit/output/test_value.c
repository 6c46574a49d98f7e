#include "output/value.h"

#include "check.h"

static char vpc[] = "vpc-1", dash[] = "-", path[] = "9";

static const struct flow_interface web = { .identity = { [FLOW_VPC_ID] = vpc, [FLOW_SUBNET_ID] = dash } };

static struct flow_record record_of(const struct flow_interface *interface)
{
	return (struct flow_record){ .interface = interface, .family = FLOW_IPV4, .direction = FLOW_EGRESS };
}

static void check_value(uint8_t field, const struct flow_record *record, uint8_t kind, size_t offset)
{
	struct output_value value = output_value_of(field, record);

	assert_int_equal(value.kind, kind);
	assert_int_equal(value.offset, offset);
}

static void stand_in_the_record(void **state)
{
	struct flow_record record = record_of(&web);

	(void)state;
	check_value(FIELD_DSTADDR, &record, OUTPUT_VALUE_IPV4, offsetof(struct flow_record, destination));
	check_value(FIELD_BYTES, &record, OUTPUT_VALUE_COUNT, offsetof(struct flow_record, bytes));
	check_value(FIELD_END, &record, OUTPUT_VALUE_TIME, offsetof(struct flow_record, end));
	check_value(FIELD_ACTION, &record, OUTPUT_VALUE_CONSTANT, 0);
	record.family = FLOW_IPV6;
	check_value(FIELD_DSTADDR, &record, OUTPUT_VALUE_IPV6, offsetof(struct flow_record, destination));
	record.status = FLOW_NODATA;
	check_value(FIELD_DSTADDR, &record, OUTPUT_VALUE_CONSTANT, 0);
	check_value(FIELD_END, &record, OUTPUT_VALUE_TIME, offsetof(struct flow_record, end));
}

static void constants(void **state)
{
	struct flow_record record = record_of(&web);

	(void)state;
	record.action = FLOW_REJECT;
	assert_string_equal(output_value_constant(FIELD_ACTION, &record), "REJECT");
	assert_string_equal(output_value_constant(FIELD_TYPE, &record), "IPv4");
	assert_string_equal(output_value_constant(FIELD_FLOW_DIRECTION, &record), "egress");
	assert_string_equal(output_value_constant(FIELD_LOG_STATUS, &record), "OK");
	assert_string_equal(output_value_constant(FIELD_VPC_ID, &record), "vpc-1");
	assert_null(output_value_constant(FIELD_SUBNET_ID, &record));
	assert_null(output_value_constant(FIELD_REJECT_REASON, &record));
	record.status = FLOW_SKIPDATA;
	assert_null(output_value_constant(FIELD_ACTION, &record));
	assert_string_equal(output_value_constant(FIELD_LOG_STATUS, &record), "SKIPDATA");
	assert_string_equal(output_value_constant(FIELD_VPC_ID, &record), "vpc-1");
}

/* A log that is read back leaves a field open, or has more to say than packets have. */
static void read_back(void **state)
{
	struct flow_interface log = { .unknown = FLOW_UNKNOWN_BYTES,
				      .carried = { [FLOW_CARRIED_TRAFFIC_PATH] = path } };
	struct flow_record record = record_of(&log);

	(void)state;
	check_value(FIELD_BYTES, &record, OUTPUT_VALUE_CONSTANT, 0);
	assert_null(output_value_constant(FIELD_BYTES, &record));
	check_value(FIELD_PACKETS, &record, OUTPUT_VALUE_COUNT, offsetof(struct flow_record, packets));
	check_value(FIELD_TRAFFIC_PATH, &record, OUTPUT_VALUE_CONSTANT, 0);
	assert_string_equal(output_value_constant(FIELD_TRAFFIC_PATH, &record), "9");
	record.status = FLOW_NODATA;
	assert_null(output_value_constant(FIELD_TRAFFIC_PATH, &record));
}

static void variants(void **state)
{
	bool seen[OUTPUT_VALUE_VARIANTS] = { false };
	struct flow_record record = record_of(&web);

	(void)state;
	for (uint8_t n = 0; n < 12; n++) {
		record.family = n < 6 ? FLOW_IPV4 : FLOW_IPV6;
		record.direction = n / 2 % 3;
		record.action = n % 2;
		assert_in_range(output_value_variant(&record), 2, OUTPUT_VALUE_VARIANTS - 1);
		assert_false(seen[output_value_variant(&record)]);
		seen[output_value_variant(&record)] = true;
	}
	record.status = FLOW_NODATA;
	assert_int_equal(output_value_variant(&record), 0);
	record.status = FLOW_SKIPDATA;
	assert_int_equal(output_value_variant(&record), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(stand_in_the_record), TEST(constants), TEST(read_back),
					    TEST(variants) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
