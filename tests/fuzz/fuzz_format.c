/* Format strings: whatever compiles keeps the format's promises; whatever does not is refused in one printable
 * sentence. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "output/encoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_sentence(const struct error *err)
{
	must(err->text[0] != '\0');
	for (const char *at = err->text; *at; at++)
		must(*at >= ' ' && *at <= '~');
}

static void check_promises(const struct output_format *format)
{
	uint8_t version = 0;

	must(format->count >= 1 && format->count <= OUTPUT_FORMAT_MOST);
	for (size_t i = 0; i < format->count; i++) {
		must(format->fields[i] < FIELD_END_OF_LIST);
		if (output_fields[format->fields[i]].version > version)
			version = output_fields[format->fields[i]].version;
	}
	must(format->version == version);
}

/* The header line is a format of bare names, and compiles to the same one. */
static void check_header(const struct output_format *format, const struct output_encoder *encoder)
{
	struct output_format again;
	size_t length;
	const char *header = output_encoder_header(encoder, &length);
	char *text = strndup(header, length);

	must(text && header[length - 1] == '\n');
	/* The one name that means a preset when it stands alone. */
	if (strcmp(text, "tcp-flags\n") != 0) {
		must(output_format_parse(&again, text, NULL) == 0 && again.count == format->count);
		must(memcmp(again.fields, format->fields, format->count) == 0);
		must(again.version == format->version && again.shown == format->shown);
	}
	free(text);
}

/* A line has as many words as the format has fields. */
static void check_line(const struct output_format *format, struct output_encoder *encoder, uint8_t status)
{
	static const struct flow_interface interface = { 0 };
	struct flow_record record = { .interface = &interface, .status = status, .family = FLOW_IPV6 };
	size_t room = output_encoder_room(encoder, &record), length, words = 0;
	char *line = malloc(room);

	must(room && line);
	length = output_encoder_line(encoder, &record, line);
	must(length >= 2 && length <= room && line[length - 1] == '\n');
	for (size_t i = 0; i < length; i++)
		words += line[i] == ' ' || line[i] == '\n';
	must(words == format->count);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = strndup((const char *)bytes, length);
	struct output_encoder *encoder;
	struct output_format format;
	struct error err = { "" };

	must(text);
	if (output_format_parse(&format, text, &err) < 0) {
		check_sentence(&err);
	} else {
		check_promises(&format);
		output_format_remarks(&format, NULL);
		must(output_encoder_new(&encoder, &format, OUTPUT_TEXT, &err) == 0);
		check_header(&format, encoder);
		check_line(&format, encoder, FLOW_OK);
		check_line(&format, encoder, FLOW_NODATA);
		output_encoder_free(encoder);
	}
	free(text);
	return 0;
}
