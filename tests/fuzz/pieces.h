/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For parsers of a stream: however it is cut into pieces, they must read the same. The first byte
 * of the input says how one of two runs is cut; the other takes all of it at once.
 */
#ifndef CV_FUZZ_PIECES_H
#define CV_FUZZ_PIECES_H

#include "base/bytes.h"

#include <stdlib.h>

/* Parses in pieces of `step` bytes and writes down what came of it. */
typedef struct cv_buf fuzz_run_fn(const uint8_t *data, size_t size, size_t step);

/* The piece at `at`. */
static inline struct cv_slice fuzz_piece(const uint8_t *data, size_t size, size_t at, size_t step) {
    return cv_slice_of(data + at, size - at < step ? size - at : step);
}

static inline void fuzz_pieces(fuzz_run_fn *run, const uint8_t *data, size_t size) {
    if (size < 2)
        return;
    struct cv_buf whole = run(data + 1, size - 1, size);
    struct cv_buf cut = run(data + 1, size - 1, (size_t)data[0] % 16 + 1);
    if (!cv_slice_eq(cv_buf_slice(&whole), cv_buf_slice(&cut)))
        abort();
    cv_buf_release(&whole);
    cv_buf_release(&cut);
}

#endif
