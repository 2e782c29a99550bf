/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http_private.h"

#include "base/grow.h"

#include <stdlib.h>

enum { FIELDS_FIRST = 16, AUTHORITY_MAX_BYTES = 262 };

/* What a byte may be part of. */
enum { TOKEN = 1, VALUE = 2, TARGET = 4, HOST = 8, LITERAL = 16 };

#define T (TOKEN | VALUE | TARGET)
#define V (VALUE | TARGET)
#define ALNUM (T | HOST)
#define HEX (T | HOST | LITERAL)
#define DIGITS HEX, HEX, HEX, HEX, HEX, HEX, HEX, HEX, HEX, HEX
#define LETTERS                                                                                    \
    HEX, HEX, HEX, HEX, HEX, HEX, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM,   \
        ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM, ALNUM

static const uint8_t CLASSES[128] = {
    /* clang-format off */
    ['\t'] = VALUE,
    [' '] = VALUE, ['!'] = T, ['"'] = V, ['#'] = T & ~TARGET, ['$'] = T, ['%'] = T, ['&'] = T,
    ['\''] = T, ['('] = V, [')'] = V, ['*'] = T, ['+'] = T, [','] = V, ['-'] = ALNUM,
    ['.'] = ALNUM | LITERAL, ['/'] = V, ['0'] = DIGITS, [':'] = V | LITERAL, [';'] = V, ['<'] = V,
    ['='] = V, ['>'] = V, ['?'] = V, ['@'] = V, ['A'] = LETTERS, ['['] = V, ['\\'] = VALUE,
    [']'] = V, ['^'] = T, ['_'] = ALNUM, ['`'] = T, ['a'] = LETTERS, ['{'] = V, ['|'] = T,
    ['}'] = V, ['~'] = T,
    /* clang-format on */
};

static bool all_are(struct cv_slice text, uint8_t class) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= sizeof CLASSES || !(CLASSES[text.data[i]] & class))
            return false;
    return true;
}

bool cv_http_is_token(struct cv_slice text) {
    return text.size > 0 && all_are(text, TOKEN);
}

bool cv_http_is_field_value(struct cv_slice text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < sizeof CLASSES && !(CLASSES[text.data[i]] & VALUE))
            return false;
    return true;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t';
}

struct cv_slice cv_http_trim(struct cv_slice text) {
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool cv_http_list_next(struct cv_slice *list, struct cv_slice *ret_element) {
    while (list->size > 0) {
        const uint8_t *comma = memchr(list->data, ',', list->size);
        size_t size = comma ? (size_t)(comma - list->data) : list->size;
        struct cv_slice element = cv_http_trim(cv_slice_of(list->data, size));
        size_t taken = comma ? size + 1 : size;
        *list = cv_slice_of(list->data + taken, list->size - taken);
        if (element.size > 0) {
            *ret_element = element;
            return true;
        }
    }
    return false;
}

bool cv_http_request_lists(const struct cv_http_request *request, const char *name,
                           const char *token) {
    for (size_t i = 0; i < request->field_count; i++) {
        struct cv_slice this_name, list, element;
        cv_http_request_field(request, i, &this_name, &list);
        if (!cv_slice_eq_str(this_name, name))
            continue;
        while (cv_http_list_next(&list, &element))
            if (cv_slice_eq_nocase(element, token))
                return true;
    }
    return false;
}

static bool is_port(struct cv_slice text) {
    unsigned port = 0;
    if (text.size == 0 || text.size > 5)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        port = port * 10 + (text.data[i] - '0');
    }
    return port <= UINT16_MAX;
}

