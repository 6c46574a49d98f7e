#include "cli/summary.h"

#include <inttypes.h>

#include "cli/amount.h"

/* One of the parts of a list, where it is not 0. */
static void put_part(FILE *out, uint64_t number, const char *what, const char **separator)
{
	char text[AMOUNT_SIZE];

	if (number == 0)
		return;
	fprintf(out, "%s%s %s", *separator, amount_count(number, text), what);
	*separator = ", ";
}

static void put_left_out(FILE *out, const struct flow_account *account)
{
	static const char *const exclusions[FLOW_EXCLUSION_END] = {
		[FLOW_EXCLUDED_METADATA] = "metadata", [FLOW_EXCLUDED_TIME] = "time sync",
		[FLOW_EXCLUDED_DNS] = "Amazon DNS",    [FLOW_EXCLUDED_ACTIVATION] = "Windows activation",
		[FLOW_EXCLUDED_DHCP] = "DHCP",         [FLOW_EXCLUDED_ROUTER] = "to the VPC router",
	};
	const char *separator = "; ";

	put_part(out, account->non_ip, "non-IP", &separator);
	for (size_t i = 1; i < FLOW_EXCLUSION_END; i++)
		put_part(out, account->excluded_as[i], exclusions[i], &separator);
	put_part(out, account->filtered, "filtered", &separator);
	put_part(out, account->truncated, "truncated", &separator);
	put_part(out, account->malformed, "malformed", &separator);
	put_part(out, account->unmatched, "of no configured interface", &separator);
	put_part(out, account->unsupported, "of an unsupported link type", &separator);
	put_part(out, account->skipped, "skipped (flow table full)", &separator);
	if (account->frames > account->counted)
		fputs(" left out", out);
}

static void put_remarks(FILE *out, const struct flow_account *account)
{
	const char *separator = "; ";

	put_part(out, account->records[FLOW_NODATA], "NODATA", &separator);
	put_part(out, account->records[FLOW_SKIPDATA], "SKIPDATA", &separator);
	put_part(out, account->lost, "lost by the capture", &separator);
	put_part(out, account->late, "late", &separator);
	put_part(out, account->flushes, "early emissions (flow table full)", &separator);
}

void summary_text(FILE *out, const struct flow_account *account)
{
	char span[AMOUNT_SIZE], counted[AMOUNT_SIZE];

	amount_put(out, account->frames, "frame");
	if (account->frames > 0) {
		fprintf(out, " over %s in ", amount_span((double)(account->last_ns - account->first_ns) / 1e9, span));
		amount_put(out, account->windows, "window");
		if (account->counted > 0) {
			fprintf(out, ": %s counted in ", amount_count(account->counted, counted));
			amount_put(out, account->records[FLOW_OK], "record");
		} else {
			fputs(": nothing counted", out);
		}
		put_left_out(out, account);
		put_remarks(out, account);
	}
	if (account->unmatched > 0 && account->counted == 0)
		fputs(" (no frame has the mac or address of a configured interface: eniflow inspect shows what is "
		      "there)",
		      out);
	fputc('\n', out);
}

static void put_lines_left_out(FILE *out, const struct flow_account *account, const struct log_files_state *files)
{
	const char *separator = "; ";

	put_part(out, files->records[FLOW_NODATA], "NODATA", &separator);
	put_part(out, files->records[FLOW_SKIPDATA], "SKIPDATA", &separator);
	put_part(out, account->excluded, "packets that AWS never logs left out", &separator);
	put_part(out, account->skipped, "packets skipped (flow table full)", &separator);
	put_part(out, account->flushes, "early emissions (flow table full)", &separator);
	put_part(out, files->unreadable, "unreadable", &separator);
}

void summary_logs_text(FILE *out, const struct flow_account *account, const struct log_files_state *files)
{
	char span[AMOUNT_SIZE], read[AMOUNT_SIZE];

	amount_put(out, files->lines, "line");
	if (account->windows > 0) {
		fprintf(out, " over %s in ", amount_span((double)(account->last_ns - account->first_ns) / 1e9, span));
		amount_put(out, account->windows, "window");
	}
	if (files->records[FLOW_OK] > 0) {
		fprintf(out, ": %s %s ", amount_count(files->records[FLOW_OK], read),
			files->records[FLOW_OK] == 1 ? "record became" : "records became");
		fputs(amount_count(account->records[FLOW_OK], read), out);
	}
	put_lines_left_out(out, account, files);
	fputc('\n', out);
}

static void put_account(FILE *out, const struct flow_account *account)
{
	fprintf(out,
		"{\"frames\": %" PRIu64 ", \"counted\": %" PRIu64 ", \"filtered\": %" PRIu64 ", \"excluded\": %" PRIu64
		", \"non-ip\": %" PRIu64 ", \"truncated\": %" PRIu64 ", \"malformed\": %" PRIu64
		", \"unmatched\": %" PRIu64 ", \"unsupported\": %" PRIu64 ", \"skipped\": %" PRIu64,
		account->frames, account->counted, account->filtered, account->excluded, account->non_ip,
		account->truncated, account->malformed, account->unmatched, account->unsupported, account->skipped);
}

void summary_json(FILE *out, const struct flow_account *account)
{
	put_account(out, account);
	fputs("}\n", out);
}

void summary_logs_json(FILE *out, const struct flow_account *account, const struct log_files_state *files)
{
	put_account(out, account);
	fprintf(out, ", \"lines\": %" PRIu64 ", \"unreadable\": %" PRIu64 "}\n", files->lines, files->unreadable);
}
