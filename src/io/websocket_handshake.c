/* SPDX-License-Identifier: Apache-2.0 */
#include "io/websocket_handshake.h"

#include "base/encode.h"
#include "io/http_private.h"
#include "io/websocket.h"

#include <openssl/evp.h>

enum { KEY_CHARS = 24, SHA1_BYTES = 20 };

/* 16 bytes in base64 are 22 characters and "==". */
static bool is_key(struct cv_slice key) {
    if (key.size != KEY_CHARS || memcmp(key.data + KEY_CHARS - 2, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < KEY_CHARS - 2; i++) {
        uint8_t c = key.data[i], lower = c | 0x20;
        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return false;
    }
    return true;
}

enum cv_websocket_check cv_websocket_check_request(const struct cv_http_request *request) {
    struct cv_slice version, key;
    if (!cv_http_request_lists(request, "upgrade", "websocket"))
        return CV_WEBSOCKET_NOT_ASKED;
    if (request->method != CV_HTTP_GET || request->version != CV_HTTP_1_1 ||
        !cv_http_request_lists(request, "connection", "upgrade") ||
        cv_http_request_header_count(request, "sec-websocket-version") != 1 ||
        cv_http_request_header_count(request, "sec-websocket-key") != 1)
        return CV_WEBSOCKET_MALFORMED;
    cv_http_request_header(request, "sec-websocket-version", &version);
    cv_http_request_header(request, "sec-websocket-key", &key);
    if (!cv_slice_eq_str(version, "13"))
        return CV_WEBSOCKET_WRONG_VERSION;
    return is_key(key) ? CV_WEBSOCKET_VALID : CV_WEBSOCKET_MALFORMED;
}

bool cv_websocket_offers(const struct cv_http_request *request, const char *protocol) {
    for (size_t i = 0; i < request->field_count; i++) {
        struct cv_slice name, list, element;
        cv_http_request_field(request, i, &name, &list);
        if (!cv_slice_eq_str(name, "sec-websocket-protocol"))
            continue;
        while (cv_http_list_next(&list, &element))
            if (cv_slice_eq_str(element, protocol)) /* case counts: RFC 6455 section 4.1 */
                return true;
    }
    return false;
}

static bool accept_key(struct cv_slice key, char text[static CV_BASE64_SIZE(SHA1_BYTES) + 1]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t input[KEY_CHARS + sizeof guid - 1], hash[EVP_MAX_MD_SIZE];
    memcpy(input, key.data, KEY_CHARS);
    memcpy(input + KEY_CHARS, guid, sizeof guid - 1);
    if (EVP_Digest(input, sizeof input, hash, NULL, EVP_sha1(), NULL) != 1)
        return false;
    cv_base64_encode(hash, SHA1_BYTES, text);
    return true;
}

enum cv_err cv_websocket_accept_head(const struct cv_http_request *request, const char *protocol,
                                     const char *date, struct cv_buf *out) {
    char accept[CV_BASE64_SIZE(SHA1_BYTES) + 1];
    struct cv_slice key;
    if (!cv_http_request_header(request, "sec-websocket-key", &key) || !accept_key(key, accept))
        return CV_ERR_CRYPTO;
    enum cv_err err = cv_buf_printf(out,
                                    "HTTP/1.1 101 Switching Protocols\r\n"
                                    "date: %s\r\n"
                                    "upgrade: websocket\r\n"
                                    "connection: Upgrade\r\n"
                                    "sec-websocket-accept: %s\r\n",
                                    date, accept);
    if (!err && protocol)
        err = cv_buf_printf(out, "sec-websocket-protocol: %s\r\n", protocol);
    return err ? err : cv_buf_append(out, "\r\n", 2);
}
