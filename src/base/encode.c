/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encode64(const char *alphabet, const uint8_t *data, size_t size, char *text) {
    uint32_t bits = 0;
    unsigned count = 0;
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | data[i];
        count += 8;
        while (count >= 6) {
            count -= 6;
            text[out++] = alphabet[bits >> count & 63];
        }
    }
    if (count > 0)
        text[out++] = alphabet[bits << (6 - count) & 63];
    text[out] = '\0';
    return out;
}

void cv_base64url_encode(const uint8_t *data, size_t size, char *text) {
    encode64(url_alphabet, data, size, text);
}

void cv_base64_encode(const uint8_t *data, size_t size, char *text) {
    size_t out = encode64(standard_alphabet, data, size, text);
    while (out % 4 != 0)
        text[out++] = '=';
    text[out] = '\0';
}

static int url_value(uint8_t c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

enum cv_err cv_base64url_decode(struct cv_slice text, uint8_t *data, size_t capacity,
                                size_t *ret_size) {
    uint32_t bits = 0;
    unsigned count = 0;
    size_t out = 0;
    if (text.size % 4 == 1)
        return CV_ERR_SYNTAX;
    if (text.size / 4 * 3 + (text.size % 4 ? text.size % 4 - 1 : 0) > capacity)
        return CV_ERR_LIMIT;
    for (size_t i = 0; i < text.size; i++) {
        int value = url_value(text.data[i]);
        if (value < 0)
            return CV_ERR_SYNTAX;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            data[out++] = (uint8_t)(bits >> count);
        }
    }
    if ((bits & ((1u << count) - 1)) != 0)
        return CV_ERR_SYNTAX;
    *ret_size = out;
    return CV_OK;
}

void cv_hex_encode(const uint8_t *data, size_t size, char *text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 15];
    }
    text[2 * size] = '\0';
}
