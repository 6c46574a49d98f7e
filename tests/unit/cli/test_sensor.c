/* What only a sensor is told, and what is judged of it. */
#include "cli/sensor.h"

#include "config_text.h"

#include <errno.h>

static struct error err;

static int start(void **state)
{
	static struct settings settings;

	*state = &settings;
	return settings_init(&settings, &err);
}

static int end(void **state)
{
	settings_free(*state);
	return 0;
}

static void put(struct settings *s, enum settings_key key, const char *value)
{
	assert_int_equal(settings_put(s, key, "here", value, &err), 0);
}

static void defaults(void **state)
{
	const struct settings *s = *state;

	assert_int_equal(s->command, COMMAND_READ);
	assert_int_equal(s->device_count, 0);
	assert_int_equal(s->backend, BACKEND_AUTO);
	assert_int_equal(s->kernel_flows, 131072);
	assert_false(s->promiscuous);
	assert_null(s->user);
	assert_null(s->metrics);
	assert_null(s->flow_log_id);
	assert_int_equal(s->duration, 0);
	assert_int_equal(s->ring_size, 32 * 1024 * 1024);
	assert_int_equal(s->hold_size, 64 * 1024 * 1024);
	assert_int_equal(s->nflog_group_count, 1);
	assert_int_equal(s->nflog_groups[0].number, 7);
	assert_int_equal(s->nflog_groups[0].action, -1);
}

static void takes(void **state)
{
	struct settings *s = *state;

	put(s, SETTING_BACKEND, "pcap");
	assert_int_equal(s->backend, BACKEND_PCAP);
	put(s, SETTING_BACKEND, "packet");
	assert_int_equal(s->backend, BACKEND_PACKET);
	put(s, SETTING_BACKEND, "ebpf");
	assert_int_equal(s->backend, BACKEND_EBPF);
	put(s, SETTING_BACKEND, "nflog");
	assert_int_equal(s->backend, BACKEND_NFLOG);
	put(s, SETTING_BACKEND, "auto");
	assert_int_equal(s->backend, BACKEND_AUTO);
	put(s, SETTING_KERNEL_FLOWS, "1024");
	assert_int_equal(s->kernel_flows, 1024);
	put(s, SETTING_KERNEL_FLOWS, "16777216");
	assert_int_equal(s->kernel_flows, 1 << 24);
	put(s, SETTING_PROMISCUOUS, "yes");
	assert_true(s->promiscuous);
	put(s, SETTING_USER, "nobody");
	assert_string_equal(s->user, "nobody");
	put(s, SETTING_USER, "");
	assert_null(s->user);
	put(s, SETTING_METRICS, "127.0.0.1:9700");
	assert_string_equal(s->metrics, "127.0.0.1:9700");
	put(s, SETTING_METRICS, "");
	assert_null(s->metrics);
	put(s, SETTING_DURATION, "31536000");
	assert_int_equal(s->duration, 31536000);
	put(s, SETTING_RING_SIZE, "256K");
	assert_int_equal(s->ring_size, 262144);
	put(s, SETTING_RING_SIZE, "2G");
	assert_int_equal(s->ring_size, UINT64_C(1) << 31);
	put(s, SETTING_HOLD_SIZE, "1048576");
	assert_int_equal(s->hold_size, 1048576);
	put(s, SETTING_HOLD_SIZE, "16GiB");
	assert_int_equal(s->hold_size, UINT64_C(1) << 34);
	put(s, SETTING_FLOW_LOG_ID, "fl-0123abcd");
	assert_string_equal(s->flow_log_id, "fl-0123abcd");
	put(s, SETTING_FLOW_LOG_ID, "fl-0123456789abcdef0");
	put(s, SETTING_FLOW_LOG_ID, "");
	assert_null(s->flow_log_id);
}

static void devices(void **state)
{
	struct settings *s = *state;
	char one[] = "eth0", two[] = "a.name.of.15.by", *names[] = { one, two };

	put(s, SETTING_DEVICES, "eth0, eth1\twg0");
	assert_int_equal(s->device_count, 3);
	assert_string_equal(s->devices[2], "wg0");
	assert_int_equal(sensor_set_devices(s, names, 2, &err), 0);
	assert_int_equal(s->device_count, 2);
	assert_string_equal(s->devices[0], "eth0");
	assert_string_equal(s->devices[1], "a.name.of.15.by");
	put(s, SETTING_DEVICES, "");
	assert_int_equal(s->device_count, 0);
}

