/* What is printed must read back as a configuration, and take the packets it was made from. */
#include "cli/sections.h"

#include "capture/survey_rig.h"
#include "config_text.h"

#include <stdlib.h>

static struct rig rig;
static struct sections sections;
static struct settings settings;
static struct error err;

static int set_up(void **state)
{
	(void)state;
	rig = rig_new();
	sections = (struct sections){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	settings_free(&settings);
	sections_free(&sections);
	rig_free(&rig);
	return 0;
}

/* What the sections for the file say; the caller's to free. */
static char *printed(const char *path)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	capture_survey_finish(rig.survey);
	assert_int_equal(sections_print(&sections, out, path, rig.survey, &err), 0);
	fclose(out);
	return text;
}

/* Pastes them. */
static void paste(const char *path, size_t interfaces)
{
	char *text = printed(path);

	assert_int_equal(config_text(&settings, text, &err), 0);
	assert_int_equal(settings.interface_count, interfaces);
	free(text);
}

static void a_host(uint32_t point)
{
	for (uint32_t i = 1; i < 4; i++) {
		rig_ipv4(&rig, (struct rig_frame){ .point = point }, 9, (uint8_t)(100 + i), HOST_IP(62), HOST_IP(i));
		rig_ipv4(&rig, (struct rig_frame){ .point = point }, (uint8_t)(100 + i), 9, HOST_IP(i), HOST_IP(62));
	}
}

static void is_host(const struct flow_interface *interface, const char *name, const char *device)
{
	assert_string_equal(interface->name, name);
	if (device)
		assert_string_equal(interface->device, device);
	else
		assert_null(interface->device);
	assert_true(interface->has_mac);
	assert_memory_equal(interface->mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, 9 }), 6);
	assert_int_equal(interface->address_count, 1);
	assert_memory_equal(interface->addresses[0].address.octets, ((const uint8_t[]){ 10, 0, 0, 62 }), 4);
}

static void a_section_is_called_as_its_device(void **state)
{
	(void)state;
	a_host(rig_point(&rig, "eth0", true));
	paste("/tmp/x.pcapng", 1);
	is_host(&settings.interfaces[0], "eth0", NULL);
}

static void without_a_device_it_is_called_as_the_file(void **state)
{
	(void)state;
	a_host(rig_point(&rig, "", false));
	paste("/tmp/web.pcap.gz", 1);
	is_host(&settings.interfaces[0], "web", NULL);
}

static void standard_input_has_no_name(void **state)
{
	(void)state;
	a_host(rig_point(&rig, "", false));
	paste("-", 1);
	is_host(&settings.interfaces[0], "eni", NULL);
}

/* Devices without real names would each take the packets of all. */
static void one_of_several_unnamed_devices_is_named(void **state)
{
	(void)state;
	a_host(rig_point(&rig, "if0", false));
	a_host(rig_point(&rig, "if1", false));
	paste("x.pcapng", 2);
	is_host(&settings.interfaces[0], "if0", "if0");
	is_host(&settings.interfaces[1], "if1", "if1");
}

static void odd_names_become_fit_ones(void **state)
{
	static const char *const names[] = {
		"Local Area Connection; two",
		"a]b",
		"#1",
		"\\Device\\NPF_{5AE6EDB4-EFF9-46B3-A3C2-EE50C688A9E6}",
		"longer than any section should be, but a name that a file may well have for its device, all the same",
	};
	const size_t count = sizeof(names) / sizeof(*names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		a_host(rig_point(&rig, names[i], true));
	paste("x.pcapng", count);
	is_host(&settings.interfaces[0], "Local-Area-Connection--two", names[0]);
	is_host(&settings.interfaces[1], "a-b", names[1]);
	is_host(&settings.interfaces[2], "-1", names[2]);
	is_host(&settings.interfaces[3], names[3], NULL);
	assert_string_equal(settings.interfaces[4].device, names[4]);
}

/* Nothing in a configuration can stand for these, so the section says how to give the device another name. */
static void a_name_that_cannot_be_written_is_told(void **state)
{
	static const char *const names[] = { "eth\n0", " eth1", "eth2 ;x" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *text;

		tear_down(NULL);
		set_up(NULL);
		a_host(rig_point(&rig, names[i], true));
		text = printed("x.pcapng");
		assert_non_null(strstr(text, "=FILE\n"));
		assert_null(strstr(text, "device  ="));
		assert_int_equal(config_text(&settings, text, &err), 0);
		assert_int_equal(settings.interface_count, 1);
		free(text);
	}
}

static void at_a_switch_each_has_its_section(void **state)
{
	uint32_t point = rig_point(&rig, "br0", true);

	(void)state;
	for (uint8_t i = 1; i <= 3; i++) {
		rig_ipv4(&rig, (struct rig_frame){ .point = point }, i, (uint8_t)(i % 3 + 1), HOST_IP(i),
			 HOST_IP(i % 3u + 1));
	}
	paste("x.pcapng", 3);
	assert_string_equal(settings.interfaces[0].name, "br0");
	assert_null(settings.interfaces[0].device);
	assert_string_equal(settings.interfaces[1].name, "br0-2");
	assert_string_equal(settings.interfaces[1].device, "br0");
	assert_string_equal(settings.interfaces[2].name, "br0-3");
}

/* More addresses than fit on a line that inih takes. */
static void long_lists_read_back(void **state)
{
	uint32_t point = rig_point(&rig, "eth0", true);

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		rig_arp(&rig, (struct rig_frame){ .point = point }, 9, 0xc0a86464 + i);
		rig_ipv4(&rig, (struct rig_frame){ .point = point }, 9, (uint8_t)(100 + i), 0xc0a86464 + i, HOST_IP(i));
	}
	paste("x.pcapng", 1);
	assert_int_equal(settings.interfaces[0].address_count, 16);
}

