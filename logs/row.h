/* logs/row.h - the values of one record, taken one by one as they stand in its line, and made into the record.
 *
 * Numbers are decimal, without sign, in the range of their field. "-" is no value. Letters of action, log-status,
 * flow-direction and type may be large or small. The version is read and not believed. `type` says only what no address
 * tells; EFA is a type without IP addresses, and whatever stands in their place there is none. What a log-status of NODATA
 * or SKIPDATA leaves out is not asked for; where there is no such column, it is OK. */
#ifndef ENIFLOW_LOGS_ROW_H
#define ENIFLOW_LOGS_ROW_H

#include "flow/error.h"
#include "logs/column.h"
#include "logs/record.h"

enum {
	LOG_TEXTS = FLOW_IDENTITY_END + FLOW_CARRIED_END, /* fields that are text: of the identity, then carried */
	LOG_TEXT_MOST = 4096,                             /* bytes of one */
};

/* Times beyond this are milliseconds. */
#define LOG_SECONDS_MOST 99999999999

/* Not ended by anything; at NULL: there is none. */
struct log_text {
	const char *at;
	size_t length;
};

enum log_number {
	LOG_SRCPORT,
	LOG_DSTPORT,
	LOG_PROTOCOL,
	LOG_PACKETS,
	LOG_BYTES,
	LOG_START,
	LOG_END,
	LOG_TCP_FLAGS,
	LOG_VERSION,
	LOG_NUMBERS
};

enum log_address { LOG_SRCADDR, LOG_DSTADDR, LOG_PKT_SRCADDR, LOG_PKT_DSTADDR, LOG_ADDRESSES };

struct log_row {
	uint64_t numbers[LOG_NUMBERS];
	struct flow_address addresses[LOG_ADDRESSES];
	uint8_t status, action, direction;
	uint8_t type;              /* enum flow_family; 0: EFA, or it is not said */
	uint8_t families;          /* those of the addresses */
	uint64_t present, known;   /* by 1 << column: there is such a column; it has a value */
	const char *wrong_address; /* the first that is none; NULL: all are */
	uint8_t wrong_column;      /* where it stands */
	unsigned unknown;          /* enum flow_unknown, or-ed: by log_row_finish() */
	uint64_t texts_set;        /* by 1 << text: it is there */
	struct log_text texts[LOG_TEXTS];
	/* Those of the row before, of LOG_TEXTS (at NULL: there was none): what is the same is not looked through again,
	 * and then stands in `texts` with the same `at`. */
	const struct log_text *before;
	struct error fault;
};

/* Empties it. `before` is as above, with an `at` in all or none that differ. */
void log_row_begin(struct log_row *row, const struct log_text *before);

/* Takes the value at `at`, which ends before the next blank (logs/token.h; there must be one), for `column`. Returns that
 * end, or NULL: it is none for this column, as `fault` then says. Text is not copied, and must stay until the origin is
 * found (logs/origins.h). */
const char *log_row_take(struct log_row *row, uint8_t column, const char *at);

/* The same for a value of that length, which an end mark or another blank follows; none at all is "-". False: it is none for
 * this column, or has a blank in it. */
bool log_row_take_whole(struct log_row *row, uint8_t column, const char *value, size_t length);

/* Can the column hold nothing but numbers (times among them)? */
bool log_row_takes_numbers(uint8_t column);

/* The same for a number, of a column that takes them. */
bool log_row_take_number(struct log_row *row, uint8_t column, uint64_t number);

/* All values are taken: makes them a record, all but its origin. False: they are none, as `fault` says. */
bool log_row_finish(struct log_row *row, struct log_record *out);

/* Writes the fault; always false. */
bool log_row_fault(struct log_row *row, const char *format, ...) ENIFLOW_PRINTF(2, 3);

#endif
