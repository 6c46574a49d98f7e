# The programs in the kernel: clang compiles them, bpftool makes a header of the object, libbpf loads it.
#
# As the option ENIFLOW_EBPF says; then ENIFLOW_HAVE_EBPF is 0 or 1, and ENIFLOW_EBPF_MISSING names what is not there.
set(ENIFLOW_HAVE_EBPF 0)
set(ENIFLOW_EBPF_MISSING "")

# Is there a program of that name that can do what is asked of it?
function(eniflow_ebpf_tool variable name package)
	find_program(${variable} NAMES ${name} ${name}-19 ${name}-18 ${name}-17 ${name}-16 ${name}-15 ${name}-14)
	if(${variable})
		execute_process(COMMAND "${${variable}}" ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_QUIET)
	endif()
	if(NOT ${variable} OR NOT status EQUAL 0)
		list(APPEND ENIFLOW_EBPF_MISSING ${package})
		set(ENIFLOW_EBPF_MISSING "${ENIFLOW_EBPF_MISSING}" PARENT_SCOPE)
	endif()
endfunction()

if(NOT ENIFLOW_EBPF STREQUAL "OFF")
	eniflow_ebpf_tool(ENIFLOW_CLANG clang clang --target=bpf --print-supported-cpus)
	eniflow_ebpf_tool(ENIFLOW_BPFTOOL bpftool bpftool gen help)
	pkg_check_modules(LIBBPF IMPORTED_TARGET GLOBAL libbpf>=1.0)
	if(NOT LIBBPF_FOUND)
		list(APPEND ENIFLOW_EBPF_MISSING libbpf-dev)
	endif()
	list(JOIN ENIFLOW_EBPF_MISSING ", " ENIFLOW_EBPF_MISSING)
	if(NOT ENIFLOW_EBPF_MISSING)
		set(ENIFLOW_HAVE_EBPF 1)
	elseif(ENIFLOW_EBPF STREQUAL "ON")
		message(FATAL_ERROR "missing for eBPF: ${ENIFLOW_EBPF_MISSING}: install it (names of Debian's packages), or configure with -DENIFLOW_EBPF=AUTO")
	endif()
	find_program(ENIFLOW_LLVM_STRIP NAMES llvm-strip llvm-strip-19 llvm-strip-18 llvm-strip-17 llvm-strip-16 llvm-strip-15 llvm-strip-14)
endif()
