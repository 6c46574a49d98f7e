/* cli/settings.h - what the command line and the configuration file ask for, as plain data.
 *
 * Options win over the file, the file over defaults. Nothing here opens, reads a clock or prints; cli/options.h
 * fills it from argv, cli/config.h from INI, settings_check() judges it as a whole. Source: interface.md; semantics
 * section 13, 24. */
#ifndef ENIFLOW_CLI_SETTINGS_H
#define ENIFLOW_CLI_SETTINGS_H

#include "capture/files.h"
#include "cli/aws_section.h"
#include "cli/command.h"
#include "cli/mentions.h"
#include "flow/interface.h"
#include "flow/routes.h"
#include "flow/rule.h"
#include "output/anonymizer.h"
#include "output/codec.h"
#include "output/encoder.h"
#include "output/kafka.h"
#include "output/layout.h"

enum settings_key {
	SETTING_FORMAT,
	SETTING_LOG_FORMAT,
	SETTING_OUTPUT,
	SETTING_TYPE,
	SETTING_COMPRESSION,
	SETTING_HIVE,
	SETTING_HOURLY,
	SETTING_FILE_SIZE,
	SETTING_ANONYMIZE,
	SETTING_INTERVAL,
	SETTING_HEADER,
	SETTING_FILTER,
	SETTING_EXCLUDE,
	SETTING_TIMESTAMPS,
	SETTING_DECAPSULATE,
	SETTING_MAX_FLOWS,
	SETTING_ON_FULL,
	SETTING_MAX_CONNECTIONS,
	SETTING_TCP_TIMEOUT,
	SETTING_TCP_CLOSED_TIMEOUT,
	SETTING_UDP_TIMEOUT,
	SETTING_UDP_STREAM_TIMEOUT,
	SETTING_OTHER_TIMEOUT,
	SETTING_THREADS,
	SETTING_QUIET,
	SETTING_SUMMARY,
	SETTING_BACKEND,
	SETTING_PROMISCUOUS,
	SETTING_USER,
	SETTING_METRICS,
	SETTING_DURATION,
	SETTING_RING_SIZE,
	SETTING_HOLD_SIZE,
	SETTING_KERNEL_FLOWS,
	SETTING_NFLOG_GROUPS,
	SETTING_FLOW_LOG_ID,
	SETTING_DEVICES, /* a key alone: on the command line devices stand behind the options */
	SETTING_END,     /* those above are also keys of [eniflow]; those below stand on the command line alone */
	OPTION_CONFIG = SETTING_END,
	OPTION_NO_HEADER,
	OPTION_SET,
	OPTION_KAFKA,
	OPTION_OFFSET,
	OPTION_TOLERANCE,
	OPTION_JSON,
	OPTION_HTML,
	OPTION_LIMIT,
	OPTION_CHECK_CONFIG,
	OPTION_SHOW_CONFIG,
	OPTION_HELP,
	OPTION_END
};

/* One option: feeds getopt, --help, and the keys of [eniflow]. */
struct settings_option {
	enum settings_key key;
	char letter;          /* of the short option, or 0 */
	const char *name;     /* "--format"; the key is what follows the dashes */
	const char *argument; /* what its value is called; NULL: it has none (as a key: yes or no) */
	const char *meaning;  /* one line */
	unsigned commands;    /* 1 << enum command, or-ed: those that take it; 0: a key alone */
};

/* In the order of --help. */
extern const struct settings_option settings_options[OPTION_END];

enum settings_summary { SUMMARY_TEXT, SUMMARY_JSON };

/* In the order in which they are listed. */
enum settings_backend { BACKEND_AUTO, BACKEND_PCAP, BACKEND_PACKET, BACKEND_EBPF, BACKEND_NFLOG };

/* An NFLOG group to listen to. */
struct settings_nflog_group {
	uint16_t number;
	int action; /* enum flow_action of all its packets; -1: the prefix of the rule tells */
};

/* How a log is held against a capture. */
struct settings_comparison {
	bool has_offset;            /* else it is estimated */
	int64_t offset;             /* seconds added to the capture's times */
	uint64_t packets_tolerance; /* more or less in a flow are the same */
	double bytes_tolerance;     /* percent */
	bool json;                  /* the report on standard output is JSON */
	char *html;                 /* the file for a page, or NULL */
	uint64_t limit;             /* of findings that are listed; 0: all */
};

/* Strings and arrays come from malloc; settings_free() gives them back. */
struct settings {
	struct output_format format;
	char *format_text;               /* as given; "default" */
	struct output_format log_format; /* the columns of flow logs without a line that names them, if one is given */
	char *log_format_text;           /* as given; NULL: none is */
	char *output;                    /* "-", a path */
	enum output_encoding encoding;
	bool encoding_set;       /* else settings_check() takes it from the suffix of `output` */
	bool codec_set;          /* else it is the default */
	enum output_codec codec; /* of Parquet */
	uint32_t interval;       /* seconds */
	int header;              /* 1, 0, or -1: a file has it, a stream has not */
	char *filter;            /* or NULL; whether it compiles is left to capture/filter.h */
	bool exclude_aws;
	bool window_times;
	unsigned tunnels;   /* enum capture_tunnel, or-ed */
	uint64_t max_flows; /* 1 to 2^31 */
	bool skip_when_full;
	uint32_t max_connections; /* that security groups track, 1 to 2^30 */
	/* Seconds without packets after which they forget one. */
	uint32_t tcp_timeout, tcp_closed_timeout, udp_timeout, udp_stream_timeout, other_timeout;
	unsigned threads; /* 0: as many as help */
	bool quiet;
	enum settings_summary summary;
	bool check_config, show_config, help;

