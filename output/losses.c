#include "output/losses.h"

#include <stdlib.h>

void output_losses_clear(struct output_losses *losses)
{
	free(losses->items);
	losses->items = NULL;
	losses->count = losses->room = 0;
}

/* The window of a record. NODATA and SKIPDATA know it themselves, cut to what was watched. */
static struct output_loss loss_of(const struct output_losses *losses, const struct flow_record *record)
{
	struct output_loss loss = { record->interface, record->interface_number, record->start, record->end };
	int64_t interval = losses->interval;

	if (record->status == FLOW_OK && interval > 0) {
		loss.start -= (loss.start % interval + interval) % interval;
		loss.end = loss.start + interval;
	}
	return loss;
}

static bool overlap(const struct output_loss *a, const struct output_loss *b)
{
	return a->interface_number == b->interface_number && a->start < b->end && b->start < a->end;
}

static void unite(struct output_loss *loss, const struct output_loss *other)
{
	if (other->start < loss->start)
		loss->start = other->start;
	if (other->end > loss->end)
		loss->end = other->end;
}

static int by_interface(const void *a, const void *b)
{
	const struct output_loss *one = a, *two = b;

	if (one->interface_number != two->interface_number)
		return one->interface_number < two->interface_number ? -1 : 1;
	return (one->start > two->start) - (one->start < two->start);
}

/* Leaves one loss for each interface. */
static void put_together(struct output_losses *losses)
{
	size_t kept = 0;

	qsort(losses->items, losses->count, sizeof(*losses->items), by_interface);
	for (size_t i = 1; i < losses->count; i++) {
		if (losses->items[i].interface_number == losses->items[kept].interface_number)
			unite(&losses->items[kept], &losses->items[i]);
		else
			losses->items[++kept] = losses->items[i];
	}
	losses->count = kept + 1;
}

static int make_room(struct output_losses *losses, struct error *err)
{
	size_t room = losses->room ? losses->room * 2 : 16;
	struct output_loss *items;

	if (losses->count < losses->room)
		return 0;
	if (losses->room >= OUTPUT_LOSSES_MOST) {
		put_together(losses);
		if (losses->count < losses->room / 2)
			return 0;
	}
	items = realloc(losses->items, room * sizeof(*items));
	if (!items)
		return fail_memory(err, "account of lost records");
	losses->items = items;
	losses->room = room;
	return 0;
}

int output_losses_add(struct output_losses *losses, const struct flow_record *record, struct error *err)
{
	struct output_loss loss = loss_of(losses, record);
	int ret;

	/* Records of an interface come one behind the other, so it is mostly the last one. */
	if (losses->count > 0 && overlap(&losses->items[losses->count - 1], &loss)) {
		unite(&losses->items[losses->count - 1], &loss);
		return 0;
	}
	ret = make_room(losses, err);
	if (ret == 0)
		losses->items[losses->count++] = loss;
	return ret;
}
