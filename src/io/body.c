/* SPDX-License-Identifier: Apache-2.0 */
#include "io/body.h"

#include <unistd.h>

enum cv_err cv_body_read(struct cv_body *body, uint8_t *data, size_t capacity, size_t *ret_size) {
    size_t size = body->left_bytes < capacity ? (size_t)body->left_bytes : capacity;
    if (body->next && size > 0) {
        memcpy(data, body->next, size);
        body->next += size;
    } else if (size > 0) {
        ssize_t got = pread(body->fd, data, size, (off_t)body->offset);
        if (got <= 0)
            return CV_ERR_SYSTEM;
        size = (size_t)got;
        body->offset += size;
    }
    body->left_bytes -= size;
    *ret_size = size;
    return CV_OK;
}

enum cv_err cv_body_own(struct cv_body *body) {
    if (!body->is_transient)
        return CV_OK;
    enum cv_err err = cv_buf_append(&body->owned, body->next, (size_t)body->left_bytes);
    if (err)
        return err;
    body->next = body->owned.data;
    body->is_transient = false;
    return CV_OK;
}

void cv_body_release(struct cv_body *body) {
    if (body->fd >= 0)
        close(body->fd);
    cv_buf_release(&body->owned);
    *body = CV_BODY_EMPTY;
}
