#include "compare/result.h"

#include <stdio.h>
#include <stdlib.h>

void compare_result_free(struct compare_result *result)
{
	if (!result)
		return;
	for (size_t i = 0; i < result->interface_count; i++) {
		free(result->interfaces[i].id);
		free(result->interfaces[i].device);
		free(result->interfaces[i].intervals);
	}
	for (size_t i = 0; i < result->finding_count; i++)
		free(result->findings[i].detail);
	for (size_t i = 0; i < result->remark_count; i++)
		free(result->remarks[i]);
	free(result->interfaces);
	free(result->findings);
	free(result->remarks);
	free(result);
}

int compare_result_remark(struct compare_result *result, struct error *err, const char *format, ...)
{
	char **remarks = realloc(result->remarks, (result->remark_count + 1) * sizeof(*remarks)), *remark;
	va_list args;
	int length;

	if (!remarks)
		return fail_memory(err, "remarks");
	result->remarks = remarks;
	va_start(args, format);
	length = vasprintf(&remark, format, args);
	va_end(args);
	if (length < 0)
		return fail_memory(err, "remarks");
	remarks[result->remark_count++] = remark;
	return 0;
}
