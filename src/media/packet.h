/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain packets on their way through the relay: the payload and what was read of it once, shared
 * by everybody who gets it. A packet is counted by reference; whoever keeps one holds one.
 *
 * They come from a pool of slabs, so that none costs an allocation, and the pool is bounded: a
 * relay that is out of packets drops what comes in rather than grow.
 */
#ifndef CV_MEDIA_PACKET_H
#define CV_MEDIA_PACKET_H

#include "base/list.h"
#include "media/codec.h"
#include "media/svc.h"

enum {
    /* Payload and dependency descriptor together; an RTP packet of CV_RTP_MAX_BYTES fits. */
    CV_PACKET_MAX_BYTES = 1500,
    CV_EVEN_BYTES = 4, /* the most padding that a packet gets: see cv_encoding_deliver */
};

struct cv_packet {
    struct cv_packet_slab *slab;
    uint32_t references;
    uint32_t encoding;  /* the id of the stream that it is of, see cv_encoding */
    uint64_t number;    /* sequence number, extended by its rollovers */
    int64_t arrived_us; /* monotonic */
    uint32_t timestamp;
    struct cv_svc_mark mark; /* of those that are layered */
    uint16_t active_bit;     /* of the mask of active targets in the descriptor; 0: it has none */
    uint16_t payload_size;
    uint16_t picture_id;
    uint16_t frame_number; /* dependency descriptor */
    uint16_t width;        /* of a key frame, where the payload says; else 0 */
    uint16_t height;
    uint8_t dependency_size; /* bytes of the descriptor; 0: none */
    uint8_t padding_size;    /* bytes of RTP padding, behind the payload: see cv_encoding_deliver */
    uint8_t codec;           /* enum cv_codec */
    uint8_t spatial;
    uint8_t temporal;
    uint8_t tl0;
    uint8_t audio_level; /* -dBov */
    uint8_t orientation;
    bool marker : 1;
    bool layered : 1; /* its descriptor was understood */
    bool starts_frame : 1;
    bool ends_frame : 1; /* of its spatial layer; by the dependency descriptor only */
    bool key_frame : 1;  /* a receiver may start here */
    bool late : 1;       /* newer ones of its stream came before it */
    bool layer_sync : 1; /* and may take up its temporal layer here */
    bool has_picture_id : 1;
    bool has_tl0 : 1;
    bool has_audio_level : 1;
    bool voice : 1;
    bool has_orientation : 1;
    uint8_t data[]; /* the payload; room for padding; the descriptor */
};

static inline struct cv_slice cv_packet_payload(const struct cv_packet *packet) {
    return cv_slice_of(packet->data, packet->payload_size);
}

static inline struct cv_slice cv_packet_dependency(const struct cv_packet *packet) {
    return cv_slice_of(packet->data + packet->payload_size + CV_EVEN_BYTES,
                       packet->dependency_size);
}

/* Payload and descriptor in one, with the room between them; without a descriptor the payload. */
static inline struct cv_slice cv_packet_body(const struct cv_packet *packet) {
    size_t behind = packet->dependency_size ? CV_EVEN_BYTES + packet->dependency_size : 0;
    return cv_slice_of(packet->data, packet->payload_size + behind);
}

/* Packets of two sizes: most of audio is small. */
enum { CV_PACKET_CLASSES = 2 };

struct cv_packet_pool {
    struct cv_list open[CV_PACKET_CLASSES]; /* slabs with free packets */
    size_t used_bytes;                      /* of packets in use, their heads included */
    size_t slab_bytes;                      /* taken from the system */
    size_t limit_bytes;                     /* of slab_bytes */
};

void cv_packet_pool_init(struct cv_packet_pool *pool, size_t limit_bytes);
/* All packets have been given back. */
void cv_packet_pool_release(struct cv_packet_pool *pool);

/*
 * A packet with room for `bytes` of data (at most CV_PACKET_MAX_BYTES), one reference, and all
 * else zero but the data; NULL at the limit or without memory.
 */
struct cv_packet *cv_packet_new(struct cv_packet_pool *pool, size_t bytes);

/* What a packet counts for where memory is budgeted. */
size_t cv_packet_cost(const struct cv_packet *packet);

static inline struct cv_packet *cv_packet_ref(struct cv_packet *packet) {
    packet->references++;
    return packet;
}

void cv_packet_recycle(struct cv_packet_pool *pool, struct cv_packet *packet);

/* Takes NULL; returns NULL. */
static inline struct cv_packet *cv_packet_unref(struct cv_packet_pool *pool,
                                                struct cv_packet *packet) {
    if (packet && --packet->references == 0)
        cv_packet_recycle(pool, packet);
    return NULL;
}

#endif
