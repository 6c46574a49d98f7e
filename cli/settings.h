/* cli/settings.h - what the command line and the configuration file ask for, as plain data.
 *
 * Options win over the file, the file over defaults. Nothing here opens, reads a clock or prints; cli/options.h fills it from argv,
 * cli/config.h from INI, settings_check() judges it as a whole. Source: interface.md. */
#ifndef ENIFLOW_CLI_SETTINGS_H
#define ENIFLOW_CLI_SETTINGS_H

#include <stdio.h>

#include "flow/interface.h"
#include "flow/routes.h"
#include "output/encoder.h"
#include "output/format.h"

/* The options that are also keys of [eniflow], by their long names. */
enum settings_key {
	SETTING_FORMAT,
	SETTING_OUTPUT,
	SETTING_TYPE,
	SETTING_INTERVAL,
	SETTING_HEADER,
	SETTING_FILTER,
	SETTING_EXCLUDE,
	SETTING_TIMESTAMPS,
	SETTING_DECAPSULATE,
	SETTING_MAX_FLOWS,
	SETTING_ON_FULL,
	SETTING_THREADS,
	SETTING_QUIET,
	SETTING_SUMMARY,
	SETTING_END
};

enum settings_summary { SUMMARY_TEXT, SUMMARY_JSON };

struct settings {
	char *config_path;     /* or NULL */
	struct output_format format;
	char *format_text;     /* as given; "default" */
	char *output;	       /* "-", a path */
	enum output_encoding encoding;
	bool encoding_set;     /* else by the suffix of `output` */
	uint32_t interval;     /* seconds */
	int header;	       /* 1, 0, or -1: a file has it, a stream has not */
	char *filter;	       /* or NULL */
	bool exclude_aws;
	bool window_times;
	unsigned tunnels;      /* enum capture_tunnel */
	uint64_t max_flows;
	bool skip_when_full;
	unsigned threads;      /* 0: as many as help */
	bool quiet;
	enum settings_summary summary;
	bool check_config, show_config;

	struct flow_interface defaults;	   /* [defaults], over which stands --set */
	struct flow_interface *interfaces; /* [interface NAME], in order, each completed from `defaults` by settings_check() */
	size_t interface_count;
	struct flow_routes routes;	   /* [route CIDR] */

	char **operands; /* the command's arguments behind the options: argv's strings */
	size_t operand_count;
};

#endif
