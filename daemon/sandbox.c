#include "daemon/sandbox.h"

#include <errno.h>

#if ENIFLOW_HAVE_SECCOMP

#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PR_SET_VMA /* headers before Linux 5.17; libc names its memory with it */
#define PR_SET_VMA 0x53564d41
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

/* clang-format off */
/* With all arguments. Names of both kinds of machines, with 32-bit ones' for wide times and files: what a machine does
 * not have is passed over. */
static const char *const allowed[] = {
	/* what is open */
	"read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "lseek",
	"_llseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "pipe", "pipe2", "eventfd2",
	/* files */
	"open", "openat", "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64", "statx",
	"access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "rename", "renameat",
	"renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync",
	"sync_file_range", "flock", "truncate", "ftruncate", "ftruncate64", "fallocate", "fadvise64", "fadvise64_64",
	"chmod", "fchmod", "fchmodat", "fchown", "fchown32", "umask", "utimensat", "utimensat_time64",
	"statfs", "statfs64", "fstatfs", "fstatfs64", "getcwd", "copy_file_range",
	/* sockets, once they are there */
	"bind", "connect", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt", "setsockopt",
	"shutdown", "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "send", "sendto", "sendmsg",
	"sendmmsg",
	/* waiting */
	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "pause", "nanosleep",
	"clock_nanosleep", "clock_nanosleep_time64", "sched_yield",
	/* clocks and timers */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "gettimeofday", "time", "times",
	"timerfd_create", "timerfd_settime", "timerfd_settime64", "timerfd_gettime", "timerfd_gettime64", "setitimer",
	"getitimer", "alarm", "timer_create", "timer_settime", "timer_settime64", "timer_gettime", "timer_delete",
	/* memory that is not executable; mmap and mprotect are below */
	"brk", "munmap", "mremap", "madvise", "msync", "membarrier",
	/* threads */
	"futex", "futex_time64", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "gettid",
	"sched_getaffinity", "sched_getparam", "sched_getscheduler", "getcpu", "exit", "exit_group",
	/* signals */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "rt_sigpending", "rt_sigsuspend",
	"rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaltstack", "signalfd4", "restart_syscall",
	/* about itself and its machine */
	"getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getuid32", "geteuid32", "getgid32",
	"getegid32", "getresuid", "getresgid", "getresuid32", "getresgid32", "getgroups", "getgroups32", "capget",
	"getrusage", "getrlimit", "ugetrlimit", "uname", "sysinfo", "getrandom",
#ifdef SANITIZED
	/* AddressSanitizer looks for leaks at the end: in a process of its own, which stops this one. */
	"clone", "prctl", "ptrace", "wait4",
#endif
};
/* clang-format on */

/* Requests to devices and terminals: about a device, never of a terminal's input. */
static const unsigned requests[] = {
	FIONREAD,      FIONBIO,      FIOCLEX,      TCGETS,      TIOCGWINSZ,
	SIOCGIFNAME,   SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFMTU,
	SIOCGIFHWADDR, SIOCGIFCONF,  SIOCETHTOOL,  SIOCGSTAMP,  0x8b01 /* SIOCGIWNAME */,
};

/* Linux 5.1 and later: from here on all machines have the same numbers. x32's begin at LAST + 1. */
enum { FIRST_NEW = 424, LAST_NEW = 511 };

/* Flags of clone(2) for a thread of this process: these are set, and no namespace is new. */
enum {
	THREAD_FLAGS = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND,
	NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
			 CLONE_NEWNET
};

static bool is_allowed(int number)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
		if (seccomp_syscall_resolve_name(allowed[i]) == number)
			return true;
	}
	return false;
}

/* Allows `name` if its arguments are so. What this machine does not have, or the list has already, is passed over. */
static int allow_if(scmp_filter_ctx filter, const char *name, const struct scmp_arg_cmp *conditions, unsigned count)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number < 0 || (count && is_allowed(number)))
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, count, conditions);
}

/* The first argument that has nothing in `mask` but `bits`; only 32 bits of an int are its own. */
static int allow_bits(scmp_filter_ctx filter, const char *name, unsigned argument, uint32_t mask, uint32_t bits)
{
	const struct scmp_arg_cmp condition = { argument, SCMP_CMP_MASKED_EQ, mask, bits };

	return allow_if(filter, name, &condition, 1);
}

static int allow_calls(scmp_filter_ctx filter)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(allowed) / sizeof(*allowed); i++)
		ret = allow_if(filter, allowed[i], NULL, 0);
	for (size_t i = 0; ret == 0 && i < sizeof(requests) / sizeof(*requests); i++)
		ret = allow_bits(filter, "ioctl", 1, UINT32_MAX, requests[i]);
	return ret;
}

