/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes: a borrowed view (cv_slice), a growing buffer we own (cv_buf), and network byte order.
 * Nothing here knows of text encodings; see base/utf8.h and base/encode.h.
 */
#ifndef CV_BASE_BYTES_H
#define CV_BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of bytes that somebody else owns; {NULL, 0} is the empty view. */
struct cv_slice {
    const uint8_t *data;
    size_t size;
};

/* A view of a NUL-terminated string, without its NUL. */
static inline struct cv_slice cv_slice_str(const char *s) {
    return (struct cv_slice){(const uint8_t *)s, strlen(s)};
}

static inline struct cv_slice cv_slice_of(const void *data, size_t size) {
    return (struct cv_slice){data, size};
}

bool cv_slice_eq(struct cv_slice a, struct cv_slice b);
bool cv_slice_eq_str(struct cv_slice a, const char *s);
/* ASCII letters compare without case, other bytes as they are. */
bool cv_slice_eq_nocase(struct cv_slice a, const char *s);
/* Same bytes, in a time that depends on the sizes only: for tokens, hashes and tags. */
bool cv_slice_eq_secret(struct cv_slice a, struct cv_slice b);

/*
 * A growing buffer. Zero-initialised is valid and empty. `limit_bytes` 0 means no limit; past the
 * limit every append fails with CV_ERR_LIMIT and leaves the buffer as it was.
 */
struct cv_buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t limit_bytes;
};

enum cv_err cv_buf_reserve(struct cv_buf *buf, size_t extra_bytes);
enum cv_err cv_buf_append(struct cv_buf *buf, const void *data, size_t size);
enum cv_err cv_buf_append_str(struct cv_buf *buf, const char *s);
enum cv_err cv_buf_append_byte(struct cv_buf *buf, uint8_t byte);
enum cv_err cv_buf_printf(struct cv_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops the first `size` bytes (at most all) and moves the rest to the front. */
void cv_buf_consume(struct cv_buf *buf, size_t size);
/* NUL-terminates (the NUL is not counted in `size`) and returns the text; NULL without memory. */
const char *cv_buf_cstr(struct cv_buf *buf);
static inline struct cv_slice cv_buf_slice(const struct cv_buf *buf) {
    return (struct cv_slice){buf->data, buf->size};
}
static inline void cv_buf_clear(struct cv_buf *buf) {
    buf->size = 0;
}
/* Frees the memory; the buffer is empty and usable again. */
void cv_buf_release(struct cv_buf *buf);

/* Overwrites memory in a way that the compiler does not remove. */
void cv_wipe(void *data, size_t size);

/* Network byte order (big endian), at any alignment. */
static inline uint16_t cv_get_be16(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t cv_get_be24(const uint8_t *p) {
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}
static inline uint32_t cv_get_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t cv_get_be64(const uint8_t *p) {
    return (uint64_t)cv_get_be32(p) << 32 | cv_get_be32(p + 4);
}
static inline void cv_put_be16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void cv_put_be24(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 16);
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)v;
}
static inline void cv_put_be32(uint8_t *p, uint32_t v) {
    cv_put_be16(p, (uint16_t)(v >> 16));
    cv_put_be16(p + 2, (uint16_t)v);
}
static inline void cv_put_be64(uint8_t *p, uint64_t v) {
    cv_put_be32(p, (uint32_t)(v >> 32));
    cv_put_be32(p + 4, (uint32_t)v);
}

#endif
