/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shape.h"

#include "base/utf8.h"
#include "store/cursor.h"

#include <math.h>

/* A field of the struct that `prefix` names: itself, or one inside it. */
static const struct cv_field *find_prefixed(const struct cv_field *outer, const char *name,
                                            size_t *ret_offset) {
    size_t length = strlen(outer->name);
    if (strncmp(name, outer->name, length) != 0 || name[length] != '_')
        return NULL;
    return cv_shape_find(outer->shape, name + length + 1, ret_offset);
}

static const struct cv_field *find_inside(const struct cv_shape *shape, const char *name,
                                          bool prefixed, size_t *ret_offset) {
    for (size_t i = 0; i < shape->count; i++) {
        const struct cv_field *outer = &shape->fields[i];
        if (outer->type != CV_FIELD_STRUCT)
            continue;
        size_t offset;
        const struct cv_field *field = prefixed ? find_prefixed(outer, name, &offset)
                                                : cv_shape_find(outer->shape, name, &offset);
        if (field) {
            *ret_offset = outer->offset + offset;
            return field;
        }
    }
    return NULL;
}

const struct cv_field *cv_shape_find(const struct cv_shape *shape, const char *name,
                                     size_t *ret_offset) {
    for (size_t i = 0; i < shape->count; i++) {
        const struct cv_field *field = &shape->fields[i];
        if (field->type != CV_FIELD_STRUCT && strcmp(field->name, name) == 0) {
            *ret_offset = field->offset;
            return field;
        }
    }
    const struct cv_field *field = find_inside(shape, name, true, ret_offset);
    return field ? field : find_inside(shape, name, false, ret_offset);
}

static enum cv_err check_slice(const struct cv_field *field, struct cv_slice value) {
    if (value.size == 0)
        return field->required ? CV_ERR_RANGE : CV_OK;
    if (field->type == CV_FIELD_CURSOR)
        return cv_cursor_decode(value, &(struct cv_cursor){0});
    if (field->type == CV_FIELD_HASH)
        return value.size == CV_STORE_HASH_BYTES ? CV_OK : CV_ERR_RANGE;
    if (value.size > field->max)
        return CV_ERR_RANGE;
    if (field->type == CV_FIELD_TEXT &&
        (memchr(value.data, 0, value.size) || !cv_utf8_valid(value)))
        return CV_ERR_RANGE;
    return CV_OK;
}

static enum cv_err check_chars(const struct cv_field *field, const char *text, size_t max) {
    size_t length = strnlen(text, max + 1);
    if (length > max || (field->required && length == 0))
        return CV_ERR_RANGE;
    return cv_utf8_valid(cv_slice_of(text, length)) ? CV_OK : CV_ERR_RANGE;
}

static enum cv_err check_time(const struct cv_field *field, int64_t value) {
    bool absent = field->type == CV_FIELD_END ? value == CV_TIME_NEVER : value == 0;
    if (value < 0 || (field->required && absent))
        return CV_ERR_RANGE;
    return CV_OK;
}

static enum cv_err check_field(const struct cv_field *field, const uint8_t *at) {
    switch (field->type) {
    case CV_FIELD_TEXT:
    case CV_FIELD_BLOB:
    case CV_FIELD_HASH:
    case CV_FIELD_CURSOR:
        return check_slice(field, *(const struct cv_slice *)(const void *)at);
    case CV_FIELD_ID:
        return check_chars(field, (const char *)at, CV_ID_BYTES - 1);
    case CV_FIELD_CHARS:
        return check_chars(field, (const char *)at, field->max);
    case CV_FIELD_TIME:
    case CV_FIELD_COARSE:
    case CV_FIELD_END:
        return check_time(field, *(const int64_t *)(const void *)at);
    case CV_FIELD_INT32: {
        int32_t value = *(const int32_t *)(const void *)at;
        return value >= 1 && value <= field->max ? CV_OK : CV_ERR_RANGE;
    }
    case CV_FIELD_DOUBLE:
        return isfinite(*(const double *)(const void *)at) ? CV_OK : CV_ERR_RANGE;
    case CV_FIELD_ENUM:
        return *(const unsigned *)(const void *)at < field->max ? CV_OK : CV_ERR_RANGE;
    case CV_FIELD_STRUCT:
        return cv_shape_check(field->shape, at);
    case CV_FIELD_INT64:
    case CV_FIELD_UINT32:
    case CV_FIELD_BOOL:
        return CV_OK;
    }
    return CV_ERR_INTERNAL;
}

enum cv_err cv_shape_check(const struct cv_shape *shape, const void *base) {
    for (size_t i = 0; i < shape->count; i++) {
        enum cv_err err =
            check_field(&shape->fields[i], (const uint8_t *)base + shape->fields[i].offset);
        if (err)
            return err;
    }
    return CV_OK;
}

static enum cv_err own_cursor(struct cv_slice *slice, struct cv_arena *arena) {
    struct cv_cursor cursor = {0};
    if (slice->size == 0)
        return cv_arena_copy(arena, *slice, slice);
    enum cv_err err = cv_cursor_decode(*slice, &cursor);
    return err ? err : cv_arena_copy(arena, cv_slice_of(&cursor, sizeof cursor), slice);
}

static enum cv_err own_field(const struct cv_field *field, uint8_t *at, struct cv_arena *arena) {
    struct cv_slice *slice = (struct cv_slice *)(void *)at;
    int64_t *time = (int64_t *)(void *)at;
    switch (field->type) {
    case CV_FIELD_TEXT:
    case CV_FIELD_BLOB:
    case CV_FIELD_HASH:
        return cv_arena_copy(arena, *slice, slice);
    case CV_FIELD_CURSOR:
        return own_cursor(slice, arena);
    case CV_FIELD_COARSE:
        *time -= *time % CV_STORE_COARSE_US;
        return CV_OK;
    case CV_FIELD_STRUCT:
        return cv_shape_own(field->shape, at, arena);
    default:
        return CV_OK;
    }
}

enum cv_err cv_shape_own(const struct cv_shape *shape, void *base, struct cv_arena *arena) {
    for (size_t i = 0; i < shape->count; i++) {
        enum cv_err err =
            own_field(&shape->fields[i], (uint8_t *)base + shape->fields[i].offset, arena);
        if (err)
            return err;
    }
    return CV_OK;
}