static int allow_sockets(scmp_filter_ctx filter)
{
	static const int protocols[] = { NETLINK_ROUTE, NETLINK_NETFILTER, NETLINK_GENERIC };
	static const int types[] = { SOCK_DGRAM,
				     SOCK_RAW }; /* which are one for AF_UNIX, and libpcap says the latter */
	int ret = allow_bits(filter, "socket", 0, UINT32_MAX, AF_PACKET);

	for (size_t i = 0; ret == 0 && i < sizeof(protocols) / sizeof(*protocols); i++) {
		const struct scmp_arg_cmp netlink[] = { { 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, AF_NETLINK },
							{ 2, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)protocols[i] } };

		ret = allow_if(filter, "socket", netlink, 2);
	}
	for (size_t i = 0; ret == 0 && i < sizeof(types) / sizeof(*types); i++) {
		const struct scmp_arg_cmp local[] = {
			{ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, AF_UNIX },
			{ 1, SCMP_CMP_MASKED_EQ, (uint32_t) ~(SOCK_CLOEXEC | SOCK_NONBLOCK), (uint32_t)types[i] }
		};

		ret = allow_if(filter, "socket", local, 2);
	}
	return ret;
}

/* What may be done to this process only, or in part. */
static int allow_in_part(scmp_filter_ctx filter)
{
	static const char *const to_itself[] = { "kill", "tkill", "tgkill" };
	static const char *const maps[] = { "mmap", "mmap2", "mprotect" };
	static const int controls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_SET_VMA };
	const struct scmp_arg_cmp sets_nothing = { 2, SCMP_CMP_EQ, 0, 0 };
	int ret = allow_bits(filter, "clone", 0, THREAD_FLAGS | NEW_NAMESPACES, THREAD_FLAGS);

	for (size_t i = 0; ret == 0 && i < sizeof(to_itself) / sizeof(*to_itself); i++)
		ret = allow_bits(filter, to_itself[i], 0, UINT32_MAX, (uint32_t)getpid());
	for (size_t i = 0; ret == 0 && i < sizeof(maps) / sizeof(*maps); i++)
		ret = allow_bits(filter, maps[i], 2, PROT_EXEC, 0);
	for (size_t i = 0; ret == 0 && i < sizeof(controls) / sizeof(*controls); i++)
		ret = allow_bits(filter, "prctl", 0, UINT32_MAX, (uint32_t)controls[i]);
	return ret < 0 ? ret : allow_if(filter, "prlimit64", &sets_nothing, 1);
}

/* Of bpf(2): to load programs and attach them, to make maps and read them. Not: to find those of others, nor to pin. */
static int allow_programs(scmp_filter_ctx filter)
{
	static const int commands[] = {
		BPF_MAP_CREATE,          BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
		BPF_MAP_GET_NEXT_KEY,    BPF_MAP_LOOKUP_BATCH, BPF_MAP_DELETE_BATCH,   BPF_MAP_LOOKUP_AND_DELETE_BATCH,
		BPF_MAP_FREEZE,          BPF_PROG_LOAD,        BPF_PROG_BIND_MAP,      BPF_BTF_LOAD,
		BPF_RAW_TRACEPOINT_OPEN, BPF_LINK_CREATE,      BPF_OBJ_GET_INFO_BY_FD,
	};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(commands) / sizeof(*commands); i++)
		ret = allow_bits(filter, "bpf", 0, UINT32_MAX, (uint32_t)commands[i]);
	return ret;
}

/* Streams to brokers, and datagrams to servers of names. */
static int allow_internet(scmp_filter_ctx filter)
{
	static const int families[] = { AF_INET, AF_INET6 }, types[] = { SOCK_STREAM, SOCK_DGRAM };
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < 4; i++) {
		const struct scmp_arg_cmp internet[] = {
			{ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)families[i / 2] },
			{ 1, SCMP_CMP_MASKED_EQ, (uint32_t) ~(SOCK_CLOEXEC | SOCK_NONBLOCK), (uint32_t)types[i % 2] }
		};

		ret = allow_if(filter, "socket", internet, 2);
	}
	return ret;
}

static int refuse_as_unknown(scmp_filter_ctx filter)
{
	int ret = 0;

	for (int number = FIRST_NEW; ret == 0 && number <= LAST_NEW; number++) {
		if (!is_allowed(number))
			ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	}
	return ret;
}

static int fill(scmp_filter_ctx filter, unsigned needs)
{
	/* Another machine's calls, as of 32-bit code: refused as well, and not ended by SIGSYS. */
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));

	if (ret == 0)
		ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (ret == 0)
		ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
	if (ret == 0)
		ret = allow_calls(filter);
	if (ret == 0)
		ret = allow_sockets(filter);
	if (ret == 0)
		ret = allow_in_part(filter);
	if (ret == 0 && needs & DAEMON_SANDBOX_PROGRAMS)
		ret = allow_programs(filter);
	if (ret == 0 && needs & DAEMON_SANDBOX_INTERNET)
		ret = allow_internet(filter);
	return ret < 0 ? ret : refuse_as_unknown(filter);
}

int daemon_sandbox_enter(unsigned needs, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret;

	if (!filter)
		return fail_memory(err, "sandbox");
	ret = fill(filter, needs);
	if (ret == 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	if (ret == 0)
		return 0;
	errno = -ret;
	return fail_errno(err, "sandbox: the kernel takes no filter of system calls (seccomp)");
}

#else

int daemon_sandbox_enter(unsigned needs, struct error *err)
{
	(void)needs;
	return fail(err, ENOTSUP,
		    "sandbox: this eniflow was built without libseccomp; install libseccomp-dev and build again");
}

#endif
