#include "cli/machine.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ID_DIGITS = 32 };

/* The digits, and behind them at most the end of a line. */
static bool is_id(const char *line)
{
	size_t length = strspn(line, "0123456789abcdefABCDEF");

	return length == ID_DIGITS && strcspn(line, "\n") == ID_DIGITS && strspn(line, "0") != ID_DIGITS;
}

static bool read_id(char out[static MACHINE_ID_SIZE], const char *root, const char *path)
{
	char whole[4096], line[ID_DIGITS + 2] = "";
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	file = fopen(whole, "re");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	if (!is_id(line))
		return false;
	for (size_t i = 0; i < ID_DIGITS; i++)
		out[i] = (char)tolower((unsigned char)line[i]);
	out[ID_DIGITS] = '\0';
	return true;
}

void machine_id(char out[static MACHINE_ID_SIZE], const char *root, const struct notices *notices)
{
	if (read_id(out, root, "/etc/machine-id") || read_id(out, root, "/var/lib/dbus/machine-id"))
		return;
	if (gethostname(out, MACHINE_ID_SIZE) < 0)
		out[0] = '\0';
	out[MACHINE_ID_SIZE - 1] = '\0';
	notify(notices,
	       "/etc/machine-id: holds no machine id, so interface ids are made from the host's name, \"%s\"; "
	       "systemd-machine-id-setup makes one",
	       out);
}
