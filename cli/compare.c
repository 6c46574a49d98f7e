#include "cli/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/intake.h"
#include "cli/message.h"
#include "cli/metering.h"
#include "cli/operands.h"
#include "cli/progress.h"
#include "cli/question.h"
#include "cli/ruling.h"
#include "cli/seed.h"
#include "cli/stop.h"
#include "compare/compare.h"
#include "compare/gather.h"
#include "compare/html.h"
#include "compare/json.h"
#include "compare/text.h"
#include "output/destination.h"

/* What one run holds. Zeroed, nothing is open. */
struct run {
	const struct settings *settings;
	uint64_t seed; /* of all hashes */
	int wake_fd;
	struct operands operands[COMPARE_SIDES];
	struct log_files *logs;
	struct intake intake; /* of the captures */
	struct compare_ledger *ledgers[COMPARE_SIDES];
	struct compare_terms terms;
	struct settings by_seconds; /* the settings, but for the meter's windows; owns nothing */
	struct metering metering;
	struct policies policies; /* with no connection known, for explaining */
	struct compare_result *result;
};

/* Half a comparison says nothing. */
static int check_stop(struct error *err)
{
	return stop_asked() ? fail(err, EINTR, "stopped before all was read: nothing is compared") : 0;
}

/* ---- the log ---- */

/* Opens the operands of one side; the first one that belongs to the other side is told. */
static int look_at(struct run *run, enum compare_side side, struct error *err)
{
	const struct settings *settings = run->settings;
	bool is_log = side == COMPARE_LOG;
	const struct operands_options options = {
		.files = is_log ? settings->logs : settings->files,
		.count = is_log ? settings->log_count : settings->file_count,
		.log_format = is_log && settings->log_format_text ? &settings->log_format : NULL,
		.wake_fd = run->wake_fd,
		.ahead = intake_decoders(settings),
		.notices = &message_kept_warnings,
	};
	const struct source_file *misplaced;
	int ret = operands_open(&run->operands[side], &options, err);

	if (ret < 0)
		return ret;
	misplaced = operands_first(&run->operands[side], is_log ? OPERAND_CAPTURE : OPERAND_LOG);
	if (misplaced && is_log)
		return fail(err, EINVAL, "%s: it is a capture; captures stand behind --, flow logs before it",
			    misplaced->path);
	if (misplaced)
		return fail(err, EINVAL, "%s: it is a flow log; flow logs stand before --, captures behind it",
			    misplaced->path);
	return 0;
}

static int open_logs(struct run *run, struct error *err)
{
	const struct settings *settings = run->settings;
	const struct operands *operands = &run->operands[COMPARE_LOG];
	struct log_files_options options = {
		.files = operands->files,
		.count = operands->count,
		.format = settings->log_format_text ? &settings->log_format : NULL,
		.wake_fd = run->wake_fd,
		.ahead = intake_decoders(settings),
		.notices = &message_kept_warnings,
	};

	return log_files_open(&run->logs, &options, err);
}

static int pull_logs(struct run *run, struct compare_log_gatherer *gatherer, struct error *err)
{
	struct log_record records[SOURCE_BATCH];
	struct log_files_state state;
	unsigned turns = 0;
	int count, ret = 0;

	do {
		count = log_files_read(run->logs, records, SOURCE_BATCH, true, err);
		if (count > 0)
			ret = compare_log_add(gatherer, records, (size_t)count, err);
		if (turns++ % 64 == 0) {
			log_files_state(run->logs, &state);
			progress_show(state.consumed, state.size);
		}
		if (ret >= 0)
			ret = check_stop(err);
	} while (ret >= 0 && (count > 0 || count == -EINTR));
	return ret < 0 ? ret : count;
}

static int gather_logs(struct run *run, struct error *err)
{
	struct compare_log_gatherer *gatherer = NULL;
	int ret = compare_log_new(&gatherer, run->ledgers[COMPARE_LOG], err);

	if (ret >= 0)
		ret = pull_logs(run, gatherer, err);
	if (ret >= 0)
		ret = compare_log_finish(gatherer, &run->terms, err);
	compare_log_free(gatherer);
	return ret;
}

