/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_MIN_BYTES = 64 };

static uint8_t ascii_lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool cv_slice_eq(struct cv_slice a, struct cv_slice b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool cv_slice_eq_str(struct cv_slice a, const char *s) {
    return cv_slice_eq(a, cv_slice_str(s));
}

bool cv_slice_eq_nocase(struct cv_slice a, const char *s) {
    struct cv_slice b = cv_slice_str(s);
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

bool cv_slice_eq_secret(struct cv_slice a, struct cv_slice b) {
    if (a.size != b.size)
        return false;
    volatile uint8_t diff = 0;
    for (size_t i = 0; i < a.size; i++)
        diff = (uint8_t)(diff | (a.data[i] ^ b.data[i]));
    return diff == 0;
}

enum cv_err cv_buf_reserve(struct cv_buf *buf, size_t extra_bytes) {
    if (extra_bytes > SIZE_MAX / 2 - buf->size)
        return CV_ERR_LIMIT;
    size_t need = buf->size + extra_bytes;
    if (buf->limit_bytes != 0 && need > buf->limit_bytes)
        return CV_ERR_LIMIT;
    if (need <= buf->capacity)
        return CV_OK;
    size_t capacity = buf->capacity ? buf->capacity : BUF_MIN_BYTES;
    while (capacity < need)
        capacity *= 2;
    uint8_t *data = realloc(buf->data, capacity);
    if (!data)
        return CV_ERR_MEMORY;
    buf->data = data;
    buf->capacity = capacity;
    return CV_OK;
}

enum cv_err cv_buf_append(struct cv_buf *buf, const void *data, size_t size) {
    enum cv_err err = cv_buf_reserve(buf, size);
    if (err)
        return err;
    if (size > 0)
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    return CV_OK;
}

enum cv_err cv_buf_append_str(struct cv_buf *buf, const char *s) {
    return cv_buf_append(buf, s, strlen(s));
}

enum cv_err cv_buf_append_byte(struct cv_buf *buf, uint8_t byte) {
    return cv_buf_append(buf, &byte, 1);
}

enum cv_err cv_buf_printf(struct cv_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size < 0)
        return CV_ERR_INTERNAL;
    enum cv_err err = cv_buf_reserve(buf, (size_t)size);
    if (err)
        return err;
    /* vsnprintf writes a NUL past the text: one spare byte outside the peer-visible limit. */
    size_t limit_bytes = buf->limit_bytes;
    buf->limit_bytes = 0;
    err = cv_buf_reserve(buf, (size_t)size + 1);
    buf->limit_bytes = limit_bytes;
    if (err)
        return err;
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->size, (size_t)size + 1, format, args);
    va_end(args);
    buf->size += (size_t)size;
    return CV_OK;
}

void cv_buf_consume(struct cv_buf *buf, size_t size) {
    if (size > buf->size)
        size = buf->size;
    if (size == 0)
        return;
    memmove(buf->data, buf->data + size, buf->size - size);
    buf->size -= size;
}

const char *cv_buf_cstr(struct cv_buf *buf) {
    size_t limit_bytes = buf->limit_bytes;
    buf->limit_bytes = 0;
    enum cv_err err = cv_buf_reserve(buf, 1);
    buf->limit_bytes = limit_bytes;
    if (err)
        return NULL;
    buf->data[buf->size] = '\0';
    return (const char *)buf->data;
}

void cv_buf_release(struct cv_buf *buf) {
    free(buf->data);
    buf->data = NULL;
    buf->size = 0;
    buf->capacity = 0;
}

void cv_wipe(void *data, size_t size) {
    if (size > 0)
        explicit_bzero(data, size);
}
