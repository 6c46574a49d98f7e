#include "cli/aws_section.h"

#include <stdlib.h>
#include <string.h>

/* Keeps a sentence until it is asked for; one that there is no memory for is lost. */
static void keep(void *ctx, const char *sentence)
{
	struct aws_section *section = ctx;
	char **grown = realloc(section->remarks, (section->remark_count + 1) * sizeof(*grown));

	if (!grown)
		return;
	section->remarks = grown;
	grown[section->remark_count] = strdup(sentence);
	section->remark_count += grown[section->remark_count] != NULL;
}

int aws_section_add(struct aws_section *section, const struct aws_configuration *configuration, struct error *err)
{
	const struct notices notices = { keep, section };
	struct aws_account account = { 0 };
	int ret;

	if (section->files.count == 0)
		return 0;
	ret = aws_account_read(&account, &section->files, &notices, err);
	if (ret == 0)
		ret = aws_supplement_add(&section->supplement, &account, configuration, &notices, err);
	aws_account_clear(&account);
	return ret;
}

void aws_section_remarks(const struct aws_section *section, const struct notices *notices)
{
	for (size_t i = 0; i < section->remark_count; i++)
		notify(notices, "%s", section->remarks[i]);
}

void aws_section_free(struct aws_section *section)
{
	aws_files_clear(&section->files);
	aws_supplement_clear(&section->supplement);
	for (size_t i = 0; i < section->remark_count; i++)
		free(section->remarks[i]);
	free(section->remarks);
	*section = (struct aws_section){ 0 };
}