static void groups(void **state)
{
	struct settings *s = *state;

	put(s, SETTING_NFLOG_GROUPS, "0, 7=accept 65535=reject");
	assert_int_equal(s->nflog_group_count, 3);
	assert_int_equal(s->nflog_groups[0].number, 0);
	assert_int_equal(s->nflog_groups[0].action, -1);
	assert_int_equal(s->nflog_groups[1].number, 7);
	assert_int_equal(s->nflog_groups[1].action, FLOW_ACCEPT);
	assert_int_equal(s->nflog_groups[2].number, 65535);
	assert_int_equal(s->nflog_groups[2].action, FLOW_REJECT);
}

static const struct {
	enum settings_key key;
	const char *value, *sentence;
} faults[] = {
	{ SETTING_BACKEND, "PCAP", "here: 'PCAP' is not one of auto|pcap|packet|ebpf|nflog" },
	{ SETTING_KERNEL_FLOWS, "1023", "here: '1023' is not a whole number from 1024 to 16777216" },
	{ SETTING_KERNEL_FLOWS, "16777217", "here: '16777217' is not a whole number from 1024 to 16777216" },
	{ SETTING_PROMISCUOUS, "maybe", "here: 'maybe' is not yes or no" },
	{ SETTING_DURATION, "0", "here: '0' is not a whole number from 1 to 31536000" },
	{ SETTING_DURATION, "31536001", "here: '31536001' is not a whole number from 1 to 31536000" },
	{ SETTING_RING_SIZE, "255K", "here: '255K' is not a size from 256K to 2G" },
	{ SETTING_RING_SIZE, "2147483649", "here: '2147483649' is not a size from 256K to 2G" },
	{ SETTING_HOLD_SIZE, "1023K", "here: '1023K' is not a size from 1M to 16G" },
	{ SETTING_HOLD_SIZE, "17G", "here: '17G' is not a size from 1M to 16G" },
	{ SETTING_DEVICES, "eth0 a/b", "here: byte 2 of the name is '/', white space or a control character" },
	{ SETTING_DEVICES, "a.name.of.16.byt",
	  "here: 'a.name.of.16.byt' is no name of a device: it is longer than 15 bytes" },
	{ SETTING_DEVICES, "eth0,eth1,eth0", "here: eth0: given twice" },
	{ SETTING_NFLOG_GROUPS, "", "here: no group is given" },
	{ SETTING_NFLOG_GROUPS, "65536", "here: '65536' is not a whole number from 0 to 65535" },
	{ SETTING_NFLOG_GROUPS, "=accept", "here: '' is not a whole number from 0 to 65535" },
	{ SETTING_NFLOG_GROUPS, "7=ACCEPT", "here: 'ACCEPT' is not one of accept|reject" },
	{ SETTING_NFLOG_GROUPS, "7=", "here: '' is not one of accept|reject" },
	{ SETTING_NFLOG_GROUPS, "7,8,7=accept", "here: group 7 is given twice" },
	{ SETTING_FLOW_LOG_ID, "0123abcd", "here: '0123abcd' is not fl- and 8 or 17 lower-case hexadecimal digits" },
	{ SETTING_FLOW_LOG_ID, "fl-", "here: 'fl-' is not fl- and 8 or 17 lower-case hexadecimal digits" },
	{ SETTING_FLOW_LOG_ID, "fl-0123ABCD",
	  "here: 'fl-0123ABCD' is not fl- and 8 or 17 lower-case hexadecimal digits" },
	{ SETTING_FLOW_LOG_ID, "fl-0123abcd/",
	  "here: 'fl-0123abcd/' is not fl- and 8 or 17 lower-case hexadecimal digits" },
	{ SETTING_FLOW_LOG_ID, "fl-012345678",
	  "here: 'fl-012345678' is not fl- and 8 or 17 lower-case hexadecimal digits" },
};

/* What was there before stays. */
static void refuses(void **state)
{
	struct settings *s = *state;

	put(s, SETTING_DEVICES, "before");
	put(s, SETTING_FLOW_LOG_ID, "fl-00000000");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		assert_int_equal(settings_put(s, faults[i].key, "here", faults[i].value, &err), -EINVAL);
		assert_string_equal(err.text, faults[i].sentence);
	}
	assert_int_equal(s->device_count, 1);
	assert_string_equal(s->devices[0], "before");
	assert_string_equal(s->flow_log_id, "fl-00000000");
	assert_int_equal(s->backend, BACKEND_AUTO);
	assert_int_equal(s->ring_size, 32 << 20);
	assert_int_equal(s->kernel_flows, 131072);
	assert_int_equal(s->nflog_group_count, 1);
}

