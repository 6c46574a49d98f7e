/* tests/unit/cli/config_text.h - settings from the text of a configuration. */
#ifndef ENIFLOW_TESTS_UNIT_CLI_CONFIG_TEXT_H
#define ENIFLOW_TESTS_UNIT_CLI_CONFIG_TEXT_H

#include "cli/config.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

/* Reads it as the file x/y.ini and checks it for a command. On failure there is nothing to free. */
static inline int config_text_for(enum command command, struct settings *settings, const char *text, struct error *err)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");
	int ret;

	assert_non_null(file);
	assert_int_equal(settings_init(settings, err), 0);
	settings->command = command;
	err->text[0] = '\0';
	ret = config_read_stream(settings, file, "x/y.ini", err);
	fclose(file);
	if (ret == 0)
		ret = settings_check(settings, err);
	if (ret < 0)
		settings_free(settings);
	return ret;
}

static inline int config_text(struct settings *settings, const char *text, struct error *err)
{
	return config_text_for(COMMAND_READ, settings, text, err);
}

#endif