/* ---- the captures ---- */

static int open_captures(struct run *run, struct error *err)
{
	const struct settings *settings = run->settings;
	const struct operands *operands = &run->operands[COMPARE_CAPTURE];
	struct source_files_options options = {
		.files = operands->files,
		.count = operands->count,
		.filter = settings->filter,
		.tunnels = settings->tunnels,
		.wake_fd = run->wake_fd,
		.notices = &message_kept_warnings,
		.seed = run->seed,
		.ahead = intake_decoders(settings),
	};

	return source_open_files(&run->intake.source, &options, err);
}

static int pull_captures(struct run *run, struct compare_capture_gatherer *gatherer, struct error *err)
{
	struct flow_observation items[SOURCE_BATCH];
	struct source_batch batch = { items, SOURCE_BATCH, 0 };
	int more, ret;

	do {
		more = intake_pull(&run->intake, &batch, err);
		if (more < 0)
			return more;
		ret = compare_capture_see(gatherer, batch.items, batch.length, err);
		if (ret >= 0)
			ret = flow_meter_add(run->metering.meter, batch.items, batch.length, err);
		if (ret >= 0)
			ret = check_stop(err);
		if (ret < 0)
			return ret;
	} while (more > 0);
	return flow_meter_finish(run->metering.meter, err);
}

/* The same meter as for records, but that each second is a window, and all that tells flows apart is shown. */
static int open_metering(struct run *run, struct compare_capture_gatherer *gatherer, struct error *err)
{
	struct flow_sink sink = compare_capture_sink(gatherer);

	run->by_seconds = *run->settings;
	run->by_seconds.interval = 1;
	run->by_seconds.window_times = false;
	run->by_seconds.anonymize = NULL; /* a log and a capture have the same addresses */
	run->by_seconds.format.shown = FLOW_SHOWS_PACKET_SOURCE | FLOW_SHOWS_PACKET_DESTINATION | FLOW_SHOWS_DIRECTION;
	return metering_open(&run->metering, &run->by_seconds, NULL, run->seed, &sink, err);
}

static int gather_captures(struct run *run, struct error *err)
{
	struct compare_capture_gatherer *gatherer = NULL;
	int ret = compare_capture_new(&gatherer, run->ledgers[COMPARE_CAPTURE], &run->terms, run->seed, err);

	if (ret >= 0)
		ret = open_metering(run, gatherer, err);
	if (ret >= 0)
		ret = intake_start(&run->intake, run->settings, err);
	if (ret >= 0)
		ret = pull_captures(run, gatherer, err);
	intake_stop(&run->intake);
	if (ret >= 0)
		ret = compare_capture_finish(gatherer, err);
	compare_capture_free(gatherer);
	return ret;
}

/* ---- the rules ---- */

/* Whose flow it is, among the settings' interfaces; their count: nobody's. */
static size_t find_interface(const struct settings *settings, const struct compare_interface *interface)
{
	char id[FLOW_INTERFACE_ID_SIZE];
	size_t i = 0;

	while (i < settings->interface_count &&
	       (!interface->id || strcmp(question_interface_id(&settings->interfaces[i], id), interface->id) != 0))
		i++;
	return i;
}

/* Where neither side says the direction, the interface's own addresses do. */
static enum flow_direction direction_of(const struct flow_interface *interface, const struct compare_key *key)
{
	if (key->direction != FLOW_UNKNOWN)
		return (enum flow_direction)key->direction;
	return flow_interface_owns(interface, (enum flow_family)key->family, &key->source) ? FLOW_EGRESS : FLOW_INGRESS;
}