static void refuses_operands(void **state)
{
	static const struct {
		char name[20];
		const char *sentence;
	} rows[] = {
		{ "", "'': the name of a device is empty" },
		{ "a b", "a b: byte 2 of the name is '/', white space or a control character" },
		{ "eth0,eth1", "eth0,eth1: is no name of a device; give each device by itself, with a blank between" },
		{ "eth0", "eth0: given twice" },
	};
	struct settings *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char first[] = "eth0", second[20], *names[] = { first, second };

		memcpy(second, rows[i].name, sizeof(second));
		assert_int_equal(sensor_set_devices(s, names, 2, &err), -EINVAL);
		assert_string_equal(err.text, rows[i].sentence);
		assert_int_equal(s->device_count, 0);
	}
}

/* Read does not mind what a file says for a sensor. */
static void the_whole(void **state)
{
	static const char *const rows[][2] = {
		{ "devices = all", NULL },
		{ "devices = any", NULL },
		{ "devices = eth0 all", "all: stands for many devices; no other one may be named beside it" },
		{ "devices = any, eth0", "any: stands for many devices; no other one may be named beside it" },
		{ "backend = nflog", NULL },
		{ "filter = tcp", NULL },
		{ "backend = nflog\nfilter = tcp",
		  "filter: backend nflog has none; the firewall's rules choose the packets" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct settings s;
		char text[128];

		snprintf(text, sizeof(text), "[eniflow]\n%s\n", rows[i][0]);
		assert_int_equal(config_text(&s, text, &err), 0);
		settings_free(&s);
		assert_int_equal(config_text_for(COMMAND_CAPTURE, &s, text, &err), rows[i][1] ? -EINVAL : 0);
		if (rows[i][1])
			assert_string_equal(err.text, rows[i][1]);
		else
			settings_free(&s);
	}
}

static void keep(void *ctx, const char *sentence)
{
	char *heard = ctx;
	size_t length = strlen(heard);

	snprintf(heard + length, 512 - length, "%s|", sentence);
}

static void assert_remarks(const char *text, const char *expected)
{
	char heard[512] = "";
	const struct notices notices = { keep, heard };
	struct settings s;

	assert_int_equal(config_text(&s, text, &err), 0);
	s.command = COMMAND_CAPTURE;
	settings_remarks(&s, &notices);
	assert_string_equal(heard, expected);
	s.command = COMMAND_READ;
	heard[0] = '\0';
	settings_remarks(&s, &notices);
	assert_string_equal(heard, "");
	settings_free(&s);
}

#define NOWHERE "[interface web]: its device \"eth1\" is not among those to watch, so it has no records|"

static void remarks(void **state)
{
	(void)state;
	assert_remarks("[eniflow]\ndevices = eth0\n[interface web]\ndevice = eth1\n[interface eth0]\n", NOWHERE);
	assert_remarks("[eniflow]\ndevices = eth0\n[interface web]\n",
		       "[interface web]: names no device, and none of that name is to be watched, so it has no "
		       "records; write device = eth0|");
	assert_remarks("[eniflow]\ndevices = eth0 eth1\n[interface web]\ndevice = eth1\n", "");
	assert_remarks("[eniflow]\ndevices = all\n[interface web]\ndevice = eth1\n", "");
	assert_remarks("[eniflow]\ndevices = any\n[interface web]\ndevice = eth1\n", "");
	assert_remarks("[interface web]\ndevice = eth1\n", ""); /* the devices come later */
	assert_remarks("[eniflow]\nbackend = nflog\npromiscuous = yes\n",
		       "promiscuous: backend nflog sees what the firewall sees; it changes nothing there|");
	assert_remarks("[eniflow]\nnflog-groups = 7=accept\n",
		       "nflog-groups: only backend nflog listens to them; backend = nflog chooses it|");
	assert_remarks("[eniflow]\nnflog-groups = 7=accept\nbackend = nflog\n", "");
	assert_remarks("[eniflow]\nnflog-groups = 7\npromiscuous = yes\n", "");
	assert_remarks("[eniflow]\nkernel-flows = 1024\nbackend = packet\n",
		       "kernel-flows: backend packet has no map in the kernel; it changes nothing there|");
	assert_remarks("[eniflow]\nkernel-flows = 1024\n", "");
	assert_remarks("[eniflow]\nkernel-flows = 1024\nbackend = ebpf\n", "");
	assert_remarks("[eniflow]\nring-size = 1M\nbackend = ebpf\n",
		       "ring-size: backend ebpf has no ring; kernel-flows is the size of its map|");
	assert_remarks("[eniflow]\nring-size = 1M\nbackend = packet\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, start, end),
		cmocka_unit_test_setup_teardown(takes, start, end),
		cmocka_unit_test_setup_teardown(devices, start, end),
		cmocka_unit_test_setup_teardown(groups, start, end),
		cmocka_unit_test_setup_teardown(refuses, start, end),
		cmocka_unit_test_setup_teardown(refuses_operands, start, end),
		TEST(the_whole),
		TEST(remarks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
