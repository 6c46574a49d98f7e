#include "logs/sniff.h"

#include "logs/form.h"

bool log_sniff(const struct capture_input *input, bool has_format)
{
	return log_form_of((const char *)input->at, (const char *)input->end, has_format) != LOG_FORM_NONE;
}
