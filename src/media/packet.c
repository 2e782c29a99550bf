/* SPDX-License-Identifier: Apache-2.0 */
#include "media/packet.h"

#include <assert.h>
#include <stdlib.h>

enum { SLAB_PACKETS = 32 };

static const size_t class_bytes[CV_PACKET_CLASSES] = {320, CV_PACKET_MAX_BYTES};

struct cv_packet_slab {
    struct cv_list open; /* in the pool's list while a packet is free */
    uint8_t class;
    uint8_t free_count;
    uint8_t free_places[SLAB_PACKETS];
};

static size_t packet_bytes(unsigned class) {
    const size_t alignment = _Alignof(struct cv_packet);
    return (sizeof(struct cv_packet) + class_bytes[class] + alignment - 1) / alignment * alignment;
}

static size_t head_bytes(void) {
    const size_t alignment = _Alignof(struct cv_packet);
    return (sizeof(struct cv_packet_slab) + alignment - 1) / alignment * alignment;
}

static size_t slab_bytes(unsigned class) {
    return head_bytes() + SLAB_PACKETS * packet_bytes(class);
}

static struct cv_packet_slab *slab_of(struct cv_list *open) {
    return CV_CONTAINER_OF(open, struct cv_packet_slab, open);
}

void cv_packet_pool_init(struct cv_packet_pool *pool, size_t limit_bytes) {
    *pool = (struct cv_packet_pool){.limit_bytes = limit_bytes};
    for (unsigned class = 0; class < CV_PACKET_CLASSES; class ++)
        cv_list_init(&pool->open[class]);
}

static void free_slab(struct cv_packet_pool *pool, struct cv_packet_slab *slab) {
    pool->slab_bytes -= slab_bytes(slab->class);
    cv_list_remove(&slab->open);
    free(slab);
}

void cv_packet_pool_release(struct cv_packet_pool *pool) {
    assert(pool->used_bytes == 0);
    for (unsigned class = 0; class < CV_PACKET_CLASSES; class ++)
        CV_LIST_EACH_SAFE(it, &pool->open[class])
    free_slab(pool, slab_of(it));
}

static struct cv_packet_slab *open_slab(struct cv_packet_pool *pool, unsigned class) {
    if (!cv_list_empty(&pool->open[class]))
        return slab_of(pool->open[class].next);
    size_t bytes = slab_bytes(class);
    if (bytes > pool->limit_bytes - pool->slab_bytes)
        return NULL;
    struct cv_packet_slab *slab = malloc(bytes);
    if (!slab)
        return NULL;
    pool->slab_bytes += bytes;
    slab->class = (uint8_t) class;
    slab->free_count = SLAB_PACKETS;
    for (unsigned i = 0; i < SLAB_PACKETS; i++)
        slab->free_places[i] = (uint8_t)(SLAB_PACKETS - 1 - i);
    cv_list_append(&pool->open[class], &slab->open);
    return slab;
}

struct cv_packet *cv_packet_new(struct cv_packet_pool *pool, size_t bytes) {
    assert(bytes <= CV_PACKET_MAX_BYTES);
    unsigned class = bytes <= class_bytes[0] ? 0 : 1;
    struct cv_packet_slab *slab = open_slab(pool, class);
    if (!slab)
        return NULL;
    size_t place = slab->free_places[--slab->free_count];
    if (slab->free_count == 0)
        cv_list_remove(&slab->open);
    uint8_t *at = (uint8_t *)slab + head_bytes() + place * packet_bytes(class);
    struct cv_packet *packet = (struct cv_packet *)(void *)at;
    *packet = (struct cv_packet){.slab = slab, .references = 1};
    pool->used_bytes += packet_bytes(class);
    return packet;
}

size_t cv_packet_cost(const struct cv_packet *packet) {
    return packet_bytes(packet->slab->class);
}

void cv_packet_recycle(struct cv_packet_pool *pool, struct cv_packet *packet) {
    struct cv_packet_slab *slab = packet->slab;
    size_t bytes = packet_bytes(slab->class);
    size_t place = (size_t)((uint8_t *)packet - (uint8_t *)slab - head_bytes()) / bytes;
    assert(packet->references == 0 && place < SLAB_PACKETS && slab->free_count < SLAB_PACKETS);
    pool->used_bytes -= bytes;
    slab->free_places[slab->free_count++] = (uint8_t)place;
    struct cv_list *open = &pool->open[slab->class];
    if (slab->free_count == 1)
        cv_list_prepend(open, &slab->open);
    /* One empty slab stays, lest a boundary be crossed with every packet. */
    if (slab->free_count == SLAB_PACKETS && (open->next != &slab->open || slab->open.next != open))
        free_slab(pool, slab);
}
