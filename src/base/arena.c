/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

enum { FIRST_CHUNK_BYTES = 1024, CHUNK_MAX_BYTES = 64 * 1024 };

struct cv_arena_chunk {
    struct cv_arena_chunk *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

static struct cv_arena_chunk *add_chunk(struct cv_arena *arena, size_t size) {
    size_t capacity = arena->chunks ? arena->chunks->capacity * 2 : FIRST_CHUNK_BYTES;
    if (capacity > CHUNK_MAX_BYTES)
        capacity = CHUNK_MAX_BYTES;
    if (capacity < size)
        capacity = size;
    struct cv_arena_chunk *chunk = calloc(1, sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    chunk->capacity = capacity;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->total_bytes += sizeof *chunk + capacity;
    return chunk;
}

void *cv_arena_alloc(struct cv_arena *arena, size_t size) {
    const size_t align = alignof(max_align_t);
    if (size == 0 || size > SIZE_MAX / 2)
        return NULL;
    size = (size + align - 1) / align * align;
    struct cv_arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->capacity - chunk->used < size)
        chunk = add_chunk(arena, size);
    if (!chunk)
        return NULL;
    void *ptr = chunk->data + chunk->used;
    chunk->used += size;
    return ptr;
}

enum cv_err cv_arena_copy(struct cv_arena *arena, struct cv_slice from, struct cv_slice *ret_copy) {
    if (from.size == 0) {
        *ret_copy = (struct cv_slice){NULL, 0};
        return CV_OK;
    }
    uint8_t *copy = cv_arena_alloc(arena, from.size + 1);
    if (!copy)
        return CV_ERR_MEMORY;
    memcpy(copy, from.data, from.size);
    *ret_copy = (struct cv_slice){copy, from.size};
    return CV_OK;
}

void cv_arena_release(struct cv_arena *arena) {
    struct cv_arena_chunk *chunk = arena->chunks;
    while (chunk) {
        struct cv_arena_chunk *next = chunk->next;
        cv_wipe(chunk->data, chunk->used);
        free(chunk);
        chunk = next;
    }
    *arena = (struct cv_arena){NULL, 0};
}
