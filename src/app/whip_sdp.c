/* SPDX-License-Identifier: Apache-2.0 */
#include "app/whip_sdp.h"

enum { UFRAG_MIN = 4, PWD_MIN = 22, CREDENTIAL_MAX = 256 };

/* Takes the first line off `text`, without its end; false at the end. */
static bool next_line(struct cv_slice *text, struct cv_slice *ret_line) {
    if (!text->size) {
        return false;
    }
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    size_t used = size + (end != NULL);
    *ret_line = cv_slice_of(text->data, size);
    if (size && text->data[size - 1] == '\r') {
        ret_line->size--;
    }
    *text = cv_slice_of(text->data + used, text->size - used);
    return true;
}

static bool starts(struct cv_slice line, const char *prefix) {
    size_t size = strlen(prefix);
    return line.size >= size && !memcmp(line.data, prefix, size);
}

static struct cv_slice after(struct cv_slice line, const char *prefix) {
    size_t size = strlen(prefix);
    return cv_slice_of(line.data + size, line.size - size);
}

struct cv_media cv_whip_media(struct cv_slice offer) {
    struct cv_media media = {0};
    struct cv_slice line;
    while (next_line(&offer, &line)) {
        if (starts(line, "m=audio ")) {
            media.audio = true;
        } else if (starts(line, "m=video ")) {
            media.screen = media.video;
            media.video = true;
        }
    }
    return media;
}

static bool are_ice_chars(struct cv_slice text, size_t min) {
    if (text.size < min || text.size > CREDENTIAL_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && c != '+' && c != '/') {
            return false;
        }
    }
    return true;
}

enum cv_err cv_whip_credentials(struct cv_slice fragment, struct cv_slice *ret_ufrag,
                                struct cv_slice *ret_pwd) {
    struct cv_slice line;
    struct cv_slice ufrag = {NULL, 0};
    struct cv_slice pwd = {NULL, 0};
    while (next_line(&fragment, &line)) {
        if (!ufrag.data && starts(line, "a=ice-ufrag:")) {
            ufrag = after(line, "a=ice-ufrag:");
        } else if (!pwd.data && starts(line, "a=ice-pwd:")) {
            pwd = after(line, "a=ice-pwd:");
        }
    }
    if (!ufrag.data || !pwd.data) {
        return CV_ERR_NOT_FOUND;
    }
    if (!are_ice_chars(ufrag, UFRAG_MIN) || !are_ice_chars(pwd, PWD_MIN)) {
        return CV_ERR_SYNTAX;
    }
    *ret_ufrag = ufrag;
    *ret_pwd = pwd;
    return CV_OK;
}
