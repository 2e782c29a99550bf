/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of a thing (a meeting, a participant, a link, an account): a short text of URL-safe
 * characters, held by value so that records and events can be copied freely. The empty id names
 * nothing. Ids are not secrets; tokens and keys never go in one.
 */
#ifndef CV_BASE_ID_H
#define CV_BASE_ID_H

#include "base/bytes.h"

enum { CV_ID_BYTES = 32 /* with the NUL: a letter and 128 random bits in base64url fit */ };

/* Zero-initialised is the empty id. The bytes after the NUL are zero, so equal ids are equal. */
struct cv_id {
    char text[CV_ID_BYTES];
};

/*
 * 1 to 31 characters of `A-Z a-z 0-9 _ -`. CV_ERR_SYNTAX for other characters and the empty text,
 * CV_ERR_LIMIT for a longer one.
 */
enum cv_err cv_id_parse(struct cv_slice text, struct cv_id *ret_id);

/* Whether all of it are those characters; the empty text passes. */
bool cv_id_chars(struct cv_slice text);

static inline bool cv_id_eq(const struct cv_id *a, const struct cv_id *b) {
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}

static inline bool cv_id_empty(const struct cv_id *id) {
    return id->text[0] == '\0';
}

/* For a cv_map: all of the bytes. */
static inline struct cv_slice cv_id_key(const struct cv_id *id) {
    return cv_slice_of(id->text, sizeof id->text);
}

#endif
