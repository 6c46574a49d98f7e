#include "capture/reader.h"

#include <stdio.h>

void capture_reader_tell(const struct capture_reader *reader, const char *format, ...)
{
	char sentence[ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	notify(reader->notices, "%s: %s", capture_input_name(&reader->input), sentence);
}

void capture_reader_damage(struct capture_reader *reader, const char *unit, uint64_t start, const char *format, ...)
{
	const char *compression = capture_input_compression(&reader->input);
	char sentence[ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	capture_reader_tell(reader, "the %s at byte %llu%s %s", unit, (unsigned long long)start,
			    compression ? " of the decompressed data" : "", sentence);
	reader->damaged = true;
}

int capture_reader_end(struct capture_reader *reader, const char *unit, uint64_t start, uint64_t need)
{
	const struct capture_input *input = &reader->input;
	uint64_t there = capture_input_offset(input) + (uint64_t)(input->end - input->at) - start;
	const char *fault = capture_input_fault(input);

	if (fault) {
		capture_reader_tell(reader, "%s; all before that was read", fault);
		reader->damaged = true;
	} else if (there > 0) {
		capture_reader_damage(
			reader, unit, start,
			"is cut off by the end of the file (%llu of %llu bytes are there); all before it was read",
			(unsigned long long)there, (unsigned long long)need);
	}
	return capture_reader_stop(reader);
}