	enum command command; /* whom these are for; COMMAND_READ from settings_init() */
	int argc;             /* the command line they came from, or 0 and NULL; it is the caller's */
	char **argv;

	/* Of capture; read takes them from a file and leaves them alone. */
	char **devices; /* names, or "all" or "any" */
	size_t device_count;
	enum settings_backend backend;
	bool promiscuous;
	char *user;            /* whose rights are enough after the start, or NULL: as the command decides */
	char *metrics;         /* ADDR:PORT or FILE.prom; or NULL */
	uint32_t duration;     /* seconds; 0: until stopped */
	uint64_t ring_size;    /* bytes, for each device */
	uint64_t hold_size;    /* bytes of records that wait for an output */
	uint32_t kernel_flows; /* of one second, that the eBPF backend has room for */
	unsigned layout;       /* of the folders of `-o DIR/`, of read too: enum output_layout, or-ed */
	struct settings_nflog_group *nflog_groups;
	size_t nflog_group_count;

	/* Of `-o DIR/`, of read too. */
	uint64_t file_size; /* the most of a file, in bytes; 0: AWS's */
	char *flow_log_id;  /* in the names of files; or NULL: derived */

	struct output_kafka_property *kafka; /* of `-o kafka:BROKERS/TOPIC` */
	size_t kafka_count;
	char *anonymize;                              /* the file with the key to replace addresses by, or NULL */
	uint8_t anonymize_key[OUTPUT_ANONYMIZER_KEY]; /* the key, when delivery_read_key() has read it */

	struct flow_interface defaults;    /* [defaults], over which stands --set; for implicit interfaces too */
	struct flow_interface *interfaces; /* [interface NAME], in order; settings_check() completes them */
	size_t interface_count;
	struct flow_routes routes; /* [route CIDR] */

	struct flow_security_group *groups; /* [security-group NAME], in order */
	size_t group_count;
	struct flow_network_acl *acls; /* [network-acl NAME], in order */
	size_t acl_count;
	/* Those above are the configuration's own; behind them settings_check() puts what [aws] adds. */
	size_t own_interface_count, own_group_count, own_acl_count;
	struct aws_section aws;
	struct mentions mentions; /* who names them; settings_check() wants all of these to be there */
	char *empty_egress; /* the first group whose egress has no value, and where; for settings_remarks(); or NULL */

	struct settings_comparison comparison; /* of compare */

	char *config;              /* the file it came from, or NULL */
	struct source_file *files; /* the operands; the strings are the settings' own */
	size_t file_count;
	struct source_file *logs; /* of compare: those before "--"; `files` are the captures */
	size_t log_count;
	const char **operands; /* of explain, in order */
	size_t operand_count;
};

/* Fills in the defaults. Returns 0 or -ENOMEM, then with nothing to free. */
int settings_init(struct settings *settings, struct error *err);

/* Leaves everything zeroed; takes zeroed settings too. */
void settings_free(struct settings *settings);

/* Sets what an option or a key of [eniflow] (one below SETTING_END) says; `what` is what it is called where it
 * stands, and begins the sentence of an error. Returns 0, -EINVAL or -ENOMEM. An empty `value` takes back a
 * filter, a log format, tunnels, devices, a user, metrics or a flow log's id. */
int settings_put(struct settings *settings, enum settings_key key, const char *what, const char *value,
		 struct error *err);

/* Do these metrics go into a file, which ends in .prom? Else they are served at an address. */
bool settings_is_metrics_file(const char *metrics);

/* The name of an identity field, as AWS spells it. */
const char *settings_identity_name(enum flow_identity identity);

/* The identity field of that name (an enum flow_identity), or -1. */
int settings_identity_find(const char *name, size_t length);

/* Gives an interface (or the defaults) an identity value; an empty one unsets it. Returns 0, -EINVAL or -ENOMEM. */
int settings_put_identity(struct flow_interface *interface, enum flow_identity identity, const char *what,
			  const char *value, struct error *err);

/* Judges the whole once everything is put, and completes it, once: the encoding from the output's suffix, each
 * interface from the defaults (a list of its own replaces theirs), all of it from the files of [aws], which are read.
 * Interfaces that nothing tells apart are an error, and groups or ACLs that are named and not there. Returns 0, -EINVAL,
 * -ENOMEM, or why a file cannot be read. */
int settings_check(struct settings *settings, struct error *err);

/* The group or ACL of that name, or NULL. */
const struct flow_security_group *settings_find_group(const struct settings *settings, const char *name);
const struct flow_network_acl *settings_find_acl(const struct settings *settings, const char *name);

/* Tells what is allowed and yet most likely a slip: of the format, of interfaces that cannot see a packet, and
 * of rules. */
void settings_remarks(const struct settings *settings, const struct notices *notices);

#endif
