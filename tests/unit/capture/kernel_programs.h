/* Small programs for tests of hooks: each counts what it sees in a map and lets others have their turn. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_KERNEL_PROGRAMS_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_KERNEL_PROGRAMS_H

#include "capture/bpf_call.h"

#include <string.h>

struct counting_program {
	int map, program;
};

static inline int counting_map(void)
{
	union bpf_attr attributes = { 0 };

	attributes.map_type = BPF_MAP_TYPE_ARRAY;
	attributes.key_size = sizeof(uint32_t);
	attributes.value_size = sizeof(uint64_t);
	attributes.max_entries = 1;
	return bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

/* A program that answers so: -1 lets others have their turn, 0 passes the packet without asking them. Negative descriptors:
 * it cannot be loaded. */
static inline struct counting_program counting_program_of(int verdict)
{
	struct counting_program out = { .map = counting_map(), .program = -1 };
	const struct bpf_insn code[] = {
		{ BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0 }, /* the key, 0, on the stack */
		{ BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, out.map },
		{ 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0 },
		{ BPF_ALU64 | BPF_ADD, BPF_REG_2, 0, 0, -4 },
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem },
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1 },
		{ BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, verdict },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr attributes = { 0 };

	attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attributes.insns = bpf_pointer(code);
	attributes.insn_cnt = sizeof(code) / sizeof(*code);
	attributes.license = bpf_pointer("GPL");
	memcpy(attributes.prog_name, "counting", sizeof("counting"));
	if (out.map >= 0)
		out.program = bpf_call(BPF_PROG_LOAD, &attributes, sizeof(attributes));
	return out;
}

static inline struct counting_program counting_program(void)
{
	return counting_program_of(-1);
}

/* How often it ran. */
static inline uint64_t program_runs(struct counting_program program)
{
	const uint32_t key = 0;
	uint64_t runs = UINT64_MAX;
	union bpf_attr attributes = { 0 };

	attributes.map_fd = (uint32_t)program.map;
	attributes.key = bpf_pointer(&key);
	attributes.value = bpf_pointer(&runs);
	bpf_call(BPF_MAP_LOOKUP_ELEM, &attributes, sizeof(attributes));
	return runs;
}

static inline void close_program(struct counting_program program)
{
	close(program.program);
	close(program.map);
}

#endif
