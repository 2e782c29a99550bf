/* SPDX-License-Identifier: Apache-2.0 */
#include "media/srtp_private.h"

#include "base/prefetch.h"
#include "media/replay.h"
#include "media/rtp.h"

#include <stdlib.h>

enum { FIRST_STREAMS = 4, MAX_STREAMS = 1 << 16 };

/* What RFC 3711 section 3.2.3 calls a cryptographic context, less the keys that all SSRCs share. */
struct stream {
    struct cv_replay rtp;     /* indices: rollover counter and sequence number, 48 bits */
    struct cv_replay rtcp;    /* receiving: 31 bits */
    uint32_t next_rtcp_index; /* sending */
};

struct cv_srtp {
    enum cv_srtp_profile profile;
    uint32_t count;
    uint32_t *ssrcs;        /* sorted */
    struct stream *streams; /* theirs, in the same order */
    struct cv_srtp_transform rtp, rtcp;
    size_t capacity;
    size_t max_streams;
};

struct cv_srtp *cv_srtp_new(enum cv_srtp_profile profile, enum cv_srtp_direction direction,
                            const uint8_t key[static CV_SRTP_KEY_BYTES], const uint8_t *salt,
                            size_t max_streams) {
    struct cv_srtp *srtp = calloc(1, sizeof *srtp);
    if (!srtp)
        return NULL;
    srtp->profile = profile;
    srtp->max_streams = max_streams < MAX_STREAMS ? max_streams : MAX_STREAMS;
    uint8_t padded_salt[CV_SRTP_SALT_BYTES] = {0};
    memcpy(padded_salt, salt,
           profile == CV_SRTP_AEAD_AES_128_GCM ? CV_SRTP_GCM_SALT_BYTES : CV_SRTP_SALT_BYTES);
    struct cv_srtp_keys rtp = {0}, rtcp = {0};
    bool ok = cv_srtp_derive(key, padded_salt, false, &rtp) == CV_OK &&
              cv_srtp_derive(key, padded_salt, true, &rtcp) == CV_OK &&
              cv_srtp_transform_init(&srtp->rtp, profile, direction, &rtp) == CV_OK &&
              cv_srtp_transform_init(&srtp->rtcp, profile, direction, &rtcp) == CV_OK;
    cv_wipe(&rtp, sizeof rtp);
    cv_wipe(&rtcp, sizeof rtcp);
    return ok ? srtp : cv_srtp_free(srtp);
}

struct cv_srtp *cv_srtp_free(struct cv_srtp *srtp) {
    if (!srtp)
        return NULL;
    cv_srtp_transform_release(&srtp->rtp);
    cv_srtp_transform_release(&srtp->rtcp);
    free(srtp->ssrcs);
    free(srtp->streams);
    free(srtp);
    return NULL;
}

