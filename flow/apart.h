/* flow/apart.h - keeps what is rare out of what every packet goes through.
 *
 * A compiler that inlines a rare case into a frequent one saves and restores registers for it each time. It is not
 * `cold`: when its turn comes it should be as fast as all else. */
#ifndef ENIFLOW_FLOW_APART_H
#define ENIFLOW_FLOW_APART_H

#define ENIFLOW_APART __attribute__((noinline))

#endif
