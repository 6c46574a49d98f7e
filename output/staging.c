#include "output/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/layout.h"
#include "output/owner.h"
#include "output/survivor.h"

enum { RUN_DIGITS = 16, NAMES_MOST = 100000, ATTEMPTS = 10 };

static const char folder_name[] = ".eniflow-unfinished", recovery_lock[] = "recovery.lock",
		  unfinished[] = ".unfinished", mending[] = ".mending";

struct output_staging {
	char *directory;
	int directory_fd, folder_fd, lock_fd;
	char run[RUN_DIGITS + 1];
	unsigned layout; /* enum output_layout, or-ed */
	bool is_unique;  /* names of finished files are */
	unsigned number; /* of the next file */
};

/* ---- the run ---- */

/* Opens the folder, and makes it if it is missing. */
static int open_folder(int parent_fd, const char *name)
{
	bool is_new = mkdirat(parent_fd, name, 0777) == 0;
	int fd;

	if (!is_new && errno != EEXIST)
		return -1;
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && is_new) {
		output_owner_inherit(fd, parent_fd);
		fsync(parent_fd); /* without it the folder could be gone after a power failure, with all in it */
	}
	return fd;
}

static int open_directory(struct output_staging *staging, struct error *err)
{
	const char *directory = staging->directory;

	if (mkdir(directory, 0777) < 0 && errno == ENOENT)
		return fail(err, ENOENT, "%s: the directory for it does not exist", directory);
	staging->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (staging->directory_fd < 0)
		return fail_errno(err, "%s: cannot be opened", directory);
	staging->folder_fd = open_folder(staging->directory_fd, folder_name);
	if (staging->folder_fd < 0)
		return fail_errno(err, "%s%s: cannot be made", directory, folder_name);
	return 0;
}