static void explain(void *ctx, const struct compare_finding *finding, const struct compare_interface *interface,
		    char *out, size_t size)
{
	const struct run *run = ctx;
	const struct settings *settings = run->settings;
	const struct compare_key *key = &finding->key;
	const struct compare_sums(*sums)[FLOW_REJECT + 1] = finding->sums;
	size_t number = find_interface(settings, interface);
	struct flow_observation packet = {
		.kind = FLOW_PACKET,
		.family = key->family,
		.protocol = key->protocol,
		.tcp_flags = finding->tcp_flags[COMPARE_CAPTURE],
		.source = key->source,
		.destination = key->destination,
		.source_port = key->source_port,
		.destination_port = key->destination_port,
	};
	/* What the log has less of is what there is to explain. */
	bool is_rejected = sums[COMPARE_CAPTURE][FLOW_REJECT].packets > sums[COMPARE_LOG][FLOW_REJECT].packets;
	char phrase[RULING_SIZE] = "";

	if (number < settings->interface_count)
		ruling(phrase, settings, &run->policies, number, direction_of(&settings->interfaces[number], key),
		       &packet, is_rejected ? FLOW_REJECT : FLOW_ACCEPT);
	snprintf(out, size, "%s", phrase);
}

/* ---- the comparison ---- */

/* An agreement that rests on few flows is to be told from one that rests on all. */
static int remark_edges(struct run *run, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < run->result->interface_count; i++) {
		const struct compare_interface *interface = &run->result->interfaces[i];
		size_t judged = interface->flows[COMPARE_AGREES] + interface->flows[COMPARE_DIFFERS] +
				interface->flows[COMPARE_LOG_ONLY] + interface->flows[COMPARE_CAPTURE_ONLY];

		if (interface->is_judged && interface->flows[COMPARE_EDGE] > judged)
			ret = compare_result_remark(
				run->result, err,
				"most flows of an interface were not judged (%zu of %zu): they lie at "
				"the ends of the time in both; is the clock offset right?",
				interface->flows[COMPARE_EDGE], interface->flows[COMPARE_EDGE] + judged);
	}
	return ret;
}

/* What was read and is not in the sums. */
static int add_remarks(struct run *run, struct error *err)
{
	const struct flow_account *account = flow_meter_account(run->metering.meter);
	struct log_files_state log;
	int ret = 0;

	log_files_state(run->logs, &log);
	if (log.unreadable > 0)
		ret = compare_result_remark(run->result, err,
					    "%" PRIu64
					    " line%s of the log could not be read, and nothing in them was compared",
					    log.unreadable, log.unreadable == 1 ? "" : "s");
	if (ret >= 0 && log.is_damaged && log.unreadable == 0)
		ret = compare_result_remark(run->result, err,
					    "the log is damaged or cut off: what could be read of it was compared");
	if (ret >= 0 && source_is_damaged(run->intake.source))
		ret = compare_result_remark(run->result, err,
					    "the capture is damaged, cut off or of a kind that cannot be decoded in "
					    "part: what could be read of it was compared");
	if (ret >= 0 && account->excluded > 0)
		ret = compare_result_remark(
			run->result, err,
			"%" PRIu64
			" packet%s of the capture that AWS never logs (DNS, metadata, time, DHCP and the like) "
			"were left out; --exclude none compares them, too",
			account->excluded, account->excluded == 1 ? "" : "s");
	if (ret >= 0 && account->unmatched > 0)
		ret = compare_result_remark(run->result, err,
					    "%" PRIu64
					    " packet%s of the capture belong to no interface that is configured",
					    account->unmatched, account->unmatched == 1 ? "" : "s");
	return ret;
}

static int hold_together(struct run *run, struct error *err)
{
	const struct settings_comparison *comparison = &run->settings->comparison;
	const struct compare_rules rules = { explain, run };
	const struct compare_options options = {
		.has_offset = comparison->has_offset,
		.offset = comparison->offset,
		.tolerance = { comparison->packets_tolerance, comparison->bytes_tolerance },
		.has_verdicts = run->metering.policies.policy != NULL,
		.is_excluding = run->settings->exclude_aws,
		.rules = &rules,
	};
	int ret = policies_open(&run->policies, run->settings, err);

	if (ret >= 0)
		ret = compare_ledgers(&run->result, run->ledgers[COMPARE_LOG], run->ledgers[COMPARE_CAPTURE], &options,
				      err);
	if (ret >= 0)
		ret = remark_edges(run, err);
	return ret < 0 ? ret : add_remarks(run, err);
}

/* ---- reports ---- */