bool cv_http_authority_is_valid(struct cv_slice authority) {
    if (authority.size == 0 || authority.size > AUTHORITY_MAX_BYTES)
        return false;
    struct cv_slice host = authority;
    const uint8_t *end = authority.data + authority.size, *colon;
    uint8_t class = HOST;
    if (authority.data[0] == '[') {
        const uint8_t *close = memchr(authority.data, ']', authority.size);
        if (!close)
            return false;
        host = cv_slice_of(authority.data + 1, (size_t)(close - authority.data) - 1);
        class = LITERAL;
        colon = close + 1;
        if (colon < end && *colon != ':')
            return false;
    } else {
        colon = memchr(authority.data, ':', authority.size);
        if (!colon)
            colon = end;
        host.size = (size_t)(colon - authority.data);
    }
    return host.size > 0 && all_are(host, class) &&
           (colon == end || is_port(cv_slice_of(colon + 1, (size_t)(end - colon) - 1)));
}

void cv_http_request_reset(struct cv_http_request *request) {
    struct cv_buf text = request->text;
    text.size = 0;
    *request = (struct cv_http_request){
        .text = text, .fields = request->fields, .field_capacity = request->field_capacity};
}

void cv_http_request_release(struct cv_http_request *request) {
    cv_buf_release(&request->text);
    free(request->fields);
    *request = (struct cv_http_request){0};
}

bool cv_http_method_parse(struct cv_slice text, enum cv_http_method *ret_method) {
    for (int i = 0; i < CV_HTTP_METHODS; i++) {
        if (cv_slice_eq_str(text, cv_http_method_name((enum cv_http_method)i))) {
            *ret_method = (enum cv_http_method)i;
            return true;
        }
    }
    return false;
}

enum cv_err cv_http_request_set_target(struct cv_http_request *request, struct cv_slice target) {
    if (target.size == 0 || target.data[0] != '/' || !all_are(target, TARGET))
        return CV_ERR_SYNTAX;
    request->text.size = 0;
    enum cv_err err = cv_buf_append(&request->text, target.data, target.size);
    if (err)
        return err;
    const uint8_t *mark = memchr(target.data, '?', target.size);
    request->path.size = mark ? (size_t)(mark - target.data) : target.size;
    request->query.size = mark ? target.size - request->path.size - 1 : 0;
    return CV_OK;
}

static enum cv_err reserve_field(struct cv_http_request *request, size_t max_count) {
    if (request->field_count >= max_count)
        return CV_ERR_LIMIT;
    struct cv_http_field *fields = cv_grow(request->fields, request->field_count,
                                           &request->field_capacity, sizeof *fields, FIELDS_FIRST);
    if (!fields)
        return CV_ERR_MEMORY;
    request->fields = fields;
    return CV_OK;
}

enum cv_err cv_http_request_add_field(struct cv_http_request *request,
                                      const struct cv_http_head_limits *limits,
                                      struct cv_slice name, struct cv_slice value) {
    if (!cv_http_is_token(name) || !cv_http_is_field_value(value))
        return CV_ERR_SYNTAX;
    size_t target_bytes = request->path.size + request->query.size + 1;
    if (request->text.size + name.size + value.size > target_bytes + limits->header_bytes)
        return CV_ERR_LIMIT;
    enum cv_err err = reserve_field(request, limits->header_count);
    if (!err)
        err = cv_buf_reserve(&request->text, name.size + value.size);
    if (err)
        return err;
    struct cv_http_field *field = &request->fields[request->field_count++];
    *field = (struct cv_http_field){
        .name = (uint32_t)request->text.size,
        .name_size = (uint32_t)name.size,
        .value = (uint32_t)(request->text.size + name.size),
        .value_size = (uint32_t)value.size,
    };
    uint8_t *out = request->text.data + request->text.size;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.data[i];
        out[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
    }
    if (value.size > 0)
        memcpy(out + name.size, value.data, value.size);
    request->text.size += name.size + value.size;
    return CV_OK;
}

void cv_http_request_finish_head(struct cv_http_request *request) {
    request->path.data = request->text.data;
    request->query.data = request->text.data + request->path.size + (request->query.size ? 1 : 0);
    if (!cv_http_request_header(request, "host", &request->authority))
        request->authority = cv_slice_of(request->text.data, 0);
}
