#include "cli/capture.h"

#include <errno.h>

int capture_command(const struct settings *settings, struct error *err)
{
	return fail(err, ENOSYS, "%s: live devices cannot be watched yet", settings->devices[0]);
}
