/* SPDX-License-Identifier: Apache-2.0 */
#include "media/bridge.h"

#include "media/relay_private.h"

enum {
    FLAG_MARKER = 1,
    FLAG_LEVEL = 2,
    FLAG_VOICE = 4,
    FLAG_ORIENTATION = 8,
    COMMON_BYTES = 8, /* type, encoding, source, CSRC */
    THERE_BYTES = COMMON_BYTES + 2 * CV_ID_BYTES + 2,
    PACKET_BYTES = COMMON_BYTES + 14,
    CLOCK_BYTES = COMMON_BYTES + 12,
    WANT_BYTES = COMMON_BYTES + 1,
};

_Static_assert((int)THERE_BYTES <= CV_BRIDGE_HEAD_BYTES, "the largest head has room");
_Static_assert((int)CV_BRIDGE_HEAD_BYTES + CV_PACKET_MAX_BYTES <= (int)CV_RELAY_BRIDGE_BYTES,
               "the largest record has room");

static size_t write_there(const struct cv_bridge_record *record, uint8_t *out) {
    memcpy(out, record->there.meeting.text, CV_ID_BYTES);
    memcpy(out + CV_ID_BYTES, record->there.participant.text, CV_ID_BYTES);
    out += 2 * CV_ID_BYTES;
    out[0] = record->there.kind;
    out[1] = record->there.encoding_count;
    return THERE_BYTES;
}

static size_t write_packet(const struct cv_bridge_record *record, uint8_t *out) {
    out[0] = record->packet.epoch;
    out[1] = record->packet.codec;
    out[2] = (uint8_t)((record->packet.marker ? FLAG_MARKER : 0) |
                       (record->packet.has_audio_level ? FLAG_LEVEL : 0) |
                       (record->packet.voice ? FLAG_VOICE : 0) |
                       (record->packet.has_orientation ? FLAG_ORIENTATION : 0));
    out[3] = record->packet.audio_level;
    out[4] = record->packet.orientation;
    out[5] = (uint8_t)record->packet.dependency.size;
    cv_put_be16(out + 6, record->packet.sequence);
    cv_put_be32(out + 8, record->packet.timestamp);
    cv_put_be16(out + 12, (uint16_t)record->packet.payload.size);
    return PACKET_BYTES;
}

size_t cv_bridge_write(const struct cv_bridge_record *record,
                       uint8_t out[static CV_BRIDGE_HEAD_BYTES]) {
    uint8_t *rest = out + COMMON_BYTES;
    out[0] = (uint8_t)record->type;
    out[1] = record->encoding;
    cv_put_be16(out + 2, record->source);
    cv_put_be32(out + 4, record->csrc);
    switch (record->type) {
    case CV_BRIDGE_THERE:
        return write_there(record, rest);
    case CV_BRIDGE_PACKET:
        return write_packet(record, rest);
    case CV_BRIDGE_CLOCK:
        cv_put_be32(rest, record->clock.timestamp);
        cv_put_be64(rest + 4, (uint64_t)record->clock.at_us);
        return CLOCK_BYTES;
    case CV_BRIDGE_WANT:
        rest[0] = record->wanted;
        return WANT_BYTES;
    case CV_BRIDGE_GONE:
    case CV_BRIDGE_KEY:
        break;
    }
    return COMMON_BYTES;
}

/* CV_ID_BYTES with the id, its NUL and zeros. */
static bool read_id(const uint8_t *bytes, struct cv_id *ret_id) {
    const uint8_t *end = memchr(bytes, 0, CV_ID_BYTES);
    return end && cv_id_parse(cv_slice_of(bytes, (size_t)(end - bytes)), ret_id) == CV_OK;
}

static enum cv_err read_there(struct cv_slice rest, struct cv_bridge_record *record) {
    const uint8_t *p = rest.data + 2 * CV_ID_BYTES;
    if (rest.size != THERE_BYTES - COMMON_BYTES || !read_id(rest.data, &record->there.meeting) ||
        !read_id(rest.data + CV_ID_BYTES, &record->there.participant))
        return CV_ERR_SYNTAX;
    record->there.kind = p[0];
    record->there.encoding_count = p[1];
    bool good = p[0] < CV_SOURCE_KIND_COUNT && p[1] > 0 && p[1] <= CV_ENCODING_MAX;
    return good ? CV_OK : CV_ERR_SYNTAX;
}

static enum cv_err read_packet(struct cv_slice rest, struct cv_bridge_record *record) {
    const uint8_t *p = rest.data;
    const size_t head = PACKET_BYTES - COMMON_BYTES;
    if (rest.size < head)
        return CV_ERR_SYNTAX;
    size_t payload = cv_get_be16(p + 12), dependency = p[5];
    size_t room = dependency ? CV_EVEN_BYTES : 0;
    if (rest.size != head + payload + room + dependency ||
        payload + room + dependency > CV_PACKET_MAX_BYTES || p[1] == CV_CODEC_NONE ||
        p[1] >= CV_CODEC_RTX || p[3] > 127)
        return CV_ERR_SYNTAX;
    record->packet.epoch = p[0];
    record->packet.codec = p[1];
    record->packet.marker = p[2] & FLAG_MARKER;
    record->packet.has_audio_level = p[2] & FLAG_LEVEL;
    record->packet.voice = p[2] & FLAG_VOICE;
    record->packet.has_orientation = p[2] & FLAG_ORIENTATION;
    record->packet.audio_level = p[3];
    record->packet.orientation = p[4];
    record->packet.sequence = cv_get_be16(p + 6);
    record->packet.timestamp = cv_get_be32(p + 8);
    record->packet.payload = cv_slice_of(p + head, payload);
    record->packet.dependency = cv_slice_of(p + head + payload + room, dependency);
    return CV_OK;
}

enum cv_err cv_bridge_read(struct cv_slice bytes, struct cv_bridge_record *ret_record) {
    if (bytes.size < COMMON_BYTES || bytes.data[1] >= CV_ENCODING_MAX)
        return CV_ERR_SYNTAX;
    struct cv_slice rest = cv_slice_of(bytes.data + COMMON_BYTES, bytes.size - COMMON_BYTES);
    struct cv_bridge_record record = {
        .type = (enum cv_bridge_type)bytes.data[0],
        .encoding = bytes.data[1],
        .source = cv_get_be16(bytes.data + 2),
        .csrc = cv_get_be32(bytes.data + 4),
    };
    enum cv_err err = CV_ERR_SYNTAX;
    switch (record.type) {
    case CV_BRIDGE_THERE:
        err = read_there(rest, &record);
        break;
    case CV_BRIDGE_PACKET:
        err = read_packet(rest, &record);
        break;
    case CV_BRIDGE_CLOCK:
        if (bytes.size != CLOCK_BYTES)
            break;
        record.clock.timestamp = cv_get_be32(rest.data);
        record.clock.at_us = (int64_t)cv_get_be64(rest.data + 4);
        err = CV_OK;
        break;
    case CV_BRIDGE_WANT:
        if (bytes.size != WANT_BYTES)
            break;
        record.wanted = rest.data[0];
        err = CV_OK;
        break;
    case CV_BRIDGE_GONE:
    case CV_BRIDGE_KEY:
        err = rest.size == 0 ? CV_OK : CV_ERR_SYNTAX;
        break;
    }
    if (!err)
        *ret_record = record;
    return err;
}
