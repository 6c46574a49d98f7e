#include "daemon/privileges.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if ENIFLOW_HAVE_CAPABILITIES
#include <cap-ng.h>
#endif

#ifndef CAP_BPF /* headers before Linux 5.8 */
#define CAP_PERFMON 38
#define CAP_BPF     39
#endif

#define BIT(capability) (UINT64_C(1) << (capability))

/* Those that are ever kept, and so have names here. */
static const struct {
	unsigned number, asked; /* enum daemon_capability, 0: for root's files */
	const char *name, *file_name;
} known[] = {
	{ CAP_NET_RAW, DAEMON_NET_RAW, "CAP_NET_RAW", "cap_net_raw" },
	{ CAP_NET_ADMIN, DAEMON_NET_ADMIN, "CAP_NET_ADMIN", "cap_net_admin" },
	{ CAP_BPF, DAEMON_BPF, "CAP_BPF", "cap_bpf" },
	{ CAP_PERFMON, DAEMON_PERFMON, "CAP_PERFMON", "cap_perfmon" },
	{ CAP_DAC_OVERRIDE, 0, "CAP_DAC_OVERRIDE", NULL },
	{ CAP_CHOWN, 0, "CAP_CHOWN", NULL },
	{ CAP_FOWNER, 0, "CAP_FOWNER", NULL },
};

enum { KNOWN = sizeof(known) / sizeof(*known) };

struct capabilities {
	uint64_t effective, permitted, inheritable;
};

/* libc has no function for it, and asking must not need a library. */
static struct capabilities capabilities_now(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &header, half) < 0)
		return (struct capabilities){ 0 };
	return (struct capabilities){ .effective = half[0].effective | (uint64_t)half[1].effective << 32,
				      .permitted = half[0].permitted | (uint64_t)half[1].permitted << 32,
				      .inheritable = half[0].inheritable | (uint64_t)half[1].inheritable << 32 };
}

/* Into `out`, which ends at `end`: what fits. Returns the place behind. */
static char *append(char *out, const char *end, const char *before, const char *word)
{
	int used = snprintf(out, (size_t)(end - out), "%s%s", before, word);

	return used < end - out ? out + used : out + (end - out) - 1;
}

int daemon_privileges_check(unsigned needed, const char *what, struct error *err)
{
	char missing[64] = "", all[64] = "", program[512];
	char *missing_at = missing, *all_at = all;
	uint64_t have = capabilities_now().effective;
	ssize_t length;

	for (size_t i = 0; i < KNOWN; i++) {
		if (!(known[i].asked & needed))
			continue;
		all_at = append(all_at, all + sizeof(all), all_at == all ? "" : ",", known[i].file_name);
		if (!(have & BIT(known[i].number)))
			missing_at = append(missing_at, missing + sizeof(missing), missing_at == missing ? "" : " and ",
					    known[i].name);
	}
	if (missing_at == missing)
		return 0;
	length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	program[length < 0 ? 0 : length] = '\0';
	return fail(err, EPERM,
		    "%s needs %s, which this process has not: start eniflow as root, or by its systemd unit, or allow "
		    "it to this program once and for all users (`setcap %s+ep %s`)",
		    what, missing, all, *program ? program : "PROGRAM");
}

static char *append_capabilities(char *out, const char *end)
{
	uint64_t have = capabilities_now().permitted;
	char others[48];

	if (!have)
		return append(out, end, ", ", "no capability");
	for (size_t i = 0; i < KNOWN; i++) {
		if (have & BIT(known[i].number))
			out = append(out, end, ", ", known[i].name);
		have &= ~BIT(known[i].number);
	}
	if (!have)
		return out;
	snprintf(others, sizeof(others), "%d further capabilities", __builtin_popcountll(have));
	return append(out, end, ", ", others);
}

const char *daemon_privileges_text(char out[static DAEMON_PRIVILEGES_TEXT])
{
	const char *end = out + DAEMON_PRIVILEGES_TEXT;
	const struct passwd *user = getpwuid(geteuid());
	const struct group *group = getgrgid(getegid());
	char user_id[24], group_id[24], *at;

	snprintf(user_id, sizeof(user_id), "%jd", (intmax_t)geteuid());
	snprintf(group_id, sizeof(group_id), "%jd", (intmax_t)getegid());
	at = append(out, end, "user ", user ? user->pw_name : user_id);
	at = append(at, end, ", group ", group ? group->gr_name : group_id);
	at = append_capabilities(at, end);
	append(at, end, ", ",
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "no new privileges" : "new privileges are possible");
	return out;
}

/* A folder has a link for each folder in it, and two more. */
static bool has_other_threads(void)
{
	struct stat status;

	return stat("/proc/self/task", &status) == 0 && status.st_nlink > 3;
}

struct user {
	const char *name; /* NULL: the present one stays */
	uid_t id;
	gid_t group;
};

