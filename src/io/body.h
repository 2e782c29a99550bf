/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an answer on its way out: memory, or part of a file. */
#ifndef CV_IO_BODY_H
#define CV_IO_BODY_H

#include "base/bytes.h"

/* Zero-initialised with fd -1 is empty. */
struct cv_body {
    uint64_t left_bytes;
    const uint8_t *next; /* in memory; NULL: from the file */
    bool is_transient;   /* `next` points at memory of somebody's that is valid during this call */
    struct cv_buf owned;
    int fd; /* -1: none */
    uint64_t offset;
};

#define CV_BODY_EMPTY ((struct cv_body){.fd = -1})

/*
 * Reads the next bytes: at most `capacity`, and at least one while left_bytes > 0. CV_ERR_SYSTEM
 * when the file is shorter than was said or can't be read.
 */
enum cv_err cv_body_read(struct cv_body *body, uint8_t *data, size_t capacity, size_t *ret_size);

/* Copies what is transient, so that the body may be kept. CV_ERR_MEMORY. */
enum cv_err cv_body_own(struct cv_body *body);

/* Gives back what the body holds; it is empty then. */
void cv_body_release(struct cv_body *body);

#endif
