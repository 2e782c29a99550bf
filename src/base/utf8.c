/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

/* Takes one code point off the front; false on malformed input. */
static bool take_code_point(struct cv_slice *text, uint32_t *ret_code) {
    uint8_t first = text->data[0];
    size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;
    if (size == 4 && first >> 3 != 30)
        return false;
    if (text->size < size)
        return false;
    static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = first & lead_mask[size];
    for (size_t i = 1; i < size; i++) {
        if (text->data[i] >> 6 != 2)
            return false;
        code = code << 6 | (text->data[i] & 0x3f);
    }
    if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return false;
    text->data += size;
    text->size -= size;
    *ret_code = code;
    return true;
}

bool cv_utf8_valid(struct cv_slice text) {
    uint32_t code;
    while (text.size > 0)
        if (!take_code_point(&text, &code))
            return false;
    return true;
}

static bool unfit_for_label(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xfeff;
}

/* White space, fillers, joiners, variation selectors and tags: alone, they show nothing. */
static bool is_blank(uint32_t code) {
    static const uint32_t ranges[][2] = {
        {0x20, 0x20},     {0xa0, 0xa0},     {0xad, 0xad},       {0x34f, 0x34f},
        {0x61c, 0x61c},   {0x115f, 0x1160}, {0x1680, 0x1680},   {0x17b4, 0x17b5},
        {0x180b, 0x180f}, {0x2000, 0x200f}, {0x202f, 0x202f},   {0x205f, 0x2065},
        {0x206a, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},
        {0xfe00, 0xfe0f}, {0xffa0, 0xffa0}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

enum cv_err cv_utf8_check_label(struct cv_slice text, size_t max_chars) {
    uint32_t code;
    size_t chars = 0;
    bool shows = text.size == 0;
    while (text.size > 0) {
        if (!take_code_point(&text, &code) || unfit_for_label(code))
            return CV_ERR_SYNTAX;
        if (++chars > max_chars)
            return CV_ERR_LIMIT;
        shows |= !is_blank(code);
    }
    return shows ? CV_OK : CV_ERR_SYNTAX;
}
