#include "flow/memory.h"

#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void begins_with_a_line_and_can_be_written(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 4096, FLOW_MEMORY_LARGE - 1, FLOW_MEMORY_LARGE + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *memory = flow_memory_new(sizes[i]);

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % FLOW_MEMORY_LINE, 0);
		memset(memory, 1, sizes[i]);
		assert_int_equal(memory[sizes[i] - 1], 1);
		free(memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(begins_with_a_line_and_can_be_written) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
