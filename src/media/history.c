/* SPDX-License-Identifier: Apache-2.0 */
#include "media/history.h"

#include <stdlib.h>

struct cv_history {
    uint32_t references;
    struct cv_packet_pool *pool; /* NULL: closed */
    struct cv_history_budget *budget;
    size_t used_bytes;       /* of the budget */
    struct cv_packet **ring; /* by number modulo capacity */
    size_t capacity;
    uint64_t oldest; /* no number below this one is kept */
    uint64_t end;    /* the highest that was kept, plus one */
};

struct cv_history *cv_history_new(struct cv_packet_pool *pool, struct cv_history_budget *budget) {
    struct cv_history *history = calloc(1, sizeof *history);
    struct cv_packet **ring = calloc(CV_HISTORY_FIRST, sizeof *ring);
    if (!history || !ring) {
        free(ring);
        free(history);
        return NULL;
    }
    *history = (struct cv_history){
        .references = 1,
        .pool = pool,
        .budget = budget,
        .ring = ring,
        .capacity = CV_HISTORY_FIRST,
    };
    return history;
}

struct cv_history *cv_history_ref(struct cv_history *history) {
    history->references++;
    return history;
}

struct cv_history *cv_history_unref(struct cv_history *history) {
    if (!history || --history->references > 0)
        return NULL;
    cv_history_close(history);
    free(history);
    return NULL;
}

/* The capacity is a power of two. */
static struct cv_packet **place_of(const struct cv_history *history, uint64_t number) {
    return &history->ring[number & (history->capacity - 1)];
}

static void drop(struct cv_history *history, uint64_t number) {
    struct cv_packet **place = place_of(history, number);
    if (!*place)
        return;
    history->budget->used_bytes -= cv_packet_cost(*place);
    history->used_bytes -= cv_packet_cost(*place);
    *place = cv_packet_unref(history->pool, *place);
}

void cv_history_close(struct cv_history *history) {
    for (size_t i = 0, count = history->capacity; i < count; i++)
        drop(history, i);
    free(history->ring);
    history->ring = NULL;
    history->capacity = 0;
    history->pool = NULL;
}

/* The ring is full of packets that are still wanted: a larger one, if there may be. */
static void grow(struct cv_history *history) {
    size_t capacity = 2 * history->capacity;
    if (capacity > CV_HISTORY_LAST)
        return;
    struct cv_packet **ring = calloc(capacity, sizeof *ring);
    if (!ring)
        return;
    for (size_t i = 0; i < history->capacity; i++)
        if (history->ring[i])
            ring[history->ring[i]->number & (capacity - 1)] = history->ring[i];
    free(history->ring);
    history->ring = ring;
    history->capacity = capacity;
}

static void drop_oldest(struct cv_history *history) {
    drop(history, history->oldest++);
}

/* Moves the end of the ring on to `end`, and its beginning with it where it must. */
static void advance(struct cv_history *history, uint64_t end) {
    if (history->end == 0 || end - history->oldest > 2 * CV_HISTORY_LAST) {
        for (size_t i = 0; i < history->capacity; i++)
            drop(history, i);
        history->oldest = end - 1;
    }
    history->end = end;
    while (end - history->oldest > history->capacity)
        drop_oldest(history);
}

/* One stream may have its part of the room's budget, and no more than is left of all. */
static bool is_over(const struct cv_history *history, size_t cost) {
    const struct cv_history_budget *budget = history->budget;
    return budget->used_bytes + cost > budget->limit_bytes ||
           history->used_bytes + cost > budget->limit_bytes / CV_HISTORY_SHARE;
}

void cv_history_expire(struct cv_history *history, int64_t now_us) {
    while (history->pool && history->oldest < history->end) {
        const struct cv_packet *oldest = *place_of(history, history->oldest);
        if (oldest && now_us - oldest->arrived_us <= CV_HISTORY_US)
            break;
        drop_oldest(history);
    }
}

void cv_history_put(struct cv_history *history, struct cv_packet *packet) {
    struct cv_history_budget *budget = history->budget;
    size_t cost = cv_packet_cost(packet);
    if (!history->pool || cost > budget->limit_bytes)
        return;
    cv_history_expire(history, packet->arrived_us);
    while (packet->number >= history->oldest + history->capacity &&
           history->capacity < CV_HISTORY_LAST && history->end > 0) {
        size_t before = history->capacity;
        grow(history);
        if (history->capacity == before)
            break;
    }
    if (packet->number >= history->end)
        advance(history, packet->number + 1);
    while (is_over(history, cost) && history->oldest < packet->number)
        drop_oldest(history);
    struct cv_packet **place = place_of(history, packet->number);
    if (packet->number < history->oldest || *place || is_over(history, cost))
        return;
    *place = cv_packet_ref(packet);
    budget->used_bytes += cost;
    history->used_bytes += cost;
}

struct cv_packet *cv_history_get(const struct cv_history *history, uint16_t sequence) {
    if (!history->pool || history->end == history->oldest)
        return NULL;
    uint64_t newest = history->end - 1;
    uint64_t number = newest - (uint16_t)((uint16_t)newest - sequence);
    return number <= newest && number >= history->oldest ? *place_of(history, number) : NULL;
}
