#include "capture/pcapng_interface.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/pcapng_option.h"

enum { IF_NAME = 2, IF_DESCRIPTION = 3, IF_TSRESOL = 9, IF_OS = 12, IF_TSOFFSET = 14, IF_HARDWARE = 15 };
enum { ISB_IFDROP = 5, ISB_OSDROP = 7 };

enum { NS_DIGITS = 9, NS_PER_SECOND = 1000000000 };

__extension__ typedef __int128 wide;

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* if_tsresol: the negative power of ten or, with the upper bit set, of two that is one unit in seconds. */
static void set_resolution(struct pcapng_interface *interface, uint8_t resolution)
{
	static const char *const words[] = {
		[0] = "seconds",
		[3] = "milliseconds",
		[6] = "microseconds",
		[NS_DIGITS] = "nanoseconds",
	};
	const unsigned fits = 19; /* 10^19 does in 64 bits */
	unsigned exponent = resolution & 0x7f;
	bool binary = resolution & 0x80;

	interface->divide = interface->multiply = 1;
	interface->shift = 0;
	if (binary) {
		interface->multiply = NS_PER_SECOND;
		interface->shift = exponent;
	} else if (exponent <= NS_DIGITS) {
		interface->multiply = power_of_ten(NS_DIGITS - exponent);
	} else if (exponent - NS_DIGITS <= fits) {
		interface->divide = power_of_ten(exponent - NS_DIGITS);
	} else {
		interface->multiply = 0; /* the greatest count is less than a nanosecond */
	}

	if (!binary && exponent <= NS_DIGITS && words[exponent])
		snprintf(interface->about.resolution, sizeof(interface->about.resolution), "%s", words[exponent]);
	else
		snprintf(interface->about.resolution, sizeof(interface->about.resolution), "%s^-%u s",
			 binary ? "2" : "10", exponent);
}

/* Keeps the first text that is not empty. */
static int take_text(char **out, const struct pcapng_option *option)
{
	if (*out || option->length == 0 || option->value[0] == '\0')
		return 1;
	*out = strndup((const char *)option->value, option->length);
	return *out ? 1 : -ENOMEM;
}

/* 1; 0: its length is not that of its kind; -ENOMEM. */
static int take_option(struct pcapng_interface *interface, enum byte_order order, const struct pcapng_option *option)
{
	switch (option->code) {
	case IF_NAME:
		return take_text(&interface->name, option);
	case IF_DESCRIPTION:
		return take_text(&interface->about.description, option);
	case IF_OS:
		return take_text(&interface->about.os, option);
	case IF_HARDWARE:
		return take_text(&interface->about.hardware, option);
	case IF_TSRESOL:
		if (option->length != 1)
			return 0;
		set_resolution(interface, option->value[0]);
		return 1;
	case IF_TSOFFSET:
		if (option->length != 8)
			return 0;
		interface->offset = (int64_t)load_64(order, option->value);
		return 1;
	default:
		return 1;
	}
}

int pcapng_interface_describe(struct pcapng_interface *interface, enum byte_order order, struct cursor body)
{
	const uint8_t microseconds = 6;
	const uint8_t *head = cursor_take(&body, 8);
	struct pcapng_option option;
	int well = 1, ret;

	if (!head) {
		interface->broken = true;
		return -EINVAL;
	}
	interface->about.link_type = load_16(order, head);
	interface->about.snaplen = load_32(order, head + 4);
	set_resolution(interface, microseconds);
	while ((ret = pcapng_option_next(&body, order, &option)) > 0) {
		ret = take_option(interface, order, &option);
		if (ret < 0)
			return ret;
		if (ret == 0)
			well = 0;
	}
	return ret < 0 ? 0 : well;
}

void pcapng_interface_clear(struct pcapng_interface *interface)
{
	free(interface->name);
	free(interface->about.description);
	free(interface->about.hardware);
	free(interface->about.os);
}

bool pcapng_interface_time(const struct pcapng_interface *interface, uint64_t count, int64_t *out)
{
	uint64_t units = interface->divide == 1 ? count : count / interface->divide;
	wide ns = (((wide)units * interface->multiply) >> interface->shift) + (wide)interface->offset * NS_PER_SECOND;

	if (ns < 0 || ns > INT64_MAX)
		return false;
	*out = (int64_t)ns;
	return true;
}

/* Both saturate: strangers choose the numbers. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* What a counter grew by; one that shrank has begun anew. */
static uint64_t growth(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

bool pcapng_interface_statistics(struct pcapng_interface *interface, enum byte_order order, struct cursor options,
				 uint64_t *grown)
{
	uint64_t ifdrop = interface->ifdrop, osdrop = interface->osdrop;
	struct pcapng_option option;
	int ret;

	while ((ret = pcapng_option_next(&options, order, &option)) > 0) {
		if (option.code != ISB_IFDROP && option.code != ISB_OSDROP)
			continue;
		if (option.length != 8)
			return false;
		*(option.code == ISB_IFDROP ? &ifdrop : &osdrop) = load_64(order, option.value);
	}
	if (ret < 0)
		return false;
	*grown = plus(growth(interface->ifdrop, ifdrop), growth(interface->osdrop, osdrop));
	interface->ifdrop = ifdrop;
	interface->osdrop = osdrop;
	pcapng_interface_lose(interface, *grown);
	return true;
}

void pcapng_interface_lose(struct pcapng_interface *interface, uint64_t lost)
{
	interface->about.lost = plus(interface->about.lost, lost);
}
