/* A child goes into the sandbox and tries, call by call, what a sensor needs and what it must not have. It tells the first
 * thing that went otherwise. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/privileges.h"
#include "daemon/sandbox.h"
#include "daemon/service.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

enum { SKIPPED = 77 };

static char folder[] = "/tmp/eniflow-sandbox-XXXXXX";
static int listener = -1;
static struct sockaddr_in listener_at;

/* The child's word to its parent; anything said is a failure. */
#define WANT(condition)                                                                                                \
	do {                                                                                                           \
		errno = 0;                                                                                             \
		if (!(condition)) {                                                                                    \
			dprintf(STDERR_FILENO, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno));            \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

/* The call fails, and for that reason. */
#define REFUSED(call, reason)                                                                                          \
	do {                                                                                                           \
		errno = 0;                                                                                             \
		if ((call) != -1 || errno != (reason)) {                                                               \
			dprintf(STDERR_FILENO, "line %d: %s: %s\n", __LINE__, #call, strerror(errno));                 \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

static void enter_with(unsigned needs)
{
	struct error err = { "" };
	int ret = daemon_sandbox_enter(needs, &err);

	if (ret == 0)
		return;
	printf("skipped: %s\n", err.text);
	fflush(stdout);
	_exit(SKIPPED);
}

static void enter(void)
{
	enter_with(0);
}

static void in_child(void (*test)(void))
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		test();
		_exit(0);
	}
	assert_true(waitpid(child, &status, 0) == child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_true(WIFEXITED(status)); /* and no SIGSYS */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int make_folder(void **state)
{
	socklen_t length = sizeof(listener_at);

	(void)state;
	listener_at.sin_family = AF_INET;
	listener_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&listener_at, length) < 0 || listen(listener, 4) < 0 ||
	    getsockname(listener, (struct sockaddr *)&listener_at, &length) < 0)
		return -1;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	close(listener);
	return chdir("/") < 0 ? -1 : rmdir(folder);
}

static void write_files(void)
{
	char text[16] = "";
	struct stat status;
	struct dirent *entry;
	DIR *here;
	FILE *file;
	int fd, seen = 0;

	enter();
	WANT(mkdir("2026", 0755) == 0);
	WANT((fd = open("2026/.part", O_RDWR | O_CREAT | O_CLOEXEC, 0640)) >= 0);
	WANT(flock(fd, LOCK_EX | LOCK_NB) == 0);
	WANT(write(fd, "recordsX", 8) == 8);
	WANT(pwrite(fd, "R", 1, 0) == 1);
	WANT(ftruncate(fd, 7) == 0);
	WANT(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096) == 0 || errno == EOPNOTSUPP);
	WANT(fdatasync(fd) == 0 && fsync(fd) == 0);
	WANT(lseek(fd, 0, SEEK_SET) == 0 && read(fd, text, sizeof(text)) == 7 && strcmp(text, "Records") == 0);
	WANT(fstat(fd, &status) == 0 && fchown(fd, status.st_uid, status.st_gid) == 0 && fchmod(fd, 0600) == 0);
	WANT(futimens(fd, NULL) == 0);
	WANT(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	WANT(close(fd) == 0);
	WANT(rename("2026/.part", "2026/whole") == 0);
	WANT(link("2026/whole", "2026/second") == 0);
	WANT(renameat2(AT_FDCWD, "2026/second", AT_FDCWD, "2026/whole", 1 /* RENAME_NOREPLACE */) == -1 &&
	     errno == EEXIST);
	WANT(stat("2026/whole", &status) == 0 && status.st_size == 7 && access("2026/whole", R_OK) == 0);
	WANT((here = opendir("2026")) != NULL);
	while ((entry = readdir(here)) != NULL)
		seen += entry->d_name[0] != '.';
	WANT(seen == 2 && fsync(dirfd(here)) == 0 && closedir(here) == 0);
	WANT(unlink("2026/whole") == 0 && unlink("2026/second") == 0 && rmdir("2026") == 0);
	WANT((file = fopen("/proc/self/statm", "r")) != NULL && fgets(text, sizeof(text), file) && fclose(file) == 0);
	WANT((file = fopen("stdio", "w")) != NULL && fprintf(file, "%d", 1) == 1 && fflush(file) == 0 &&
	     fclose(file) == 0);
	WANT(unlink("stdio") == 0);
}

static void files_are_written_and_put_in_place(void **state)
{
	(void)state;
	in_child(write_files);
}

static int opened(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void open_sockets(void)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK };
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	enter();
	/* Without CAP_NET_RAW it is the kernel that says no. */
	if (daemon_privileges_check(DAEMON_NET_RAW, "a packet socket", NULL) == 0)
		WANT(opened(AF_PACKET, SOCK_RAW, 0) == 0);
	WANT((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) >= 0);
	WANT(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	WANT(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 65536 }, sizeof(int)) == 0);
	WANT(recv(fd, &at, sizeof(at), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	WANT(close(fd) == 0);
	WANT(opened(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) == 0);
	WANT((fd = socket(AF_UNIX, SOCK_RAW, 0)) >= 0);
	WANT(ioctl(fd, SIOCGIFFLAGS, &request) == 0 && ioctl(fd, SIOCGIFINDEX, &request) == 0);
	WANT(close(fd) == 0);
	WANT(if_nametoindex("lo") > 0);
	REFUSED(opened(AF_INET, SOCK_STREAM, 0), EPERM);
	REFUSED(opened(AF_INET, SOCK_DGRAM, 0), EPERM);
	REFUSED(opened(AF_INET, SOCK_RAW, IPPROTO_RAW), EPERM);
	REFUSED(opened(AF_INET6, SOCK_STREAM, 0), EPERM);
	REFUSED(opened(AF_VSOCK, SOCK_STREAM, 0), EPERM);
	REFUSED(opened(AF_UNIX, SOCK_STREAM, 0), EPERM);
	REFUSED(opened(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), EPERM);
	REFUSED(opened(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG), EPERM);
	REFUSED(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0, 0 }), EPERM);
	REFUSED(ioctl(STDIN_FILENO, TIOCSTI, "x"), EPERM);
	REFUSED(ioctl(STDIN_FILENO, SIOCSIFFLAGS, &request), EPERM);
}

