/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cursor.h"

#include "base/encode.h"
#include "base/utf8.h"

/* On the wire: time (8 bytes), number (4), id without its NUL. */
enum { HEAD_BYTES = 12, RAW_MAX_BYTES = HEAD_BYTES + CV_STORE_EMAIL_MAX_BYTES };

enum cv_err cv_cursor_decode(struct cv_slice text, struct cv_cursor *ret_cursor) {
    uint8_t raw[RAW_MAX_BYTES];
    size_t size;
    if (cv_base64url_decode(text, raw, sizeof raw, &size) || size < HEAD_BYTES)
        return CV_ERR_SYNTAX;
    struct cv_slice id = cv_slice_of(raw + HEAD_BYTES, size - HEAD_BYTES);
    uint64_t at_us = cv_get_be64(raw);
    if (at_us > INT64_MAX || memchr(id.data, 0, id.size) || !cv_utf8_valid(id))
        return CV_ERR_SYNTAX;
    *ret_cursor = (struct cv_cursor){.at_us = (int64_t)at_us, .number = cv_get_be32(raw + 8)};
    memcpy(ret_cursor->id, id.data, id.size);
    return CV_OK;
}

enum cv_err cv_cursor_encode(const struct cv_cursor *cursor, struct cv_arena *arena,
                             struct cv_slice *ret_text) {
    uint8_t raw[RAW_MAX_BYTES];
    size_t id_bytes = strlen(cursor->id);
    cv_put_be64(raw, (uint64_t)cursor->at_us);
    cv_put_be32(raw + 8, cursor->number);
    memcpy(raw + HEAD_BYTES, cursor->id, id_bytes);
    size_t size = HEAD_BYTES + id_bytes;
    char *text = cv_arena_alloc(arena, CV_BASE64URL_SIZE(size) + 1);
    if (!text)
        return CV_ERR_MEMORY;
    cv_base64url_encode(raw, size, text);
    *ret_text = cv_slice_str(text);
    return CV_OK;
}

struct cv_cursor cv_cursor_of_meeting(const struct cv_meeting_record *meeting) {
    int64_t starts_at_us = meeting->schedule.starts_at_us;
    struct cv_cursor cursor = {.at_us =
                                   starts_at_us ? starts_at_us : meeting->schedule.created_at_us};
    memcpy(cursor.id, meeting->id.text, sizeof meeting->id.text);
    return cursor;
}

struct cv_cursor cv_cursor_of_record(const struct cv_store_record *record) {
    struct cv_cursor cursor = {.at_us = record->started_at_us, .number = record->session};
    memcpy(cursor.id, record->meeting.text, sizeof record->meeting.text);
    return cursor;
}

void cv_fold_email(struct cv_slice email, char ret_folded[static CV_STORE_EMAIL_MAX_BYTES + 1]) {
    size_t size = email.size > CV_STORE_EMAIL_MAX_BYTES ? CV_STORE_EMAIL_MAX_BYTES : email.size;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = email.data[i];
        ret_folded[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    ret_folded[size] = '\0';
}
