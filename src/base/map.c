/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdlib.h>

struct cv_map_entry {
    struct cv_slice key;
    void *value; /* NULL: free */
    uint64_t hash;
};

enum { MIN_CAPACITY = 16 };

/* 64-bit multiply-xor over the bytes, seeded; finalised so that low bits depend on all. */
static uint64_t hash_key(const struct cv_map *map, struct cv_slice key) {
    uint64_t hash = map->seed ^ UINT64_C(0x9e3779b97f4a7c15) * (key.size + 1);
    for (size_t i = 0; i < key.size; i++) {
        hash ^= key.data[i];
        hash *= UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 32;
}

static struct cv_map_entry *find(const struct cv_map *map, struct cv_slice key, uint64_t hash) {
    size_t mask = map->capacity - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct cv_map_entry *entry = &map->entries[i];
        if (!entry->value || (entry->hash == hash && cv_slice_eq(entry->key, key)))
            return entry;
    }
}

static enum cv_err grow(struct cv_map *map) {
    struct cv_map larger = *map;
    larger.capacity = map->capacity ? map->capacity * 2 : MIN_CAPACITY;
    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (!larger.entries)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].value)
            *find(&larger, map->entries[i].key, map->entries[i].hash) = map->entries[i];
    free(map->entries);
    *map = larger;
    return CV_OK;
}

void *cv_map_get(const struct cv_map *map, struct cv_slice key) {
    return map->count ? find(map, key, hash_key(map, key))->value : NULL;
}

enum cv_err cv_map_insert(struct cv_map *map, struct cv_slice key, void *value) {
    if ((map->count + 1) * 4 > map->capacity * 3) {
        enum cv_err err = grow(map);
        if (err)
            return err;
    }
    uint64_t hash = hash_key(map, key);
    struct cv_map_entry *entry = find(map, key, hash);
    if (entry->value)
        return CV_ERR_EXISTS;
    *entry = (struct cv_map_entry){key, value, hash};
    map->count++;
    return CV_OK;
}

void *cv_map_remove(struct cv_map *map, struct cv_slice key) {
    if (map->count == 0)
        return NULL;
    struct cv_map_entry *entry = find(map, key, hash_key(map, key));
    void *value = entry->value;
    if (!value)
        return NULL;
    map->count--;
    /* Close the gap: move back every later entry of the run that may stand in the hole. */
    size_t mask = map->capacity - 1;
    size_t hole = (size_t)(entry - map->entries);
    for (size_t i = (hole + 1) & mask; map->entries[i].value; i = (i + 1) & mask) {
        size_t home = (size_t)map->entries[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole].value = NULL;
    return value;
}

void *cv_map_next(const struct cv_map *map, size_t *cursor) {
    while (*cursor < map->capacity) {
        void *value = map->entries[(*cursor)++].value;
        if (value)
            return value;
    }
    return NULL;
}

void cv_map_release(struct cv_map *map) {
    free(map->entries);
    map->entries = NULL;
    map->capacity = 0;
    map->count = 0;
}
