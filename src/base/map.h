/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash map from byte strings to pointers: open addressing with linear probing, the hash seeded per
 * map so that a peer who chooses keys can't choose collisions. Keys are borrowed: they must live
 * (usually inside the value) as long as the entry does.
 */
#ifndef CV_BASE_MAP_H
#define CV_BASE_MAP_H

#include "base/bytes.h"

struct cv_map_entry;

/* Zero-initialised is valid and empty; set `seed` to something random before the first insert. */
struct cv_map {
    struct cv_map_entry *entries;
    size_t capacity; /* 0 or a power of two */
    size_t count;
    uint64_t seed;
};

void *cv_map_get(const struct cv_map *map, struct cv_slice key);
/* CV_ERR_EXISTS when the key is there (nothing changes), CV_ERR_MEMORY. `value` is not NULL. */
enum cv_err cv_map_insert(struct cv_map *map, struct cv_slice key, void *value);
/* Returns the value that was there, or NULL. */
void *cv_map_remove(struct cv_map *map, struct cv_slice key);
/*
 * Walks the entries in no particular order: start with *cursor = 0; NULL ends. The map must not
 * change during the walk.
 */
void *cv_map_next(const struct cv_map *map, size_t *cursor);
void cv_map_release(struct cv_map *map);

#endif