static void sockets_of_devices_open_and_no_others(void **state)
{
	(void)state;
	in_child(open_sockets);
}

/* A client in a process of its own, which is in no sandbox. */
static pid_t connect_from_outside(void)
{
	pid_t client = fork();
	char answer[2] = "";
	int fd;

	if (client != 0)
		return client;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	WANT(connect(fd, (const struct sockaddr *)&listener_at, sizeof(listener_at)) == 0);
	WANT(send(fd, "?", 1, MSG_NOSIGNAL) == 1 && recv(fd, answer, 1, 0) == 1 && strcmp(answer, "!") == 0);
	_exit(0);
}

static void answer_one(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct iovec vector = { (char[]){ '!' }, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	char question;
	int waits, fd;

	enter();
	WANT((waits = epoll_create1(EPOLL_CLOEXEC)) >= 0 && epoll_ctl(waits, EPOLL_CTL_ADD, listener, &event) == 0);
	WANT(epoll_wait(waits, &event, 1, 20000) == 1);
	WANT((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0);
	WANT(setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &(int){ 1 }, sizeof(int)) == 0);
	WANT(recv(fd, &question, 1, 0) == 1 && sendmsg(fd, &message, MSG_NOSIGNAL) == 1);
	WANT(shutdown(fd, SHUT_RDWR) == 0 && close(fd) == 0);
}

static void a_listener_that_was_open_is_served(void **state)
{
	pid_t client = connect_from_outside();
	int status = -1;

	(void)state;
	assert_true(client > 0);
	in_child(answer_one);
	assert_true(waitpid(client, &status, 0) == client);
	assert_int_equal(status, 0);
}

static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
	(void)number;
	signals_seen++;
}

