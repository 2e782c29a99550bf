/* SPDX-License-Identifier: Apache-2.0 */
/* Binary to text and back: base64url without padding (RFC 4648 section 5), base64, hex. */
#ifndef CV_BASE_ENCODE_H
#define CV_BASE_ENCODE_H

#include "base/bytes.h"

/* Characters of the encoding, without the NUL. */
#define CV_BASE64URL_SIZE(bytes) (((bytes)*8 + 5) / 6)
#define CV_BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4)

/* `text` holds CV_BASE64URL_SIZE(size) + 1 bytes and is NUL-terminated. */
void cv_base64url_encode(const uint8_t *data, size_t size, char *text);

/*
 * Strict: no padding, no white space, no spare bits set (so an encoding is unique).
 * `data` holds `capacity` bytes; *ret_size is set on success only.
 */
enum cv_err cv_base64url_decode(struct cv_slice text, uint8_t *data, size_t capacity,
                                size_t *ret_size);

/* Standard alphabet, padded. `text` holds CV_BASE64_SIZE(size) + 1 bytes. */
void cv_base64_encode(const uint8_t *data, size_t size, char *text);

/* Lower case. `text` holds 2 * size + 1 bytes. */
void cv_hex_encode(const uint8_t *data, size_t size, char *text);

#endif