/* Opens and locks. Returns a descriptor; -EWOULDBLOCK: another process has it; -ENOENT: it lost its name before. */
static int lock_file(const struct output_staging *staging, const char *name, int flags)
{
	int fd = openat(staging->folder_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
	struct stat ours, named;
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		ret = -errno;
	else if (fstat(fd, &ours) < 0 || fstatat(staging->folder_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
		 ours.st_ino != named.st_ino)
		ret = -ENOENT;
	if (ret < 0)
		close(fd);
	return ret < 0 ? ret : fd;
}

static void lock_name(char out[static OUTPUT_STAGING_NAME], const char *run)
{
	snprintf(out, OUTPUT_STAGING_NAME, "%.*s.lock", RUN_DIGITS, run);
}

static int begin_run(struct output_staging *staging, struct error *err)
{
	char name[OUTPUT_STAGING_NAME];
	int ret = -ENOENT;

	for (int attempt = 0; (ret == -ENOENT || ret == -EWOULDBLOCK) && attempt < ATTEMPTS; attempt++) {
		uint64_t random;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return fail_errno(err, "random numbers");
		snprintf(staging->run, sizeof(staging->run), "%016" PRIx64, random);
		lock_name(name, staging->run);
		ret = lock_file(staging, name, O_CREAT | O_EXCL);
	}
	if (ret < 0)
		return fail(err, -ret, "%s%s/%s: cannot be locked: %s", staging->directory, folder_name, name,
			    strerror(-ret));
	staging->lock_fd = ret;
	output_owner_inherit(ret, staging->folder_fd);
	return 0;
}

int output_staging_open(struct output_staging **out, const char *directory, unsigned layout, bool is_unique,
			struct error *err)
{
	struct output_staging *staging = calloc(1, sizeof(*staging));
	int ret;

	if (!staging)
		return fail_memory(err, directory);
	staging->directory_fd = staging->folder_fd = staging->lock_fd = -1;
	staging->layout = layout;
	staging->is_unique = is_unique;
	staging->directory = strdup(directory);
	ret = staging->directory ? open_directory(staging, err) : fail_memory(err, directory);
	if (ret == 0)
		ret = begin_run(staging, err);
	if (ret < 0)
		output_staging_close(staging);
	else
		*out = staging;
	return ret;
}

void output_staging_close(struct output_staging *staging)
{
	char name[OUTPUT_STAGING_NAME];

	if (!staging)
		return;
	if (staging->lock_fd >= 0) {
		lock_name(name, staging->run);
		unlinkat(staging->folder_fd, name, 0);
		close(staging->lock_fd);
	}
	if (staging->folder_fd >= 0) {
		close(staging->folder_fd);
		unlinkat(staging->directory_fd, folder_name, AT_REMOVEDIR); /* if nothing is left in it */
	}
	if (staging->directory_fd >= 0)
		close(staging->directory_fd);
	free(staging->directory);
	free(staging);
}

/* ---- files ---- */

static int create(struct output_staging *staging, const char *stem, const char *suffix, const char *end,
		  char name[static OUTPUT_STAGING_NAME], struct error *err)
{
	int fd, length = snprintf(name, OUTPUT_STAGING_NAME, "%s.%s.%s-%u%s", stem, suffix, staging->run,
				  staging->number++, end);

	if (length >= OUTPUT_STAGING_NAME)
		return fail(err, ENAMETOOLONG, "%s%s: too long a name", staging->directory, stem);
	fd = openat(staging->folder_fd, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return fail_errno(err, "%s%s/%s: cannot be created", staging->directory, folder_name, name);
	output_owner_inherit(fd, staging->folder_fd);
	return fd;
}

int output_staging_create(struct output_staging *staging, const char *stem, const char *suffix,
			  char name[static OUTPUT_STAGING_NAME], struct error *err)
{
	return create(staging, stem, suffix, unfinished, name, err);
}

int output_staging_reopen(struct output_staging *staging, const char *name, struct error *err)
{
	int fd = openat(staging->folder_fd, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? fail_errno(err, "%s%s/%s: cannot be opened", staging->directory, folder_name, name) : fd;
}

void output_staging_remove(struct output_staging *staging, const char *name)
{
	unlinkat(staging->folder_fd, name, 0);
}

/* Opens the folder for a name, through those above it. */
static int open_place(const struct output_staging *staging, const char *name, struct error *err)
{
	char path[OUTPUT_LAYOUT_FOLDER], *rest = path, *part;
	int fd = dup(staging->directory_fd);

	if (!output_layout_folder(path, name, staging->layout)) {
		close(fd);
		return fail(err, EINVAL, "%s%s/%s: is no name of a log", staging->directory, folder_name, name);
	}
	while (fd >= 0 && (part = strsep(&rest, "/"))) {
		int next = open_folder(fd, part), code = errno;

		close(fd);
		fd = next;
		errno = code;
	}
	return fd < 0 ? fail_errno(err, "%sAWSLogs: no folder for %s", staging->directory, name) : fd;
}

/* Moves it, unless there is one of that name. */
static int move(const struct output_staging *staging, const char *from, int place_fd, const char *to)
{
	if (renameat2(staging->folder_fd, from, place_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system that cannot do both at once; nobody but eniflow chooses such names. */
	if (faccessat(place_fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(staging->folder_fd, from, place_fd, to);
}

/* The parts of a name in the making: "STEM" "." "SUFFIX" "." "RUN-NUMBER.unfinished". */
struct parts {
	char stem[OUTPUT_LAYOUT_STEM], suffix[16], run[RUN_DIGITS + 1];
	char maker[RUN_DIGITS + 16]; /* "RUN-NUMBER" */
};

static bool take_apart(struct parts *out, const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);
	const char *dot = strchr(name, '.'), *run;

	if (!dot || length < end_length || strcmp(name + length - end_length, end) != 0)
		return false;
	run = memrchr(name, '.', length - end_length);
	if (!run || run <= dot || strspn(run + 1, "0123456789abcdef") != RUN_DIGITS || run[1 + RUN_DIGITS] != '-' ||
	    (size_t)(dot - name) >= sizeof(out->stem) || (size_t)(run - dot - 1) >= sizeof(out->suffix))
		return false;
	snprintf(out->stem, sizeof(out->stem), "%.*s", (int)(dot - name), name);
	snprintf(out->suffix, sizeof(out->suffix), "%.*s", (int)(run - dot - 1), dot + 1);
	snprintf(out->run, sizeof(out->run), "%.*s", RUN_DIGITS, run + 1);
	snprintf(out->maker, sizeof(out->maker), "%.*s", (int)(name + length - end_length - run - 1), run + 1);
	return true;
}

int output_staging_publish(struct output_staging *staging, const char *name, struct error *err)
{
	struct parts parts;
	char finished[OUTPUT_LAYOUT_NAME];
	int place_fd, ret = -1;

	if (!take_apart(&parts, name, unfinished))
		return fail(err, EINVAL, "%s%s/%s: is no name of a log", staging->directory, folder_name, name);
	place_fd = open_place(staging, name, err);
	if (place_fd < 0)
		return place_fd;
	errno = EEXIST;
	for (unsigned number = 0; ret < 0 && errno == EEXIST && number < NAMES_MOST; number++) {
		output_layout_name(finished, parts.stem, staging->is_unique ? parts.maker : "", number, parts.suffix);
		ret = move(staging, name, place_fd, finished);
	}
	if (ret < 0)
		ret = fail_errno(err, "%s%s: the finished file cannot be given this name", staging->directory,
				 finished);
	else
		fsync(place_fd);
	close(place_fd);
	return ret;
}

/* ---- what killed runs left ---- */

struct recovery {
	struct output_staging *staging;
	const struct notices *notices;
	uint64_t files, lines;
	int64_t lost;
};

static bool is_dead(const struct output_staging *staging, const char *run)
{
	char name[OUTPUT_STAGING_NAME];
	int fd;

	if (strcmp(run, staging->run) == 0)
		return false;
	lock_name(name, run);
	fd = lock_file(staging, name, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == -ENOENT;
}

/* Puts a whole copy in the place of the file. */
static int mend(struct output_staging *staging, const struct output_survivor *survivor, int fd, const char *name,
		const struct parts *parts, struct error *err)
{
	char copy[OUTPUT_STAGING_NAME];
	int ret, to = create(staging, parts->stem, parts->suffix, mending, copy, err);

	if (to < 0)
		return to;
	ret = output_survivor_copy_gzip(survivor, fd, to, name, err);
	close(to);
	if (ret == 0 && renameat(staging->folder_fd, copy, staging->folder_fd, name) < 0)
		ret = fail_errno(err, "%s: its whole copy cannot take its place", name);
	if (ret < 0)
		output_staging_remove(staging, copy);
	return ret;
}

/* A run can be killed before its file has got its place, or after the file was complete. */
static int recover_parquet(struct recovery *recovery, int fd, const char *name, struct error *err)
{
	struct output_staging *staging = recovery->staging;
	int ret = output_survivor_has_parquet_end(fd, name, err);

	if (ret < 0)
		return ret;
	if (ret == 0) {
		notify(recovery->notices,
		       "%s%s/%s: a Parquet file without its end, of which nothing can be read, as a killed run left "
		       "it; it is removed",
		       staging->directory, folder_name, name);
		output_staging_remove(staging, name);
		return 0;
	}
	ret = fsync(fd) < 0 ? fail_errno(err, "%s: cannot be written to disk", name)
			    : output_staging_publish(staging, name, err);
	if (ret == 0)
		notify(recovery->notices, "%s%s/%s: a killed run left this Parquet file complete; it has its place now",
		       staging->directory, folder_name, name);
	return ret;
}

static int recover_file(struct recovery *recovery, int fd, const char *name, const struct parts *parts,
			struct error *err)
{
	struct output_staging *staging = recovery->staging;
	struct output_survivor survivor;
	struct stat status;
	int ret;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return fail(err, EINVAL, "%s%s/%s: is no file", staging->directory, folder_name, name);
	if (strcmp(parts->suffix, output_layout_suffix(OUTPUT_PARQUET)) == 0)
		return recover_parquet(recovery, fd, name, err);
	ret = output_survivor_look_gzip(&survivor, fd, name, err);
	if (ret < 0)
		return ret;
	recovery->lost += survivor.lost;
	if (survivor.lines == 0) {
		output_staging_remove(staging, name);
		return 0;
	}
	if (survivor.state != OUTPUT_SURVIVOR_WHOLE)
		ret = mend(staging, &survivor, fd, name, parts, err);
	else if (fsync(fd) < 0)
		ret = fail_errno(err, "%s: cannot be written to disk", name);
	if (ret == 0)
		ret = output_staging_publish(staging, name, err);
	if (ret == 0) {
		recovery->files++;
		recovery->lines += survivor.lines;
	}
	return ret;
}

/* Locks are left behind too. */
static void remove_lock(const struct output_staging *staging, const char *name)
{
	size_t length = strlen(name);
	int fd;

	if (length != RUN_DIGITS + strlen(".lock") || strcmp(name + RUN_DIGITS, ".lock") != 0 ||
	    strncmp(name, staging->run, RUN_DIGITS) == 0)
		return;
	fd = lock_file(staging, name, 0);
	if (fd < 0)
		return;
	unlinkat(staging->folder_fd, name, 0);
	close(fd);
}

static void recover_entry(struct recovery *recovery, const char *name)
{
	struct output_staging *staging = recovery->staging;
	struct error why = { "" };
	struct parts parts;
	int fd, ret;

	if (take_apart(&parts, name, mending) && is_dead(staging, parts.run))
		output_staging_remove(staging, name); /* what it was made from is still there */
	if (!take_apart(&parts, name, unfinished) || !is_dead(staging, parts.run))
		return;
	fd = output_staging_reopen(staging, name, &why);
	ret = fd < 0 ? fd : recover_file(recovery, fd, name, &parts, &why);
	if (ret < 0)
		notify(recovery->notices, "%s; what a killed run left there stays for the next start", why.text);
	if (fd >= 0)
		close(fd);
}

static void tell(const struct recovery *recovery)
{
	const char *directory = recovery->staging->directory;

	if (recovery->files > 0)
		notify(recovery->notices,
		       "%s: runs that were killed left %" PRIu64
		       " files unfinished; they are finished now, with %" PRIu64 " lines",
		       directory, recovery->files, recovery->lines);
	if (recovery->lost > 0)
		notify(recovery->notices, "%s: %" PRId64 " bytes that a killed run left cannot be read", directory,
		       recovery->lost);
}

int output_staging_recover(struct output_staging *staging, const struct notices *notices, struct error *err)
{
	struct recovery recovery = { .staging = staging, .notices = notices };
	int lock_fd = lock_file(staging, recovery_lock, O_CREAT), count;
	struct dirent **entries = NULL;

	if (lock_fd < 0)
		return 0; /* another run is at it */
	count = scandirat(staging->folder_fd, ".", &entries, NULL, alphasort);
	if (count < 0 && errno == ENOMEM) {
		close(lock_fd);
		return fail_memory(err, staging->directory);
	}
	for (int i = 0; i < count; i++)
		recover_entry(&recovery, entries[i]->d_name);
	for (int i = 0; i < count; i++) {
		remove_lock(staging, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	unlinkat(staging->folder_fd, recovery_lock, 0);
	close(lock_fd);
	tell(&recovery);
	return 0;
}