static void pass_time(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };
	struct itimerval alarm_soon = { .it_value.tv_usec = 1 };
	struct timespec a_moment = { .tv_nsec = 1 }, now;
	struct sigaction action = { .sa_handler = on_signal };
	struct pollfd waits = { .events = POLLIN };
	struct rlimit limit;
	uint64_t count;
	int event;

	enter();
	WANT(clock_gettime(CLOCK_REALTIME, &now) == 0 && syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now) == 0);
	WANT(time(NULL) > 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, &a_moment, NULL) == 0);
	WANT((waits.fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)) >= 0);
	WANT(timerfd_settime(waits.fd, TFD_TIMER_CANCEL_ON_SET | TFD_TIMER_ABSTIME, &soon, NULL) == 0);
	WANT(poll(&waits, 1, 20000) == 1 && ppoll(&waits, 1, NULL, NULL) == 1);
	WANT(read(waits.fd, &count, sizeof(count)) == sizeof(count));
	WANT((event = eventfd(0, EFD_CLOEXEC)) >= 0 && write(event, &count, sizeof(count)) == sizeof(count));
	WANT(select(0, NULL, NULL, NULL, &(struct timeval){ .tv_usec = 1 }) == 0);
	WANT(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0 && signals_seen == 1);
	WANT(kill(getpid(), SIGUSR1) == 0 && signals_seen == 2);
	WANT(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &alarm_soon, NULL) == 0);
	while (signals_seen < 3)
		WANT(poll(NULL, 0, 20000) <= 0);
	WANT(getrandom(&count, sizeof(count), 0) == sizeof(count));
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && getrusage(RUSAGE_SELF, &(struct rusage){ 0 }) == 0);
	WANT(sysconf(_SC_NPROCESSORS_ONLN) > 0 && sched_yield() == 0);
	REFUSED(kill(getppid(), 0), EPERM);
	REFUSED(syscall(SYS_clock_settime, CLOCK_REALTIME, &now), EPERM);
	REFUSED(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
}

static void time_passes_and_signals_come(void **state)
{
	(void)state;
	in_child(pass_time);
}

static void *allocate(void *ctx)
{
	char *much = malloc(1 << 22);

	*(bool *)ctx = much != NULL && prctl(PR_SET_NAME, "eniflow-test") == 0;
	free(much);
	return NULL;
}

static void use_memory(void)
{
	pthread_t thread;
	bool done = false;
	char *page;

	enter();
	WANT((page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED);
	page[0] = 1;
	WANT(mprotect(page, 4096, PROT_READ) == 0 && madvise(page, 8192, MADV_DONTNEED) == 0);
	WANT(mremap(page + 4096, 4096, 16384, MREMAP_MAYMOVE) != MAP_FAILED);
	WANT(pthread_create(&thread, NULL, allocate, &done) == 0);
	WANT(pthread_join(thread, NULL) == 0 && done);
	REFUSED((intptr_t)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EPERM);
	REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM);
}

static void memory_and_threads(void **state)
{
	(void)state;
	in_child(use_memory);
}

static char *const no_words[] = { NULL };

static void break_out(void)
{
	struct {
		uint64_t words[8];
	} clone_args = { { 0 } };

	enter();
	WANT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	REFUSED(execve("/bin/true", no_words, no_words), EPERM);
	REFUSED(execveat(AT_FDCWD, "/bin/true", no_words, no_words, 0), EPERM);
	REFUSED(syscall(SYS_clone3, &clone_args, sizeof(clone_args)), ENOSYS);
	REFUSED(mount("none", folder, "tmpfs", 0, NULL), EPERM);
	REFUSED(umount(folder), EPERM);
	REFUSED(unshare(CLONE_NEWUSER), EPERM);
	REFUSED(chroot("/"), EPERM);
	REFUSED(setuid(getuid()), EPERM);
	REFUSED(syscall(SYS_bpf, 0, NULL, 0), EPERM);
	REFUSED(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM);
	REFUSED(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), EPERM);
	REFUSED(syscall(SYS_init_module, NULL, 0, ""), EPERM);
	REFUSED(syscall(SYS_add_key, "user", "x", "x", 1, -1), EPERM);
	REFUSED(symlink("/", "root"), EPERM);
	REFUSED(mknod("device", S_IFCHR | 0600, 0), EPERM);
	REFUSED(memfd_create("x", 0), EPERM);
	REFUSED(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
	REFUSED(syscall(SYS_pidfd_open, getppid(), 0), ENOSYS);
	REFUSED(syscall(510), ENOSYS); /* what a later kernel may have */
#ifdef __x86_64__
	REFUSED(syscall(0x40000000 + 59), EPERM); /* x32's */
#endif
#ifndef SANITIZED
	REFUSED(fork(), EPERM);
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL), EPERM);
	REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	REFUSED(prctl(PR_SET_DUMPABLE, 1), EPERM);
#endif
}

static void there_is_no_way_out(void **state)
{
	(void)state;
	in_child(break_out);
}

static int manager = -1;

static void say_a_word(void)
{
	enter();
	daemon_service_ready();
}