/* The place of the first stream whose SSRC is not below `ssrc`. */
static size_t place_of(const struct cv_srtp *srtp, uint32_t ssrc) {
    size_t low = 0, high = srtp->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (srtp->ssrcs[middle] < ssrc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct stream *find_stream(const struct cv_srtp *srtp, uint32_t ssrc) {
    size_t place = place_of(srtp, ssrc);
    return place < srtp->count && srtp->ssrcs[place] == ssrc ? &srtp->streams[place] : NULL;
}

void cv_srtp_prefetch(const struct cv_srtp *srtp, uint32_t ssrc, unsigned step) {
    const struct stream *stream;
    switch (step) {
    case 0:
        cv_prefetch(srtp, sizeof *srtp);
        break;
    case 1:
        cv_prefetch(srtp->ssrcs, srtp->count * sizeof *srtp->ssrcs);
        cv_gcm_prefetch(srtp->rtp.gcm);
        break;
    default:
        stream = find_stream(srtp, ssrc);
        cv_prefetch(stream, sizeof stream->rtp);
        if (srtp->rtp.gcm)
            cv_gcm_prefetch_parts(srtp->rtp.gcm);
    }
}

/* Room for one more stream, so that adding it later can't fail. */
static enum cv_err reserve_stream(struct cv_srtp *srtp) {
    if (srtp->count >= srtp->max_streams)
        return CV_ERR_LIMIT;
    if (srtp->count < srtp->capacity)
        return CV_OK;
    size_t capacity = srtp->capacity ? 2 * srtp->capacity : FIRST_STREAMS;
    uint32_t *ssrcs = realloc(srtp->ssrcs, capacity * sizeof *ssrcs);
    if (ssrcs)
        srtp->ssrcs = ssrcs;
    struct stream *streams = realloc(srtp->streams, capacity * sizeof *streams);
    if (streams)
        srtp->streams = streams;
    if (!ssrcs || !streams)
        return CV_ERR_MEMORY;
    srtp->capacity = capacity;
    return CV_OK;
}

static struct stream *add_stream(struct cv_srtp *srtp, uint32_t ssrc) {
    size_t place = place_of(srtp, ssrc);
    memmove(&srtp->ssrcs[place + 1], &srtp->ssrcs[place],
            (srtp->count - place) * sizeof *srtp->ssrcs);
    memmove(&srtp->streams[place + 1], &srtp->streams[place],
            (srtp->count - place) * sizeof *srtp->streams);
    srtp->count++;
    srtp->ssrcs[place] = ssrc;
    srtp->streams[place] = (struct stream){0};
    return &srtp->streams[place];
}

/*
 * RFC 3711 section 3.3.1 and appendix A: the 48-bit index with these low 16 bits that is nearest
 * to the highest one so far. A rollover counter never goes below zero.
 */
static uint64_t guess_index(const struct stream *stream, uint16_t sequence) {
    if (!stream || stream->rtp.next == 0)
        return sequence;
    uint64_t rollovers = (stream->rtp.next - 1) >> 16;
    int32_t highest = (uint16_t)(stream->rtp.next - 1);
    if (highest < 32768 && sequence - highest > 32768 && rollovers > 0)
        rollovers--;
    else if (highest >= 32768 && sequence < highest - 32768)
        rollovers++;
    return rollovers << 16 | sequence;
}

/* The rollover counter has 32 bits; a session that used them all is over (section 9.2). */
static enum cv_err check_index(const struct stream *stream, uint64_t index) {
    if (index >> 48)
        return CV_ERR_LIMIT;
    return stream ? cv_replay_check(&stream->rtp, index) : CV_OK;
}

enum cv_err cv_srtp_protect(struct cv_srtp *srtp, uint8_t *packet, size_t size,
                            struct cv_slice rest, size_t capacity, size_t *ret_size) {
    size_t header_size, tag_size = cv_srtp_tag_bytes(srtp->profile);
    enum cv_err err = cv_rtp_header_size(cv_slice_of(packet, size), &header_size);
    if (err)
        return err;
    if (size > capacity || rest.size > capacity - size || tag_size > capacity - size - rest.size)
        return CV_ERR_LIMIT;
    uint32_t ssrc = cv_get_be32(packet + 8);
    struct stream *stream = find_stream(srtp, ssrc);
    if (!stream) {
        err = reserve_stream(srtp);
        if (err)
            return err;
        stream = add_stream(srtp, ssrc);
    }
    uint64_t index = guess_index(stream, cv_get_be16(packet + 2));
    err = check_index(stream, index);
    if (err)
        return err;
    /* Before sealing: after a failure half-way the index counts as used. */
    cv_replay_mark(&stream->rtp, index);
    err = cv_srtp_seal(&srtp->rtp, packet, header_size, size, rest, index);
    if (err)
        return err;
    *ret_size = size + rest.size + tag_size;
    return CV_OK;
}

enum cv_err cv_srtp_unprotect(struct cv_srtp *srtp, uint8_t *packet, size_t size,
                              size_t *ret_size) {
    size_t header_size, tag_size = cv_srtp_tag_bytes(srtp->profile);
    enum cv_err err = cv_rtp_header_size(cv_slice_of(packet, size), &header_size);
    if (err)
        return err;
    if (size - header_size < tag_size)
        return CV_ERR_SYNTAX;
    uint32_t ssrc = cv_get_be32(packet + 8);
    struct stream *stream = find_stream(srtp, ssrc);
    uint64_t index = guess_index(stream, cv_get_be16(packet + 2));
    err = check_index(stream, index);
    if (!err && !stream)
        err = reserve_stream(srtp);
    if (!err)
        err = cv_srtp_open(&srtp->rtp, packet, header_size, size, index);
    if (err)
        return err;
    if (!stream)
        stream = add_stream(srtp, ssrc);
    cv_replay_mark(&stream->rtp, index);
    *ret_size = size - tag_size;
    return CV_OK;
}

enum cv_err cv_srtcp_protect(struct cv_srtp *srtp, uint8_t *packet, size_t size, size_t capacity,
                             size_t *ret_size) {
    size_t trailer = cv_srtp_tag_bytes(srtp->profile) + CV_SRTCP_INDEX_BYTES;
    if (size < CV_SRTCP_HEADER_BYTES)
        return CV_ERR_SYNTAX;
    if (size > capacity || trailer > capacity - size)
        return CV_ERR_LIMIT;
    uint32_t ssrc = cv_get_be32(packet + 4);
    struct stream *stream = find_stream(srtp, ssrc);
    if (!stream) {
        enum cv_err err = reserve_stream(srtp);
        if (err)
            return err;
        stream = add_stream(srtp, ssrc);
    }
    if (stream->next_rtcp_index > CV_SRTCP_MAX_INDEX)
        return CV_ERR_LIMIT;
    enum cv_err err = cv_srtcp_seal(&srtp->rtcp, packet, size, stream->next_rtcp_index++);
    if (err)
        return err;
    *ret_size = size + trailer;
    return CV_OK;
}

enum cv_err cv_srtcp_unprotect(struct cv_srtp *srtp, uint8_t *packet, size_t size,
                               size_t *ret_size) {
    size_t trailer = cv_srtp_tag_bytes(srtp->profile) + CV_SRTCP_INDEX_BYTES;
    if (size < CV_SRTCP_HEADER_BYTES + trailer || packet[0] >> 6 != 2)
        return CV_ERR_SYNTAX;
    uint32_t ssrc = cv_get_be32(packet + 4);
    struct stream *stream = find_stream(srtp, ssrc);
    uint32_t index = cv_srtcp_index(&srtp->rtcp, packet, size);
    enum cv_err err = stream ? cv_replay_check(&stream->rtcp, index) : reserve_stream(srtp);
    if (!err)
        err = cv_srtcp_open(&srtp->rtcp, packet, size);
    if (err)
        return err;
    if (!stream)
        stream = add_stream(srtp, ssrc);
    cv_replay_mark(&stream->rtcp, index);
    *ret_size = size - trailer;
    return CV_OK;
}
