/* capture/points.h - the capture points of a run: equal names are one point, in whatever files they stand. */
#ifndef ENIFLOW_CAPTURE_POINTS_H
#define ENIFLOW_CAPTURE_POINTS_H

#include "flow/error.h"
#include "flow/observation.h"

struct capture_points;

int capture_points_new(struct capture_points **out, struct error *err);
void capture_points_free(struct capture_points *points);

/* The point of that name, made if it is new: then it gets the next number, and `named` as given. The point stays
 * valid until capture_points_free(). NULL: out of memory. */
const struct flow_point *capture_points_get(struct capture_points *points, const char *name, bool named);

#endif
