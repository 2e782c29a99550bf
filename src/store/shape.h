/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes: what the structs of port/store.h look like, as data. One table for each struct lets one
 * piece of code check and copy any operation, bind it to SQL by the names of its parameters, and
 * read any row by the names of its columns.
 */
#ifndef CV_STORE_SHAPE_H
#define CV_STORE_SHAPE_H

#include "base/arena.h"
#include "port/store.h"

enum cv_field_type {
    CV_FIELD_TEXT,   /* struct cv_slice; UTF-8 */
    CV_FIELD_BLOB,   /* struct cv_slice */
    CV_FIELD_HASH,   /* struct cv_slice of CV_STORE_HASH_BYTES */
    CV_FIELD_CURSOR, /* struct cv_slice: encoded from the caller, decoded once it is copied */
    CV_FIELD_ID,     /* struct cv_id */
    CV_FIELD_CHARS,  /* char[], NUL-terminated; `max` is without the NUL */
    CV_FIELD_TIME,   /* int64_t; 0 is absent */
    CV_FIELD_COARSE, /* the same, rounded down to CV_STORE_COARSE_US when it is copied */
    CV_FIELD_END,    /* int64_t; CV_TIME_NEVER is absent */
    CV_FIELD_INT64,
    CV_FIELD_INT32, /* 1 to `max` */
    CV_FIELD_UINT32,
    CV_FIELD_DOUBLE, /* finite */
    CV_FIELD_BOOL,
    CV_FIELD_ENUM,   /* below `max`; stored by name; the name "" is absent */
    CV_FIELD_STRUCT, /* of `shape` */
};

struct cv_shape;

struct cv_field {
    const char *name;
    enum cv_field_type type;
    bool required; /* of inputs */
    uint16_t offset;
    uint16_t max;
    const char *(*enum_name)(unsigned value);
    const struct cv_shape *shape;
};

struct cv_shape {
    const struct cv_field *fields;
    size_t count;
    size_t size; /* of the struct */
};

/* A participant with all that the store knows of them. */
struct cv_stay {
    struct cv_id meeting;
    struct cv_participant_record participant;
    struct cv_store_attachment attachment;
};

extern const struct cv_shape cv_shape_user, cv_shape_session, cv_shape_meeting, cv_shape_link,
    cv_shape_participant, cv_shape_attachment, cv_shape_stay, cv_shape_block, cv_shape_mode,
    cv_shape_connection, cv_shape_stats, cv_shape_record;

/* Results that are more than one of these. */
extern const struct cv_shape cv_shape_found_session, cv_shape_found_link, cv_shape_user_count,
    cv_shape_idempotency;

/* Of an operation: `input` has its offsets from struct cv_store_op. NULL for an unknown kind. */
struct cv_op_shape {
    struct cv_shape input;
    bool writes;
    bool erases; /* the bytes must be gone from the files when it is answered */
};
const struct cv_op_shape *cv_op_shape(enum cv_store_op_kind kind);

/*
 * The field that a parameter or column names, and its offset from the outermost struct: a field of
 * the struct itself, else of a struct in it, whose name may stand before ("user_id"). NULL: none.
 */
const struct cv_field *cv_shape_find(const struct cv_shape *shape, const char *name,
                                     size_t *ret_offset);

/* CV_ERR_RANGE, or CV_ERR_SYNTAX for a cursor; see port/store.h. `base` is the outermost struct. */
enum cv_err cv_shape_check(const struct cv_shape *shape, const void *base);

/*
 * Makes a shallow copy of a struct independent of the original: every slice in it gets a copy in
 * the arena. CV_ERR_MEMORY leaves `base` unusable.
 */
enum cv_err cv_shape_own(const struct cv_shape *shape, void *base, struct cv_arena *arena);

#endif
