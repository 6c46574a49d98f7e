#include "capture/hooks.h"

#include <errno.h>
#include <string.h>

#include "capture/bpf_call.h"

/* Of the kernel's include/uapi/linux/bpf.h since 6.6, which headers of older ones have not. */
enum { TCX_INGRESS = 46, TCX_EGRESS = 47, BEFORE = 1 << 3 };

/* The part of union bpf_attr that creates a tcx link. */
struct tcx_link {
	uint32_t program;
	uint32_t index;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t relative; /* to none: before all others */
	uint32_t zero;
	uint64_t revision; /* 0: whatever it is */
};
_Static_assert(sizeof(struct tcx_link) == 32, "as in union bpf_attr");

static int link_program(int program, uint32_t index, uint32_t attach_type)
{
	struct tcx_link link = {
		.program = (uint32_t)program, .index = index, .attach_type = attach_type, .flags = BEFORE
	};

	return bpf_call(BPF_LINK_CREATE, &link, sizeof(link));
}

static void close_links(struct capture_hook *hook)
{
	for (int i = 0; i < 2; i++) {
		if (hook->links[i] >= 0)
			close(hook->links[i]);
		hook->links[i] = -1;
	}
}

static int link_both(struct capture_hook *hook, uint32_t index, int ingress, int egress)
{
	int ret = hook->links[0] = link_program(ingress, index, TCX_INGRESS);

	if (ret >= 0)
		ret = hook->links[1] = link_program(egress, index, TCX_EGRESS);
	if (ret < 0)
		close_links(hook);
	return ret < 0 ? ret : 0;
}

static int say(int code, const char *name, struct error *err)
{
	if (code == -ENODEV)
		return fail(err, ENODEV, "%s: there is no such device", name);
	if (code == -EPERM)
		return fail(err, EPERM,
			    "%s: attaching a program to a device needs the capabilities CAP_BPF and CAP_NET_ADMIN (or "
			    "root)",
			    name);
	return fail(err, -code, "%s: the programs cannot be attached (tcx): %s", name, strerror(-code));
}

int capture_hooks_attach(struct capture_hooks *hooks, struct capture_hook *out, uint32_t index, const char *name,
			 int ingress, int egress, struct error *err)
{
	int ret;

	*out = (struct capture_hook){ .index = index, .links = { -1, -1 } };
	ret = hooks->without_tcx ? -EINVAL : link_both(out, index, ingress, egress);
	if (ret >= 0)
		return ret;
	if (ret != -EINVAL) /* which is what a kernel says that does not know tcx */
		return say(ret, name, err);
	if (!hooks->clsact) {
		ret = capture_clsact_open(&hooks->clsact, err);
		if (ret < 0)
			return ret;
	}
	ret = capture_clsact_attach(hooks->clsact, &out->filters, index, name, ingress, egress, err);
	hooks->without_tcx |= ret >= 0;
	return ret;
}

void capture_hooks_detach(struct capture_hooks *hooks, struct capture_hook *hook)
{
	close_links(hook);
	if (hooks->clsact)
		capture_clsact_detach(hooks->clsact, &hook->filters);
}

void capture_hooks_close(struct capture_hooks *hooks)
{
	capture_clsact_close(hooks->clsact);
	hooks->clsact = NULL;
}
