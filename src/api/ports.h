/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the REST interface needs from the process around it, beside the store: meetings that are
 * going on, and passwords hashed off the loop. Interfaces only; app/ implements them.
 */
#ifndef CV_API_PORTS_H
#define CV_API_PORTS_H

#include "api/secrets.h"
#include "meeting/command.h"
#include "port/store.h"

/* Runs once, on the loop, never inside the call that asked. */
typedef void cv_api_done_fn(void *context, enum cv_err err);

struct cv_api_meetings {
    void *context;
    /* How many are in now; 0 also for a meeting that isn't known. */
    size_t (*present)(void *context, const struct cv_id *meeting);
    /*
     * Applies a command of the owner (update, link revoked, end; `by` is empty) to the meeting as
     * it is, wherever that is, with more operations for the same batch. What the pointers lead to
     * must live until `done`, which runs when all is durable and those concerned have been told.
     * CV_ERR_NOT_FOUND, those of cv_meeting_apply, and of the operations.
     */
    void (*command)(void *context, const struct cv_id *meeting, const struct cv_command *command,
                    const struct cv_store_op *more, size_t more_count, cv_api_done_fn *done,
                    void *done_context);
    /*
     * Sessions of this account are gone from the store: `only` that one, or all but `except`; both
     * may be NULL. Whoever is in a meeting by one of them is put out of it.
     */
    void (*signed_out)(void *context, const struct cv_id *user, const struct cv_secret_hash *only,
                       const struct cv_secret_hash *except);
};

/* The same with an argon2id string. */
typedef void cv_api_hashed_fn(void *context, enum cv_err err, const char *hash);

/* Both take a copy of what they are given. CV_ERR_FULL: too much is waiting already. */
struct cv_api_passwords {
    void *context;
    enum cv_err (*hash)(void *context, struct cv_slice password, cv_api_hashed_fn *done,
                        void *done_context);
    /*
     * `done` gets CV_OK or CV_ERR_AUTH. An empty `hash` (no such account) takes as long as any
     * other and is never right.
     */
    enum cv_err (*verify)(void *context, struct cv_slice password, struct cv_slice hash,
                          cv_api_done_fn *done, void *done_context);
};

#endif
