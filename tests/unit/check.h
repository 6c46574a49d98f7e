/* tests/unit/check.h - cmocka with what it wants included before it. */
#ifndef ENIFLOW_TESTS_UNIT_CHECK_H
#define ENIFLOW_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* flow/error.h has a function of that name. What cmocka's fail_msg() did with it stays. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error("ERROR: " __VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

/* A test that is named as its function. */
#define TEST(function) cmocka_unit_test(function)

#endif
