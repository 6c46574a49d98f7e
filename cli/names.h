/* cli/names.h - what numbers in frames are called. */
#ifndef ENIFLOW_CLI_NAMES_H
#define ENIFLOW_CLI_NAMES_H

/* Each returns a name that stays, or, for a number that has none, one made in `out`. */
enum { NAMES_SIZE = 32 };
typedef const char *names_fn(unsigned number, char out[static NAMES_SIZE]);

/* "Ethernet", for a LINKTYPE_ number: libpcap's names ("EN10MB") say less to people. */
names_fn names_link;

/* "TCP", for a protocol number of IANA. */
names_fn names_protocol;

/* "ARP", for a type of frames as capture/survey.h has it. */
names_fn names_frame_type;

#endif
