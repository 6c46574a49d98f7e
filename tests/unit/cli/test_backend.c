/* Which settings each backend can have, by the sentences that refuse them. */
#include "cli/backend.h"

#include "config_text.h"

#include <errno.h>

static struct error err;

static void names(void **state)
{
	(void)state;
	assert_string_equal(backend_name(BACKEND_AUTO), "auto");
	assert_string_equal(backend_name(BACKEND_PCAP), "pcap");
	assert_string_equal(backend_name(BACKEND_PACKET), "packet");
	assert_string_equal(backend_name(BACKEND_EBPF), "ebpf");
	assert_string_equal(backend_name(BACKEND_NFLOG), "nflog");
}

#define GROUP "[security-group sg]\ningress = allow tcp 22 from 0.0.0.0/0\n"
#define ACL   "[network-acl acl]\ningress = 100 allow all from 0.0.0.0/0\n"

/* What single packets are needed for. */
static const struct {
	const char *rest; /* of a configuration, behind keys of [eniflow] */
	const char *sentence;
} needs[] = {
	{ "filter = tcp\n", "filter: it chooses single packets, and there are sums alone" },
	{ "decapsulate = gre\n", "decapsulate: tunnels are opened packet by packet, and there are sums alone" },
	{ "promiscuous = yes\n", "promiscuous: frames for other hosts are not counted" },
	{ "devices = any\n", "any: devices are watched one by one, as all stands for them" },
	{ "[interface a]\nsecurity-groups = sg\n" GROUP,
	  "security-groups: it judges single packets, and there are sums alone" },
	{ "[interface a]\n[interface b]\nnetwork-acl = acl\n" ACL,
	  "network-acl: it judges single packets, and there are sums alone" },
	{ "[defaults]\nnetwork-acl = acl\n" ACL, "network-acl: it judges single packets, and there are sums alone" },
};

static int with(const char *backend, const char *rest, struct settings *settings)
{
	char text[512];

	snprintf(text, sizeof(text), "[eniflow]\nbackend = %s\n%s", backend, rest);
	return config_text_for(COMMAND_CAPTURE, settings, text, &err);
}

static void what_the_kernel_cannot_have(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		char sentence[256];

		snprintf(sentence, sizeof(sentence), "backend ebpf: not with %s; backend pcap has it",
			 needs[i].sentence);
		assert_int_equal(with("ebpf", needs[i].rest, &s), -EINVAL);
		assert_string_equal(err.text, sentence);
		assert_int_equal(with("auto", needs[i].rest, &s), 0);
		assert_int_equal(backend_check_sums(&s, &err), -EINVAL);
		assert_string_equal(err.text, needs[i].sentence);
		settings_free(&s);
		assert_int_equal(with("pcap", needs[i].rest, &s), 0);
		settings_free(&s);
	}
}

static void what_it_can_have(void **state)
{
	static const char *const rows[] = { "devices = all\n", "devices = eth0 eth1\nkernel-flows = 2048\n",
					    "[interface a]\nmac = 02:00:00:00:00:01\n" GROUP ACL };
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(with("ebpf", rows[i], &s), 0);
		assert_int_equal(backend_check_sums(&s, &err), 0);
		settings_free(&s);
	}
}

static void the_others(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(with("packet", "devices = any\n", &s), -EINVAL);
	assert_string_equal(err.text, "any: backend packet watches devices one by one, as all stands for them");
	assert_int_equal(with("packet", "filter = tcp\ndecapsulate = gre\npromiscuous = yes\n", &s), 0);
	settings_free(&s);
	assert_int_equal(with("nflog", "filter = tcp\n", &s), -EINVAL);
	assert_string_equal(err.text, "filter: backend nflog has none; the firewall's rules choose the packets");
	assert_int_equal(with("nflog", "devices = any\n", &s), 0);
	settings_free(&s);
}

/* Whether a source would have to be opened anew for other settings. */
static void the_same_source(void **state)
{
	static const struct {
		const char *one, *other;
		bool same[BACKEND_NFLOG + 1]; /* by backend */
	} rows[] = {
		{ "",
		  "interval = 9\ndevices = eth0\n",
		  { [BACKEND_PCAP] = 1, [BACKEND_EBPF] = 1, [BACKEND_NFLOG] = 1 } },
		{ "", "ring-size = 1M\n", { [BACKEND_EBPF] = 1, [BACKEND_NFLOG] = 1 } },
		{ "", "filter = tcp\n", { [BACKEND_EBPF] = 1, [BACKEND_NFLOG] = 1 } },
		{ "filter = tcp\n", "filter = tcp\n", { [BACKEND_PCAP] = 1, [BACKEND_EBPF] = 1, [BACKEND_NFLOG] = 1 } },
		{ "", "decapsulate = gre\n", { [BACKEND_EBPF] = 1 } },
		{ "", "kernel-flows = 1024\n", { [BACKEND_PCAP] = 1, [BACKEND_NFLOG] = 1 } },
		{ "", "nflog-groups = 7=accept\n", { [BACKEND_PCAP] = 1, [BACKEND_EBPF] = 1 } },
		{ "[interface a]\n",
		  "[interface a]\nmac = 02:00:00:00:00:01\n",
		  { [BACKEND_PCAP] = 1, [BACKEND_NFLOG] = 1 } },
	};
	static const enum settings_backend backends[] = { BACKEND_PCAP, BACKEND_EBPF, BACKEND_NFLOG };
	struct settings one, other;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(with("auto", rows[i].one, &one), 0);
		assert_int_equal(with("auto", rows[i].other, &other), 0);
		for (size_t j = 0; j < sizeof(backends) / sizeof(backends[0]); j++)
			assert_int_equal(backend_is_same(backends[j], &one, &other), rows[i].same[backends[j]]);
		settings_free(&one);
		settings_free(&other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),           TEST(what_the_kernel_cannot_have), TEST(what_it_can_have), TEST(the_others),
		TEST(the_same_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