static void the_service_manager_is_heard(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "manager" };
	char path[128], word[32] = "";

	(void)state;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(manager >= 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(path, sizeof(path), "%s/manager", folder);
	setenv("NOTIFY_SOCKET", path, 1);
	in_child(say_a_word);
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(recv(manager, word, sizeof(word) - 1, 0), ENIFLOW_HAVE_SYSTEMD ? 7 : -1);
	assert_string_equal(word, ENIFLOW_HAVE_SYSTEMD ? "READY=1" : "");
	close(manager);
	unlink("manager");
}

static void *try_later(void *ctx)
{
	int *go = ctx;
	char byte;

	if (read(go[0], &byte, 1) == 1 && opened(AF_INET, SOCK_DGRAM, 0) == -1 && errno == EPERM)
		go[0] = -1;
	return NULL;
}

static void elder_threads(void)
{
	pthread_t thread;
	int go[2];

	WANT(pipe(go) == 0 && pthread_create(&thread, NULL, try_later, go) == 0);
	enter();
	WANT(write(go[1], "", 1) == 1 && pthread_join(thread, NULL) == 0);
	WANT(go[0] == -1);
}

static void threads_that_run_already_are_in_it(void **state)
{
	(void)state;
	in_child(elder_threads);
}

/* A request that says nothing. */
static int ask_bpf(int command)
{
	static const union bpf_attr nothing;

	return (int)syscall(SYS_bpf, command, &nothing, sizeof(nothing));
}

static void with_programs(void)
{
	enter_with(DAEMON_SANDBOX_PROGRAMS);
	REFUSED(ask_bpf(BPF_MAP_CREATE), EINVAL);
	REFUSED(ask_bpf(BPF_PROG_LOAD), E2BIG);
	REFUSED(ask_bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH), EINVAL);
	/* Nothing of others, and nothing that stays: */
	REFUSED(ask_bpf(BPF_PROG_GET_NEXT_ID), EPERM);
	REFUSED(ask_bpf(BPF_MAP_GET_FD_BY_ID), EPERM);
	REFUSED(ask_bpf(BPF_OBJ_PIN), EPERM);
}

static void without_programs(void)
{
	enter_with(0);
	REFUSED(ask_bpf(BPF_MAP_CREATE), EPERM);
	REFUSED(ask_bpf(BPF_PROG_LOAD), EPERM);
}

static void programs_in_the_kernel_if_it_has_them(void **state)
{
	(void)state;
	in_child(without_programs);
	ask_bpf(BPF_MAP_CREATE);
	if (errno == EPERM || errno == ENOSYS) { /* as an answer to anybody here */
		print_message("skipped in part: bpf(2) is not for this process\n");
		return;
	}
	in_child(with_programs);
}

static void connect_to_others(void)
{
	int fd;

	enter_with(DAEMON_SANDBOX_INTERNET);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	WANT(fd >= 0);
	WANT(connect(fd, (const struct sockaddr *)&listener_at, sizeof(listener_at)) == 0 || errno == EINPROGRESS);
	WANT(close(fd) == 0);
	WANT(opened(AF_INET, SOCK_DGRAM, 0) >= 0);
	REFUSED(opened(AF_INET, SOCK_RAW, IPPROTO_RAW), EPERM);
	REFUSED(opened(AF_INET6, SOCK_RAW, IPPROTO_RAW), EPERM);
	REFUSED(syscall(SYS_execve, "/bin/true", NULL, NULL), EPERM);
}

static void sockets_of_the_internet_if_it_connects(void **state)
{
	(void)state;
	in_child(connect_to_others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_written_and_put_in_place),
		TEST(sockets_of_devices_open_and_no_others),
		TEST(a_listener_that_was_open_is_served),
		TEST(time_passes_and_signals_come),
		TEST(memory_and_threads),
		TEST(there_is_no_way_out),
		TEST(the_service_manager_is_heard),
		TEST(threads_that_run_already_are_in_it),
		TEST(programs_in_the_kernel_if_it_has_them),
		TEST(sockets_of_the_internet_if_it_connects),
	};

	if (!ENIFLOW_HAVE_SECCOMP) {
		struct error err = { "" };

		printf("skipped: %s\n", daemon_sandbox_enter(0, &err) == -ENOTSUP ? err.text : "");
		return *err.text ? SKIPPED : 1;
	}
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
