#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "daemon/service.h"

/* What a line begins with: for people, and for the journal, which knows whose it is and takes the rest from a mark. */
struct beginning {
	const char *text, *journal;
};

static const struct beginning error = { "eniflow: ", DAEMON_SERVICE_ERROR },
			      warning = { "eniflow: warning: ", DAEMON_SERVICE_WARNING },
			      remark = { "eniflow: ", DAEMON_SERVICE_INFO };

/* One line, whatever names of files are in it: a terminal must not take them for commands. */
static void say(const struct beginning *beginning, const char *sentence)
{
	progress_wipe();
	fputs(daemon_service_journal() ? beginning->journal : beginning->text, stderr);
	for (const char *at = sentence; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			fprintf(stderr, "\\x%02x", (unsigned)(unsigned char)*at);
		else
			fputc(*at, stderr);
	}
	fputc('\n', stderr);
}

void message_error(const struct error *err)
{
	say(&error, err->text);
}

static void warn(void *ctx, const char *sentence)
{
	(void)ctx;
	say(&warning, sentence);
}

const struct notices message_warnings = { warn, NULL };

static void remind(void *ctx, const char *sentence)
{
	(void)ctx;
	say(&remark, sentence);
}

const struct notices message_remarks = { remind, NULL };

static struct {
	char **sentences;
	size_t count;
} kept;

static void keep(void *ctx, const char *sentence)
{
	char **sentences = realloc(kept.sentences, (kept.count + 1) * sizeof(*sentences));
	char *copy = strdup(sentence);

	if (sentences)
		kept.sentences = sentences;
	if (!sentences || !copy) { /* no memory to keep it in: then at once */
		free(copy);
		warn(ctx, sentence);
		return;
	}
	kept.sentences[kept.count++] = copy;
}

const struct notices message_kept_warnings = { keep, NULL };

void message_tell_kept(void)
{
	for (size_t i = 0; i < kept.count; i++) {
		warn(NULL, kept.sentences[i]);
		free(kept.sentences[i]);
	}
	free(kept.sentences);
	kept.sentences = NULL;
	kept.count = 0;
}

int message_flush_stdout(struct error *err)
{
	if (fflush(stdout) < 0)
		return fail_errno(err, "standard output: cannot be written");
	/* Why it failed before is known no more. */
	return ferror(stdout) ? fail(err, EIO, "standard output: cannot be written") : 0;
}
