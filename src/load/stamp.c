/* SPDX-License-Identifier: Apache-2.0 */
#include "load/stamp.h"

enum { OFFSETS = 256, FILL_BYTES = CV_STAMP_MAX_PAYLOAD + OFFSETS };

/* The same bytes in every run: a linear congruential generator (Numerical Recipes' constants). */
static const uint8_t *fill_bytes(const struct cv_stamp *stamp) {
    static uint8_t bytes[FILL_BYTES];
    static bool made;
    if (!made) {
        uint32_t state = 1;
        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(state >> 24);
        }
        made = true;
    }
    return bytes + (stamp->sender * 31 + stamp->number) % OFFSETS;
}

static bool is_size(size_t size) {
    return size >= CV_STAMP_MIN_PAYLOAD && size <= CV_STAMP_MAX_PAYLOAD;
}

void cv_stamp_write(const struct cv_stamp *stamp, uint8_t *payload, size_t size) {
    if (!is_size(size))
        return;
    uint8_t *end = payload + size - CV_STAMP_BYTES;
    memcpy(payload + CV_STAMP_LEAD_BYTES, fill_bytes(stamp), size - CV_STAMP_MIN_PAYLOAD);
    cv_put_be32(end, stamp->sender);
    cv_put_be32(end + 4, stamp->number);
    cv_put_be64(end + 8, (uint64_t)stamp->sent_us);
}

enum cv_err cv_stamp_read(struct cv_slice payload, struct cv_stamp *ret_stamp) {
    if (!is_size(payload.size))
        return CV_ERR_SYNTAX;
    const uint8_t *end = payload.data + payload.size - CV_STAMP_BYTES;
    struct cv_stamp stamp = {.sender = cv_get_be32(end),
                             .number = cv_get_be32(end + 4),
                             .sent_us = (int64_t)cv_get_be64(end + 8)};
    if (memcmp(payload.data + CV_STAMP_LEAD_BYTES, fill_bytes(&stamp),
               payload.size - CV_STAMP_MIN_PAYLOAD) != 0)
        return CV_ERR_AUTH;
    *ret_stamp = stamp;
    return CV_OK;
}
