/* cli/summary.h - the closing account: where every frame ended up, for people or as JSON (semantics section 10). */
#ifndef ENIFLOW_CLI_SUMMARY_H
#define ENIFLOW_CLI_SUMMARY_H

#include <stdio.h>

#include "flow/meter.h"
#include "logs/files.h"

/* "1,204 frames over 3 min 2 s in 4 windows: 1,180 counted in 42 records; 12 non-IP, 8 DHCP, 4 metadata left out" */
void summary_text(FILE *out, const struct flow_account *account);

/* Of flow logs: "1,204 lines over 3 min 2 s in 4 windows: 1,180 records became 42; 12 NODATA, 2 unreadable". */
void summary_logs_text(FILE *out, const struct flow_account *account, const struct log_files_state *files);

/* The account as one JSON object on one line: frames and the nine counters that add up to it. */
void summary_json(FILE *out, const struct flow_account *account);

/* Of flow logs: behind these, `lines` and `unreadable`; what the nine count is packets then. */
void summary_logs_json(FILE *out, const struct flow_account *account, const struct log_files_state *files);

#endif
