/* SPDX-License-Identifier: Apache-2.0 */
/* A batch on its way through a store: the answer that becomes of it, and all memory of both. */
#ifndef CV_STORE_REQUEST_H
#define CV_STORE_REQUEST_H

#include "store/shape.h"

enum { CV_REQUEST_MESSAGE_BYTES = 192 };

struct cv_request {
    struct cv_store_answer answer; /* the first member */
    struct cv_list queue_item;     /* while it waits in the store */
    const struct cv_store_op *ops;
    struct cv_store_result *results;
    size_t size_bytes; /* of the batch, for the limit of the queue */
    bool writes;
    bool erases;
    char message[CV_REQUEST_MESSAGE_BYTES];
    struct cv_arena input;
    struct cv_arena output;
};

/* Checks and copies a batch: the errors of cv_store_submit but CV_ERR_FULL. */
enum cv_err cv_request_new(const struct cv_store_op *ops, size_t count, cv_store_done_fn *done,
                           void *context, struct cv_request **ret_request);
struct cv_request *cv_request_free(struct cv_request *request);

/* Back to the beginning: no results, no error. */
void cv_request_reset(struct cv_request *request);

/* Notes what the operation at `index` failed with; `message` may be NULL. */
void cv_request_fail(struct cv_request *request, size_t index, enum cv_err err,
                     enum cv_store_fault fault, const char *message);

#endif
