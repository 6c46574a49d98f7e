#include "capture/programs.h"

#if ENIFLOW_HAVE_EBPF

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>

#include <flows.skel.h>

/* Of <linux/capability.h> since 5.8 and 5.9. */
enum { PERFMON = 38, BPF = 39 };

static const char kernel_types[] = "/sys/kernel/btf/vmlinux";

struct loaded {
	struct flows *skeleton;
	struct ring_buffer *calls;
};

bool capture_programs_are_built(void)
{
	return true;
}

/* ---- what may be missing ---- */

/* The effective capabilities, a bit each; -1: nobody knows, as if it had all. */
static uint64_t capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return UINT64_MAX;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool has(uint64_t held, int capability)
{
	bool by_admin = capability != CAP_NET_ADMIN && held >> CAP_SYS_ADMIN & 1;

	return by_admin || (held >> capability & 1);
}

static int check_capabilities(struct error *err)
{
	const uint64_t held = capabilities();
	const char *missing[3];
	int count = 0;
	char list[64] = "";

	if (!has(held, BPF))
		missing[count++] = "CAP_BPF";
	if (!has(held, CAP_NET_ADMIN))
		missing[count++] = "CAP_NET_ADMIN";
	if (!has(held, PERFMON))
		missing[count++] = "CAP_PERFMON";
	if (count == 0)
		return 0;
	for (int i = 0; i < count; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof(list) - used, "%s%s",
			 i == 0          ? ""
			 : i + 1 < count ? ", "
					 : " and ",
			 missing[i]);
	}
	return fail(err, EPERM,
		    "metering in the kernel (eBPF) needs the %s %s (or root); --backend pcap needs CAP_NET_RAW alone",
		    count == 1 ? "capability" : "capabilities", list);
}

int capture_programs_check(struct error *err)
{
	if (access(kernel_types, R_OK) < 0)
		return fail(err, ENOTSUP,
			    "metering in the kernel (eBPF) needs the kernel's own types (BTF), and %s %s: use a kernel "
			    "with "
			    "CONFIG_DEBUG_INFO_BTF, or --backend pcap",
			    kernel_types, errno == ENOENT ? "is not there" : "cannot be read");
	return check_capabilities(err);
}

/* Is there a word in brackets other than "none"? */
static bool is_locked_down(void)
{
	char line[128] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	bool got = file && fgets(line, sizeof(line), file);

	if (file)
		fclose(file);
	return got && strchr(line, '[') && !strstr(line, "[none]");
}

static int say(int code, struct error *err)
{
	char why[128];

	if (code == -EPERM && is_locked_down())
		return fail(
			err, ENOTSUP,
			"metering in the kernel (eBPF): this kernel is locked down (/sys/kernel/security/lockdown) and "
			"loads no such programs: use --backend pcap");
	if (code == -EPERM)
		return fail(err, EPERM,
			    "metering in the kernel (eBPF): the kernel refuses the programs though the capabilities "
			    "are there; "
			    "it may be locked down, or a container's rules forbid bpf(2): use --backend pcap");
	libbpf_strerror(code, why, sizeof(why));
	if (code == -EACCES || code == -EINVAL || code == -E2BIG)
		return fail(err, -code,
			    "metering in the kernel (eBPF): this kernel does not take the programs (%s), it may be too "
			    "old: use "
			    "--backend pcap",
			    why);
	return fail(err, -code, "metering in the kernel (eBPF): the programs cannot be loaded: %s: use --backend pcap",
		    why);
}

/* ---- loading ---- */

/* Verifier's logs run to thousands of lines, and nobody could do anything about them. */
static int be_quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Does the kernel tell of a packet that netfilter dropped it? Then the reason's name is in its own types, of which nothing
 * else need be known. */
static bool has_reasons(void)
{
	static const char name[] = "SKB_DROP_REASON_NETFILTER_DROP";
	enum { PIECE = 65536 };
	char buffer[PIECE + sizeof(name)];
	size_t kept = 0, got;
	FILE *types = fopen(kernel_types, "re");
	bool found = false;

	while (types && !found && (got = fread(buffer + kept, 1, PIECE, types)) > 0) {
		size_t filled = kept + got;

		found = memmem(buffer, filled, name, sizeof(name)) != NULL;
		kept = filled < sizeof(name) ? filled : sizeof(name); /* it may lie across two pieces */
		memmove(buffer, buffer + filled - kept, kept);
	}
	if (types)
		fclose(types);
	return found;
}