/* A name that is not given may be missing. libcap-ng asks for users, too, so libc's answer does not stay. */
static int whom(struct user *out, const char *name, struct error *err)
{
	const struct passwd *user;

	*out = (struct user){ 0 };
	if (!name && geteuid() != 0)
		return 0;
	errno = 0;
	user = getpwnam(name ? name : DAEMON_PRIVILEGES_USER);
	if (!user && !name)
		return 0;
	if (!user && errno && errno != ENOENT && errno != ESRCH)
		return fail_errno(err, "user %s: cannot be looked up", name);
	if (!user)
		return fail(err, EINVAL,
			    "user %s: there is no such user; create it (`useradd --system %s`) or name another one",
			    name, name);
	if (geteuid() != 0 && user->pw_uid != geteuid())
		return fail(err, EPERM,
			    "user %s: only root can become another user, and this process is user %jd; start it as "
			    "root or leave "
			    "the user out",
			    name, (intmax_t)geteuid());
	if (geteuid() == 0 && user->pw_uid != 0)
		*out = (struct user){ name ? name : DAEMON_PRIVILEGES_USER, user->pw_uid, user->pw_gid };
	return 0;
}

#if ENIFLOW_HAVE_CAPABILITIES
static uint64_t to_keep(unsigned needed, bool files)
{
	uint64_t keep = 0;

	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].asked & needed || (files && !known[i].asked))
			keep |= BIT(known[i].number);
	}
	return keep & capabilities_now().permitted;
}

/* capng_change_id() and capng_apply() then make it so. */
static void wish(uint64_t keep)
{
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned i = 0; i < 64; i++) {
		if (keep & BIT(i))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, i);
	}
}

static int become(const struct user *user, struct error *err)
{
	int answer;

	errno = 0;
	answer = capng_change_id((int)user->id, (int)user->group,
				 CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (answer == 0)
		return 0;
	if (!errno)
		errno = EPERM;
	return fail_errno(
		err,
		"user %s: cannot be become (step %d; a container may bar it: CAP_SETUID, CAP_SETGID and CAP_SETPCAP "
		"are needed, or `--user root` to stay root)",
		user->name, -answer);
}

static int stay(struct error *err)
{
	/* The sets first that only CAP_SETPCAP can empty, while it is there. */
	if (capabilities_now().effective & BIT(CAP_SETPCAP) && capng_apply(CAPNG_SELECT_BOUNDS) < 0)
		return fail_errno(err, "privileges: the bounding set cannot be emptied");
	if (capng_apply(CAPNG_SELECT_AMBIENT) < 0 || capng_apply(CAPNG_SELECT_CAPS) < 0)
		return fail_errno(err, "privileges: cannot be given up");
	return 0;
}

/* What was done is looked at: a library or kernel that promised too much must not go unseen. */
static int verify(const struct user *user, uint64_t keep, struct error *err)
{
	const struct capabilities now = capabilities_now();
	uid_t real, effective, saved;
	gid_t real_group, group, saved_group;

	if (getresuid(&real, &effective, &saved) < 0 || getresgid(&real_group, &group, &saved_group) < 0)
		return fail_errno(err, "privileges: cannot be read back");
	if (user->name && (real != user->id || effective != user->id || saved != user->id ||
			   real_group != user->group || group != user->group || saved_group != user->group))
		return fail(err, EPERM, "user %s: this process did not become it wholly", user->name);
	if (now.permitted != keep || now.effective != keep || now.inheritable)
		return fail(err, EPERM,
			    "privileges: %" PRIx64 " are left and not %" PRIx64 " alone (bits of capabilities(7))",
			    now.permitted, keep);
	return 0;
}

static int keep_only(unsigned needed, const struct user *user, struct error *err)
{
	uint64_t keep = to_keep(needed, geteuid() == 0 && !user->name);
	int ret;

	wish(keep);
	ret = user->name ? become(user, err) : stay(err);
	return ret < 0 ? ret : verify(user, keep, err);
}
#else
static int keep_only(unsigned needed, const struct user *user, struct error *err)
{
	(void)needed;
	(void)user;
	(void)err;
	return 0;
}

static int refuse_root(const char *name, const struct user *user, struct error *err)
{
	if (geteuid() != 0 || (name && !user->name))
		return 0;
	return fail(err, ENOTSUP,
		    "started as root, and this eniflow was built without libcap-ng, which gives up what is not needed: "
		    "install "
		    "libcap-ng-dev and build again, start it as another user, or say `--user root` to stay root with "
		    "everything");
}
#endif

int daemon_privileges_keep(unsigned needed, const char *name, struct error *err)
{
	struct user user;
	int ret;

	if (has_other_threads())
		return fail(err, EBUSY, "privileges: cannot be given up for threads that run already");
	ret = whom(&user, name, err);
#if !ENIFLOW_HAVE_CAPABILITIES
	if (ret == 0)
		ret = refuse_root(name, &user, err);
#endif
	if (ret == 0)
		ret = keep_only(needed, &user, err);
	if (ret < 0)
		return ret;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail_errno(err, "privileges: new ones cannot be barred");
	return 0;
}
