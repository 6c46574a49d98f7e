# What can be switched, and how everything is compiled.
include(GNUInstallDirs)

option(ENIFLOW_TESTS "Build the tests (needs cmocka)" ON)
option(ENIFLOW_FUZZ "Build the fuzz targets for libFuzzer (needs clang)" OFF)
option(ENIFLOW_COVERAGE "Compile for a line-coverage report" OFF)
set(ENIFLOW_SANITIZE "" CACHE STRING "Sanitizers to compile with, as for -fsanitize= (address,undefined)")
set(ENIFLOW_ZSTD AUTO CACHE STRING "Read and write zstd: AUTO, ON or OFF")
set(ENIFLOW_SNAPPY AUTO CACHE STRING "Read and write snappy in Parquet files: AUTO, ON or OFF")
set(ENIFLOW_KAFKA AUTO CACHE STRING "Write to Kafka (librdkafka): AUTO, ON or OFF")
set(ENIFLOW_CRYPTO AUTO CACHE STRING "Anonymise addresses (OpenSSL's libcrypto): AUTO, ON or OFF")
set(ENIFLOW_SYSTEMD AUTO CACHE STRING "Speak with systemd (libsystemd): AUTO, ON or OFF")
set(ENIFLOW_CAPABILITIES AUTO CACHE STRING "Become another user and give up privileges (libcap-ng): AUTO, ON or OFF")
set(ENIFLOW_SECCOMP AUTO CACHE STRING "Allow only the system calls that are needed (libseccomp): AUTO, ON or OFF")
set(ENIFLOW_METRICS_SERVER AUTO CACHE STRING "Serve metrics over HTTP (libmicrohttpd): AUTO, ON or OFF")
set(ENIFLOW_EBPF AUTO CACHE STRING "Meter in the kernel by eBPF (clang, bpftool, libbpf): AUTO, ON or OFF")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Release)
endif()

# The one set of flags; every room takes it from here.
add_library(eniflow_flags INTERFACE)
target_compile_definitions(eniflow_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(eniflow_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes
	-Wold-style-definition -Wvla -Wwrite-strings -Wpointer-arith -Wformat=2 -Wundef)
if(ENIFLOW_SANITIZE)
	target_compile_options(eniflow_flags INTERFACE -fsanitize=${ENIFLOW_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	target_link_options(eniflow_flags INTERFACE -fsanitize=${ENIFLOW_SANITIZE})
endif()
if(ENIFLOW_FUZZ)
	target_compile_options(eniflow_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(ENIFLOW_COVERAGE)
	target_compile_options(eniflow_flags INTERFACE --coverage)
	target_link_options(eniflow_flags INTERFACE --coverage)
endif()
