/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a page of a list ended, in the order of that list: a time, then an id (or the folded e-mail
 * of an account), then a number. For callers it is an opaque text. It is not secret and not
 * trusted: a made-up one lists from another place, of the same owner's entries.
 */
#ifndef CV_STORE_CURSOR_H
#define CV_STORE_CURSOR_H

#include "base/arena.h"
#include "port/store.h"

struct cv_cursor {
    int64_t at_us;
    uint32_t number;
    char id[CV_STORE_EMAIL_MAX_BYTES + 1]; /* NUL-terminated UTF-8 */
};

/* CV_ERR_SYNTAX */
enum cv_err cv_cursor_decode(struct cv_slice text, struct cv_cursor *ret_cursor);
/* CV_ERR_MEMORY */
enum cv_err cv_cursor_encode(const struct cv_cursor *cursor, struct cv_arena *arena,
                             struct cv_slice *ret_text);

/* Where an entry stands in its list. */
struct cv_cursor cv_cursor_of_meeting(const struct cv_meeting_record *meeting);
struct cv_cursor cv_cursor_of_record(const struct cv_store_record *record);

/* ASCII letters to lower case: how e-mail addresses compare. `ret_folded` is NUL-terminated. */
void cv_fold_email(struct cv_slice email, char ret_folded[static CV_STORE_EMAIL_MAX_BYTES + 1]);

#endif