static uint32_t network_namespace(void)
{
	struct stat own = { 0 };

	return stat("/proc/self/ns/net", &own) == 0 ? (uint32_t)own.st_ino : 0;
}

static int load(struct flows *skeleton, const struct capture_programs_options *options, bool with_verdicts)
{
	int ret;

	skeleton->rodata->with_macs = options->with_macs;
	skeleton->rodata->netns_inode = network_namespace();
	bpf_program__set_autoload(skeleton->progs.on_drop, with_verdicts);
	bpf_program__set_autoattach(skeleton->progs.on_drop, with_verdicts);
	ret = bpf_map__set_inner_map_fd(skeleton->maps.current, options->pattern);
	return ret < 0 ? ret : flows__load(skeleton);
}

/* Attaching to a tracepoint needs no device. */
static int hear_of_drops(struct flows *skeleton)
{
	skeleton->links.on_drop = bpf_program__attach(skeleton->progs.on_drop);
	return skeleton->links.on_drop ? 0 : -errno;
}

static int on_call(void *ctx, void *data, size_t size)
{
	(void)data;
	(void)size;
	*(bool *)ctx = true;
	return 0;
}

static void publish(struct capture_programs *out, struct loaded *loaded, bool has_verdicts)
{
	const struct flows *skeleton = loaded->skeleton;

	*out = (struct capture_programs){
		.ingress = bpf_program__fd(skeleton->progs.count_ingress),
		.egress = bpf_program__fd(skeleton->progs.count_egress),
		.raw_ingress = bpf_program__fd(skeleton->progs.count_ingress_raw),
		.raw_egress = bpf_program__fd(skeleton->progs.count_egress_raw),
		.current = bpf_map__fd(skeleton->maps.current),
		.devices = bpf_map__fd(skeleton->maps.devices),
		.calls = ring_buffer__epoll_fd(loaded->calls),
		.clock = &skeleton->bss->clock,
		.has_verdicts = has_verdicts,
		.loaded = loaded,
	};
}

static void free_loaded(struct loaded *loaded)
{
	ring_buffer__free(loaded->calls);
	flows__destroy(loaded->skeleton);
	free(loaded);
}

int capture_programs_load(struct capture_programs *out, const struct capture_programs_options *options,
			  struct error *err)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	bool with_verdicts;
	int ret;

	if (!loaded)
		return fail_memory(err, "programs for the kernel");
	libbpf_set_print(be_quiet);
	with_verdicts = !options->without_verdicts && has_reasons();
	loaded->skeleton = flows__open();
	ret = loaded->skeleton ? load(loaded->skeleton, options, with_verdicts) : -errno;
	if (ret >= 0 && with_verdicts)
		ret = hear_of_drops(loaded->skeleton);
	if (ret >= 0) {
		loaded->calls = ring_buffer__new(bpf_map__fd(loaded->skeleton->maps.calls), on_call, &out->has_called,
						 NULL);
		ret = loaded->calls ? 0 : -errno;
	}
	if (ret < 0) {
		free_loaded(loaded);
		return say(ret, err);
	}
	publish(out, loaded, with_verdicts);
	return 0;
}

void capture_programs_free(struct capture_programs *programs)
{
	if (programs->loaded)
		free_loaded(programs->loaded);
	*programs = (struct capture_programs){ 0 };
}

bool capture_programs_take_calls(struct capture_programs *programs)
{
	struct loaded *loaded = programs->loaded;
	bool has_called;

	ring_buffer__consume(loaded->calls);
	has_called = programs->has_called;
	programs->has_called = false;
	return has_called;
}

#else

#include <errno.h>

bool capture_programs_are_built(void)
{
	return false;
}

int capture_programs_check(struct error *err)
{
	return fail(err, ENOTSUP,
		    "metering in the kernel (eBPF) is not built in: install clang, bpftool and libbpf-dev and build "
		    "anew, or use "
		    "--backend pcap");
}

int capture_programs_load(struct capture_programs *out, const struct capture_programs_options *options,
			  struct error *err)
{
	*out = (struct capture_programs){ 0 };
	(void)options;
	return capture_programs_check(err);
}

void capture_programs_free(struct capture_programs *programs)
{
	(void)programs;
}

bool capture_programs_take_calls(struct capture_programs *programs)
{
	(void)programs;
	return false;
}

#endif
