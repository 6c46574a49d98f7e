/* output/layout.h - where AWS puts the files of a flow log in S3: folders, names, slots of five minutes. Pure.
 *
 * Source: flow-log-format section 11. A file is
 *     AWSLogs/ACCOUNT/vpcflowlogs/REGION/YYYY/MM/DD/ACCOUNT_vpcflowlogs_REGION_FLOWLOGID_YYYYMMDDTHHMMZ_HASH.log.gz
 * or the same name in one of three other folders (enum output_layout):
 *     AWSLogs/ACCOUNT/vpcflowlogs/REGION/YYYY/MM/DD/HH
 *     AWSLogs/aws-account-id=ACCOUNT/aws-service=vpcflowlogs/aws-region=REGION/year=YYYY/month=MM/day=DD
 *     AWSLogs/aws-account-id=ACCOUNT/aws-service=vpcflowlogs/aws-region=REGION/year=YYYY/month=MM/day=DD/hour=HH
 * Its stem is the name up to HASH, without the underscore. */
#ifndef ENIFLOW_OUTPUT_LAYOUT_H
#define ENIFLOW_OUTPUT_LAYOUT_H

#include "output/encoder.h"

enum {
	OUTPUT_SLOT_SECONDS = 300,
	OUTPUT_LAYOUT_PART = 65, /* bytes of a part of a name, its end mark included */
	OUTPUT_LAYOUT_ID = 21,
	OUTPUT_LAYOUT_STEM = 3 * OUTPUT_LAYOUT_PART + 32,
	OUTPUT_LAYOUT_NAME = OUTPUT_LAYOUT_STEM + 32,
	OUTPUT_LAYOUT_FOLDER = 2 * OUTPUT_LAYOUT_PART + 112,
};

/* Folders below AWSLogs. */
enum output_layout {
	OUTPUT_LAYOUT_HOURLY = 1, /* one for each hour */
	OUTPUT_LAYOUT_HIVE = 2,   /* with the names of Hive's partitions */
};

/* The slot that a record with this `end` belongs to: the Unix second it begins at. Times before 1970 are in the
 * first. */
int64_t output_layout_slot(int64_t end);

/* A value as a part of names and a folder: letters, digits and "-" as they are, other bytes as %XX, so that it can lead
 * nowhere else; a long one is cut, with a hash of all of it behind. NULL, "" and "-" give `otherwise`. */
void output_layout_part(char out[static OUTPUT_LAYOUT_PART], const char *value, const char *otherwise);

/* What stands for an account-id that is not set ("000000000000"), and for a region ("us-east-1": readers of these
 * paths want one of AWS's form, and this is the one that AWS's own tools begin with; in records an unset region stays
 * "-"). */
void output_layout_account(char out[static OUTPUT_LAYOUT_PART], const char *account);
void output_layout_region(char out[static OUTPUT_LAYOUT_PART], const char *region);

/* "fl-" and 17 hexadecimal digits, the same for the same format and interval. */
void output_layout_flow_log_id(char out[static OUTPUT_LAYOUT_ID], const struct output_format *format,
			       uint32_t interval);

/* `account`, `region` and `flow_log_id` are parts. */
void output_layout_stem(char out[static OUTPUT_LAYOUT_STEM], const char *account, const char *region,
			const char *flow_log_id, int64_t slot);

/* The name of file `number`, from 0, of those that share a stem and a maker. HASH depends on nothing else. `maker` is
 * whatever sets files apart that several programs make under one stem; "": nothing. */
void output_layout_name(char out[static OUTPUT_LAYOUT_NAME], const char *stem, const char *maker, unsigned number,
			const char *suffix);

/* The folder for a stem, or for a name that begins with one; `layout` is enum output_layout, or-ed. Returns false where
 * the name is none of ours. */
bool output_layout_folder(char out[static OUTPUT_LAYOUT_FOLDER], const char *name, unsigned layout);

/* "log.gz", "json.gz" (of OCSF too), "csv.gz", "log.parquet". */
const char *output_layout_suffix(enum output_encoding encoding);

#endif
