/* The reader of classic captures: any bytes must end well, and the same however they arrive. */
#include "capture_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	capture_walk(bytes, length);
	return 0;
}
