/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: many small allocations that go together. Grows in chunks, frees all at once, and wipes
 * what it held when it does (arenas carry hashes and personal data).
 */
#ifndef CV_BASE_ARENA_H
#define CV_BASE_ARENA_H

#include "base/bytes.h"

struct cv_arena_chunk;

/* Zero-initialised is valid and empty. */
struct cv_arena {
    struct cv_arena_chunk *chunks; /* the newest first */
    size_t total_bytes;            /* of all chunks, for accounting */
};

/* Zeroed and aligned for any type; NULL without memory (or when `size` is 0). */
void *cv_arena_alloc(struct cv_arena *arena, size_t size);
/*
 * A copy with a NUL after its end (not counted). The empty slice stays empty and takes no memory.
 * CV_ERR_MEMORY.
 */
enum cv_err cv_arena_copy(struct cv_arena *arena, struct cv_slice from, struct cv_slice *ret_copy);
/* Wipes and frees everything; the arena is empty and usable again. */
void cv_arena_release(struct cv_arena *arena);

#endif