static void what_cannot_be_decided_is_left_open(void **state)
{
	uint32_t point = rig_point(&rig, "eth0", true);
	char *text;

	(void)state;
	rig_ipv4(&rig, (struct rig_frame){ .point = point }, 1, 2, HOST_IP(1), HOST_IP(2));
	rig_ipv4(&rig, (struct rig_frame){ .point = point }, 2, 1, HOST_IP(2), HOST_IP(1));
	text = printed("x.pcapng");
	assert_non_null(strstr(text, "; mac     = 02:00:00:00:00:01\n; address = 10.0.0.1\n"));
	assert_non_null(strstr(text, "; mac     = 02:00:00:00:00:02\n; address = 10.0.0.2\n"));
	assert_int_equal(config_text(&settings, text, &err), 0);
	assert_int_equal(settings.interface_count, 1);
	assert_false(settings.interfaces[0].has_mac);
	free(text);
}

/* A rotated capture: what both files say stands there once, and both texts together read back. */
static void a_second_file_of_the_same_device_adds_nothing(void **state)
{
	char *first, *second, *both;

	(void)state;
	a_host(rig_point(&rig, "eth0", true));
	first = printed("x.pcapng");
	second = printed("y.pcapng");
	assert_true(asprintf(&both, "%s%s", first, second) > 0);
	assert_non_null(strstr(second, "; [interface eth0] above"));
	assert_int_equal(config_text(&settings, both, &err), 0);
	assert_int_equal(settings.interface_count, 1);
	free(first);
	free(second);
	free(both);
}

static void a_crowd_of_devices_has_an_end(void **state)
{
	char name[16], *text;

	(void)state;
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "eth%d", i);
		a_host(rig_point(&rig, name, true));
	}
	text = printed("x.pcapng");
	assert_non_null(strstr(text, "[interface eth63]"));
	assert_null(strstr(text, "[interface eth64]"));
	assert_non_null(strstr(text, "; and 6 interfaces more"));
	free(text);
}

static void no_packets_no_section(void **state)
{
	(void)state;
	rig_arp(&rig, (struct rig_frame){ .point = rig_point(&rig, "eth0", true) }, 9, HOST_IP(62));
	paste("x.pcapng", 0);
}

#define SECTIONS_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECTIONS_TEST(a_section_is_called_as_its_device),
		SECTIONS_TEST(without_a_device_it_is_called_as_the_file),
		SECTIONS_TEST(standard_input_has_no_name),
		SECTIONS_TEST(one_of_several_unnamed_devices_is_named),
		SECTIONS_TEST(odd_names_become_fit_ones),
		SECTIONS_TEST(a_name_that_cannot_be_written_is_told),
		SECTIONS_TEST(at_a_switch_each_has_its_section),
		SECTIONS_TEST(long_lists_read_back),
		SECTIONS_TEST(what_cannot_be_decided_is_left_open),
		SECTIONS_TEST(a_second_file_of_the_same_device_adds_nothing),
		SECTIONS_TEST(a_crowd_of_devices_has_an_end),
		SECTIONS_TEST(no_packets_no_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
