/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka, after the headers that it needs. */
#ifndef CV_TEST_H
#define CV_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