static const char *name_of(char out[static 32], const struct source_file *files, size_t count, const char *what)
{
	if (count == 1)
		return strcmp(files[0].path, "-") == 0 ? "standard input" : files[0].path;
	snprintf(out, 32, "%zu %s", count, what);
	return out;
}

static unsigned terminal_width(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool wants_colour(void)
{
	const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && terminal && strcmp(terminal, "dumb") != 0;
}

/* The page is put together in memory: it is bounded, and the file is then whole or not there. */
static int write_page(const char *path, const char *page, size_t length, struct error *err)
{
	struct output_destination *destination = NULL;
	int ret = output_destination_open(&destination, path, err);
	char *room = ret < 0 ? NULL : output_destination_reserve(destination, length, &ret, err);

	if (!room) {
		output_destination_abandon(destination);
		return ret;
	}
	memcpy(room, page, length);
	output_destination_commit(destination, length);
	return output_destination_finish(destination, err);
}

static int report_page(const struct run *run, const struct compare_report_options *options, struct error *err)
{
	char *page = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&page, &length);
	int ret = out ? compare_html(out, run->result, options, err) : fail_memory(err, "report");

	if (out && fclose(out) != 0 && ret >= 0)
		ret = fail_memory(err, "report");
	if (ret >= 0)
		ret = write_page(run->settings->comparison.html, page, length, err);
	free(page);
	return ret;
}

static int report(const struct run *run, struct error *err)
{
	const struct settings *settings = run->settings;
	char logs[32], captures[32];
	const struct compare_report_options options = {
		.width = terminal_width(),
		.is_coloured = wants_colour(),
		.findings = settings->comparison.limit,
		.log = name_of(logs, settings->logs, settings->log_count, "logs"),
		.capture = name_of(captures, settings->files, settings->file_count, "captures"),
		.version = ENIFLOW_VERSION,
	};
	int ret = settings->comparison.html ? report_page(run, &options, err) : 0;

	if (ret < 0 || settings->quiet)
		return ret;
	return settings->comparison.json ? compare_json(stdout, run->result, &options, err)
					 : compare_text(stdout, run->result, &options, err);
}

static int status_of(const struct compare_result *result)
{
	if (result->agrees)
		return EXIT_AGREE;
	for (size_t i = 0; i < result->interface_count; i++)
		if (result->interfaces[i].is_judged)
			return EXIT_DIFFER;
	return EXIT_NOTHING;
}

/* From opening to the report. Returns the exit status, or -errno with its sentence. */
static int run_compare(struct run *run, struct error *err)
{
	int ret = run->wake_fd = stop_catch(err);

	if (ret >= 0)
		ret = seed_random(&run->seed, err);
	for (int side = 0; ret >= 0 && side < COMPARE_SIDES; side++)
		ret = compare_ledger_new(&run->ledgers[side], run->seed, err);
	for (int side = 0; ret >= 0 && side < COMPARE_SIDES; side++)
		ret = look_at(run, (enum compare_side)side, err);
	if (ret >= 0)
		ret = open_logs(run, err);
	if (ret >= 0)
		ret = open_captures(run, err);
	if (ret < 0)
		return ret;
	if (!run->settings->quiet)
		progress_start(false);
	ret = gather_logs(run, err);
	if (ret >= 0)
		ret = gather_captures(run, err);
	progress_wipe();
	if (ret >= 0)
		ret = hold_together(run, err);
	if (ret >= 0)
		ret = report(run, err);
	return ret < 0 ? ret : status_of(run->result);
}

static void run_free(struct run *run)
{
	intake_close(&run->intake);
	compare_result_free(run->result);
	policies_close(&run->policies);
	metering_close(&run->metering);
	log_files_close(run->logs);
	for (int side = 0; side < COMPARE_SIDES; side++) {
		compare_ledger_free(run->ledgers[side]);
		operands_close(&run->operands[side]);
	}
}

int compare_command(const struct settings *settings, struct error *err)
{
	struct run run = { .settings = settings };
	int ret = run_compare(&run, err);

	message_tell_kept();
	if (ret >= 0)
		metering_remarks(&run.metering, settings);
	run_free(&run);
	return ret;
}
