#include "output/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
static const char service[] = "_vpcflowlogs_";

/* FNV-1a, 64 bits. */
static uint64_t hash_of(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static const uint64_t first_hash = UINT64_C(0xcbf29ce484222325);

int64_t output_layout_slot(int64_t end)
{
	return end < 0 ? 0 : end - end % OUTPUT_SLOT_SECONDS;
}

void output_layout_part(char out[static OUTPUT_LAYOUT_PART], const char *value, const char *otherwise)
{
	enum { HASH_ROOM = 17 }; /* "-" and 16 digits */
	size_t used = 0;

	if (!value || *value == '\0' || strcmp(value, "-") == 0)
		value = otherwise;
	for (const char *at = value; *at; at++) {
		bool is_plain = strchr(letters, *at) != NULL;

		if (used + 3 > OUTPUT_LAYOUT_PART - 1 - HASH_ROOM) {
			snprintf(out + used, HASH_ROOM + 1, "-%016" PRIx64, hash_of(first_hash, value, strlen(value)));
			return;
		}
		used += (size_t)snprintf(out + used, 4, is_plain ? "%c" : "%%%02X", (unsigned char)*at);
	}
	out[used] = '\0';
}

void output_layout_account(char out[static OUTPUT_LAYOUT_PART], const char *account)
{
	output_layout_part(out, account, "000000000000");
}

void output_layout_region(char out[static OUTPUT_LAYOUT_PART], const char *region)
{
	output_layout_part(out, region, "us-east-1");
}

void output_layout_flow_log_id(char out[static OUTPUT_LAYOUT_ID], const struct output_format *format, uint32_t interval)
{
	uint64_t hash = first_hash;
	char number[16];

	for (size_t i = 0; i < format->count; i++) {
		const char *name = output_fields[format->fields[i]].name;

		hash = hash_of(hash, name, strlen(name) + 1);
	}
	snprintf(number, sizeof(number), "%" PRIu32, interval);
	hash = hash_of(hash, number, strlen(number));
	snprintf(out, OUTPUT_LAYOUT_ID, "fl-0%016" PRIx64, hash);
}

void output_layout_stem(char out[static OUTPUT_LAYOUT_STEM], const char *account, const char *region,
			const char *flow_log_id, int64_t slot)
{
	time_t time = (time_t)slot;
	struct tm utc;
	char stamp[32];

	gmtime_r(&time, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%MZ", &utc);
	snprintf(out, OUTPUT_LAYOUT_STEM, "%s%s%s_%s_%s", account, service, region, flow_log_id, stamp);
}

void output_layout_name(char out[static OUTPUT_LAYOUT_NAME], const char *stem, const char *maker, unsigned number,
			const char *suffix)
{
	uint64_t hash = hash_of(first_hash, stem, strlen(stem));
	const uint8_t octets[] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
				   (uint8_t)number };

	hash = hash_of(hash, maker, strlen(maker));
	hash = hash_of(hash, octets, sizeof(octets));
	hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9); /* neighbours are not to look alike */
	snprintf(out, OUTPUT_LAYOUT_NAME, "%s_%08" PRIx32 ".%s", stem, (uint32_t)(hash ^ hash >> 32), suffix);
}

/* Takes a part of a name up to `end`; 0: there is none. */
static size_t part_length(const char *at, const char *end)
{
	size_t length = strspn(at, letters);

	while (at[length] == '%')
		length += 1 + strspn(at + length + 1, letters);
	return length < OUTPUT_LAYOUT_PART && strncmp(at + length, end, strlen(end)) == 0 ? length : 0;
}

/* Is it YYYYMMDDTHHMMZ, as a stem ends? */
static bool is_stamp(const char *at)
{
	static const char digits[] = "0123456789";

	return strspn(at, digits) == 8 && at[8] == 'T' && strspn(at + 9, digits) == 4 && at[13] == 'Z';
}

bool output_layout_folder(char out[static OUTPUT_LAYOUT_FOLDER], const char *name, unsigned layout)
{
	bool is_hive = layout & OUTPUT_LAYOUT_HIVE;
	size_t account = part_length(name, service);
	const char *region = name + account + strlen(service), *id, *day;
	size_t region_length, id_length;
	int used;

	if (account == 0)
		return false;
	region_length = part_length(region, "_");
	id = region + region_length + 1;
	if (region_length == 0)
		return false;
	id_length = part_length(id, "_");
	day = id + id_length + 1;
	if (id_length == 0 || !is_stamp(day))
		return false;
	used = snprintf(out, OUTPUT_LAYOUT_FOLDER,
			is_hive ? "AWSLogs/aws-account-id=%.*s/aws-service=vpcflowlogs/aws-region=%.*s/year=%.4s/"
				  "month=%.2s/day=%.2s"
				: "AWSLogs/%.*s/vpcflowlogs/%.*s/%.4s/%.2s/%.2s",
			(int)account, name, (int)region_length, region, day, day + 4, day + 6);
	if (layout & OUTPUT_LAYOUT_HOURLY)
		snprintf(out + used, OUTPUT_LAYOUT_FOLDER - (size_t)used, "/%s%.2s", is_hive ? "hour=" : "", day + 9);
	return true;
}

const char *output_layout_suffix(enum output_encoding encoding)
{
	static const char *const suffixes[] = {
		[OUTPUT_TEXT] = "log.gz",  [OUTPUT_JSON] = "json.gz",        [OUTPUT_CSV] = "csv.gz",
		[OUTPUT_OCSF] = "json.gz", [OUTPUT_PARQUET] = "log.parquet",
	};

	return suffixes[encoding];
}
