/* capture/bpf_call.h - bpf(2), for which libc has no function. */
#ifndef ENIFLOW_CAPTURE_BPF_CALL_H
#define ENIFLOW_CAPTURE_BPF_CALL_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

/* `attributes` is a union bpf_attr, or as much of it as the command knows, and zeroed where it is not set. Returns what
 * the call does (a descriptor, or 0) or a negative errno. */
static inline int bpf_call(int command, void *attributes, size_t size)
{
	long ret = syscall(SYS_bpf, command, attributes, (unsigned)size);

	return ret < 0 ? -errno : (int)ret;
}

/* How addresses are handed over. */
static inline uint64_t bpf_pointer(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

#endif
