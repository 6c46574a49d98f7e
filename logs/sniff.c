#include "logs/sniff.h"

#include "logs/form.h"

bool log_sniff(const struct capture_input *input, bool has_format)
{
	return log_form_of((const char *)input->at, (const char *)input->end, has_format) != LOG_FORM_NONE;
}

int log_sniff_wait(struct capture_input *input, bool has_format, struct error *err)
{
	while (!log_sniff(input, has_format)) {
		size_t length = (size_t)(input->end - input->at);
		int ret = length < LOG_FORM_LOOK ? capture_input_fill(input, length + 1, true, err) : 0;

		if (ret <= 0)
			return ret;
	}
	return 1;
}
