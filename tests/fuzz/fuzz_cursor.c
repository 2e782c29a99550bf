/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors of lists come back from clients: whatever decodes must be usable, and encode the same. */
#include "store/cursor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_cursor cursor;
    if (cv_cursor_decode(cv_slice_of(data, size), &cursor))
        return 0;
    struct cv_arena arena = {0};
    struct cv_slice text;
    bool same = cursor.at_us >= 0 && strlen(cursor.id) < sizeof cursor.id &&
                cv_cursor_encode(&cursor, &arena, &text) == CV_OK &&
                cv_slice_eq(text, cv_slice_of(data, size));
    if (!same)
        abort();
    cv_arena_release(&arena);
    return 0;
}
