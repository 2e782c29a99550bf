/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http.h"

#include "base/utf8.h"
#include "io/http_private.h"

#include <stdio.h>
#include <time.h>

static const char *const METHODS[CV_HTTP_METHODS] = {
    [CV_HTTP_GET] = "GET",         [CV_HTTP_HEAD] = "HEAD",   [CV_HTTP_POST] = "POST",
    [CV_HTTP_PUT] = "PUT",         [CV_HTTP_PATCH] = "PATCH", [CV_HTTP_DELETE] = "DELETE",
    [CV_HTTP_OPTIONS] = "OPTIONS",
};

const char *cv_http_method_name(enum cv_http_method method) {
    return METHODS[method];
}

static struct cv_slice text_slice(const struct cv_http_request *request, uint32_t offset,
                                  uint32_t size) {
    return cv_slice_of(request->text.data + offset, size);
}

void cv_http_request_field(const struct cv_http_request *request, size_t index,
                           struct cv_slice *ret_name, struct cv_slice *ret_value) {
    const struct cv_http_field *field = &request->fields[index];
    *ret_name = text_slice(request, field->name, field->name_size);
    *ret_value = text_slice(request, field->value, field->value_size);
}

/* The next field of that name at or after *index, which then stands behind it. */
static bool next_field(const struct cv_http_request *request, const char *name, size_t *index,
                       struct cv_slice *ret_value) {
    size_t name_size = strlen(name);
    while (*index < request->field_count) {
        const struct cv_http_field *field = &request->fields[(*index)++];
        if (field->name_size == name_size &&
            memcmp(request->text.data + field->name, name, name_size) == 0) {
            *ret_value = text_slice(request, field->value, field->value_size);
            return true;
        }
    }
    return false;
}

bool cv_http_request_header(const struct cv_http_request *request, const char *name,
                            struct cv_slice *ret_value) {
    size_t index = 0;
    return next_field(request, name, &index, ret_value);
}

size_t cv_http_request_header_count(const struct cv_http_request *request, const char *name) {
    size_t count = 0, index = 0;
    struct cv_slice value;
    while (next_field(request, name, &index, &value))
        count++;
    return count;
}

/* Takes what stands before the first `separator` off the front of `rest`; false at the end. */
static bool next_part(struct cv_slice *rest, uint8_t separator, struct cv_slice *ret_part) {
    if (rest->size == 0)
        return false;
    const uint8_t *end = memchr(rest->data, separator, rest->size);
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    *ret_part = cv_slice_of(rest->data, size);
    size_t taken = end ? size + 1 : size;
    *rest = cv_slice_of(rest->data + taken, rest->size - taken);
    return true;
}

/* Splits "name=value"; without "=" the value is empty and `ret_has_value` false. */
static void split_pair(struct cv_slice pair, struct cv_slice *ret_name, struct cv_slice *ret_value,
                       bool *ret_has_value) {
    const uint8_t *equals = pair.size ? memchr(pair.data, '=', pair.size) : NULL;
    size_t name_size = equals ? (size_t)(equals - pair.data) : pair.size;
    *ret_has_value = equals != NULL;
    *ret_name = cv_slice_of(pair.data, name_size);
    *ret_value = equals ? cv_slice_of(equals + 1, pair.size - name_size - 1)
                        : cv_slice_of(pair.data + pair.size, 0);
}

bool cv_http_request_cookie(const struct cv_http_request *request, const char *name,
                            struct cv_slice *ret_value) {
    size_t index = 0, found = 0;
    struct cv_slice header, pair, value = {NULL, 0};
    while (next_field(request, "cookie", &index, &header)) {
        while (next_part(&header, ';', &pair)) {
            struct cv_slice this_name, this_value;
            bool has_value;
            split_pair(cv_http_trim(pair), &this_name, &this_value, &has_value);
            if (has_value && cv_slice_eq_str(this_name, name)) {
                value = this_value;
                found++;
            }
        }
    }
    if (found != 1)
        return false;
    *ret_value = value;
    return true;
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static enum cv_err append_decoded(struct cv_slice text, struct cv_buf *out) {
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i] == '+' ? ' ' : text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
            if (low < 0)
                return CV_ERR_SYNTAX;
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        enum cv_err err = cv_buf_append_byte(out, c);
        if (err)
            return err;
    }
    return CV_OK;
}

enum cv_err cv_http_query_get(struct cv_slice query, const char *name, struct cv_buf *value) {
    struct cv_slice pair, found = {NULL, 0};
    size_t count = 0;
    while (next_part(&query, '&', &pair)) {
        struct cv_slice this_name, this_value;
        bool has_value;
        split_pair(pair, &this_name, &this_value, &has_value);
        if (cv_slice_eq_str(this_name, name)) {
            found = this_value;
            count++;
        }
    }
    if (count == 0)
        return CV_ERR_NOT_FOUND;
    if (count > 1)
        return CV_ERR_SYNTAX;
    size_t before = value->size;
    enum cv_err err = append_decoded(found, value);
    if (!err && !cv_utf8_valid(cv_slice_of(value->data + before, value->size - before)))
        err = CV_ERR_SYNTAX;
    if (err)
        value->size = before;
    return err;
}

bool cv_http_request_bearer(const struct cv_http_request *request, struct cv_slice *ret_token) {
    static const char SCHEME[] = "bearer ";
    size_t scheme_size = sizeof SCHEME - 1;
    struct cv_slice value;
    if (cv_http_request_header_count(request, "authorization") != 1 ||
        !cv_http_request_header(request, "authorization", &value) || value.size <= scheme_size ||
        !cv_slice_eq_nocase(cv_slice_of(value.data, scheme_size), SCHEME))
        return false;
    *ret_token = cv_http_trim(cv_slice_of(value.data + scheme_size, value.size - scheme_size));
    return ret_token->size > 0;
}

bool cv_http_request_has_type(const struct cv_http_request *request, const char *type) {
    struct cv_slice value, media_type;
    return cv_http_request_header_count(request, "content-type") == 1 &&
           cv_http_request_header(request, "content-type", &value) &&
           next_part(&value, ';', &media_type) &&
           cv_slice_eq_nocase(cv_http_trim(media_type), type);
}

bool cv_http_request_origin_is_own(const struct cv_http_request *request, bool absent_is_own) {
    const char *scheme = request->is_secure ? "https://" : "http://";
    size_t scheme_size = strlen(scheme), count = cv_http_request_header_count(request, "origin");
    struct cv_slice origin;
    if (count == 0)
        return absent_is_own;
    if (count > 1 || !cv_http_request_header(request, "origin", &origin) ||
        origin.size != scheme_size + request->authority.size ||
        memcmp(origin.data, scheme, scheme_size) != 0)
        return false;
    for (size_t i = 0; i < request->authority.size; i++) {
        /* Browsers send the host in lower case; Host may have been typed otherwise. */
        uint8_t c = request->authority.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c + ('a' - 'A'));
        if (origin.data[scheme_size + i] != c)
            return false;
    }
    return request->authority.size > 0;
}

const char *cv_http_status_text(int status) {
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {425, "Too Early"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Status";
}

void cv_http_date(int64_t at_us, char text[static CV_HTTP_DATE_BYTES]) {
    /* Not strftime: its names follow the locale. */
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at_us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    snprintf(text, CV_HTTP_DATE_BYTES, "%s, %02u %s %04u %02u:%02u:%02u GMT",
             days[(unsigned)tm.tm_wday % 7], (unsigned)tm.tm_mday % 100,
             months[(unsigned)tm.tm_mon % 12], (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}
