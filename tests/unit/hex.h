/* SPDX-License-Identifier: Apache-2.0 */
/* Test vectors as hexadecimal text. */
#ifndef CV_TEST_HEX_H
#define CV_TEST_HEX_H

#include "test.h"

static inline unsigned cv_test_nibble(char c) {
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Lower case, spaces allowed between bytes; fails the test past `capacity`. Returns the size. */
static inline size_t cv_test_unhex(const char *text, uint8_t *data, size_t capacity) {
    size_t size = 0;
    for (; *text; text += *text == ' ' ? 1 : 2) {
        if (*text == ' ')
            continue;
        assert_true(size < capacity);
        data[size++] = (uint8_t)(cv_test_nibble(text[0]) << 4 | cv_test_nibble(text[1]));
    }
    return size;
}

#endif
