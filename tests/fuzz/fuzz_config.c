/* A configuration file of any bytes: read, or refused with a sentence; what is read is shown, reads back, and is
 * shown the same again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Returns whether the settings are there, which are then to be freed. */
static bool read_config(struct settings *settings, enum command command, const void *bytes, size_t length)
{
	FILE *file = fmemopen((void *)bytes, length, "r");
	struct error err = { "" };

	if (!file || settings_init(settings, &err) < 0)
		abort();
	settings->command = command;
	if (config_read_stream(settings, file, "fuzz.ini", &err) < 0 || settings_check(settings, &err) < 0) {
		if (!*err.text)
			abort();
		settings_free(settings);
	}
	fclose(file);
	return settings->format_text;
}

static char *show(const struct settings *settings)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct error err = { "" };
	int ret = show_settings(out, settings, &err);

	fclose(out);
	if (ret == 0)
		return text;
	if (!*err.text)
		abort();
	free(text);
	return NULL;
}

static void try_command(enum command command, const uint8_t *bytes, size_t length)
{
	struct settings settings, back;
	char *text, *again;

	if (!read_config(&settings, command, bytes, length))
		return;
	text = show(&settings);
	settings_free(&settings);
	if (!text)
		return;
	if (!read_config(&back, command, text, strlen(text)))
		abort();
	again = show(&back);
	settings_free(&back);
	if (!again || strcmp(text, again) != 0)
		abort();
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (memmem(bytes, length, "[aws", 4)) /* it would read any file there is, and wait for some */
		return 0;
	if (length == 0)
		return 0;
	try_command(COMMAND_READ, bytes, length);
	try_command(COMMAND_CAPTURE, bytes, length);
	return 0;
}
