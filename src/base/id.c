/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

static bool is_id_char(uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool cv_id_chars(struct cv_slice text) {
    for (size_t i = 0; i < text.size; i++)
        if (!is_id_char(text.data[i]))
            return false;
    return true;
}

enum cv_err cv_id_parse(struct cv_slice text, struct cv_id *ret_id) {
    if (text.size >= CV_ID_BYTES)
        return CV_ERR_LIMIT;
    if (text.size == 0 || !cv_id_chars(text))
        return CV_ERR_SYNTAX;
    struct cv_id id = {{0}};
    memcpy(id.text, text.data, text.size);
    *ret_id = id;
    return CV_OK;
}
