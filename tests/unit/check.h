/* tests/unit/check.h - cmocka with what it wants included before it. */
#ifndef ENIFLOW_TESTS_UNIT_CHECK_H
#define ENIFLOW_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A test that is named as its function. */
#define TEST(function) cmocka_unit_test(function)

#endif
