/* SPDX-License-Identifier: Apache-2.0 */
#include "media/layers.h"

/* Takes bytes off the front; past the end it gives zeros and remembers. */
struct reader {
    struct cv_slice rest;
    bool overrun;
};

static uint8_t take(struct reader *reader) {
    if (reader->rest.size == 0) {
        reader->overrun = true;
        return 0;
    }
    reader->rest.size--;
    return *reader->rest.data++;
}

/* VP8 and VP9 alike: one byte, or two when the first bit is set. */
static void take_picture_id(struct reader *reader, struct cv_layer_info *info) {
    uint8_t first = take(reader);
    info->has_picture_id = true;
    info->picture_id_bits = first & 0x80 ? 15 : 7;
    info->picture_id = first & 0x7f;
    if (first & 0x80)
        info->picture_id = (uint16_t)((first & 0x7f) << 8 | take(reader));
}

/* RFC 7741 section 4.3, and the frame header of RFC 6386 section 9.1 behind it. */
static void read_vp8_frame(struct cv_slice frame, struct cv_layer_info *info) {
    if (frame.size == 0 || frame.data[0] & 1)
        return;
    info->key_frame = true;
    if (frame.size < 10 || frame.data[3] != 0x9d || frame.data[4] != 0x01 || frame.data[5] != 0x2a)
        return;
    info->width = (uint16_t)((frame.data[7] << 8 | frame.data[6]) & 0x3fff);
    info->height = (uint16_t)((frame.data[9] << 8 | frame.data[8]) & 0x3fff);
}

/* RFC 7741 section 4.2 */
static void read_vp8(struct reader *reader, struct cv_layer_info *info) {
    uint8_t first = take(reader);
    uint8_t extended = first & 0x80 ? take(reader) : 0;
    if (extended & 0x80)
        take_picture_id(reader, info);
    if (extended & 0x40) {
        info->has_tl0 = true;
        info->tl0 = take(reader);
    }
    if (extended & 0x30) {
        uint8_t layer = take(reader);
        if (extended & 0x20) {
            info->temporal = layer >> 6;
            info->layer_sync = layer >> 5 & 1;
        }
    }
    info->starts_frame = (first & 0x10) && (first & 0x07) == 0;
    if (info->starts_frame)
        read_vp8_frame(reader->rest, info);
    if (reader->rest.size == 0)
        reader->overrun = true;
}

/* The scalability structure of RFC 9628 section 4.2.1: the size of the highest spatial layer. */
static void read_vp9_structure(struct reader *reader, struct cv_layer_info *info) {
    uint8_t first = take(reader);
    unsigned layers = (first >> 5) + 1u;
    for (unsigned i = 0; (first & 0x10) && i < layers; i++) {
        info->width = (uint16_t)(take(reader) << 8);
        info->width = (uint16_t)(info->width | take(reader));
        info->height = (uint16_t)(take(reader) << 8);
        info->height = (uint16_t)(info->height | take(reader));
    }
    unsigned pictures = first & 0x08 ? take(reader) : 0;
    for (unsigned i = 0; i < pictures; i++) {
        unsigned references = take(reader) >> 2 & 3;
        for (unsigned k = 0; k < references; k++)
            take(reader);
    }
}

/* RFC 9628 section 4.2 */
static void read_vp9(struct reader *reader, struct cv_layer_info *info) {
    uint8_t first = take(reader);
    bool predicted = first & 0x40, flexible = first & 0x10;
    if (first & 0x80)
        take_picture_id(reader, info);
    if (first & 0x20) {
        uint8_t layer = take(reader);
        info->temporal = layer >> 5;
        info->layer_sync = layer >> 4 & 1;
        info->spatial = layer >> 1 & 7;
        info->has_tl0 = !flexible;
        info->tl0 = flexible ? 0 : take(reader);
    }
    /* Up to three references, the last without the N bit. */
    for (int i = 0; flexible && predicted && i < 3; i++)
        if (!(take(reader) & 1))
            break;
    if (first & 0x02)
        read_vp9_structure(reader, info);
    info->starts_frame = first & 0x08;
    info->key_frame = info->starts_frame && !predicted && info->spatial == 0;
    if (reader->rest.size == 0)
        reader->overrun = true;
}

enum { NAL_IDR = 5, NAL_SPS = 7, NAL_STAP_A = 24, NAL_FU_A = 28 };

static bool starts_key(unsigned nal_type) {
    return nal_type == NAL_IDR || nal_type == NAL_SPS;
}

/* RFC 6184 section 5.7.1: units, each behind its size in two bytes. */
static void read_stap(struct reader *reader, struct cv_layer_info *info) {
    info->starts_frame = true;
    while (reader->rest.size > 0 && !reader->overrun) {
        size_t size = (size_t)(take(reader) << 8);
        size |= take(reader);
        if (size == 0 || size > reader->rest.size) {
            reader->overrun = true;
            return;
        }
        info->key_frame = info->key_frame || starts_key(reader->rest.data[0] & 0x1f);
        reader->rest.data += size;
        reader->rest.size -= size;
    }
}

/* RFC 6184 sections 5.4 to 5.8, packetization modes 0 and 1 */
static void read_h264(struct reader *reader, struct cv_layer_info *info) {
    unsigned type = take(reader) & 0x1f;
    if (type == NAL_STAP_A) {
        read_stap(reader, info);
    } else if (type == NAL_FU_A) {
        uint8_t header = take(reader);
        info->starts_frame = header & 0x80;
        info->key_frame = info->starts_frame && starts_key(header & 0x1f);
    } else if (type >= 1 && type < NAL_STAP_A) {
        info->starts_frame = true;
        info->key_frame = starts_key(type);
    } else {
        reader->overrun = true; /* interleaved modes, which nobody negotiates */
    }
}

enum { OBU_EXTENSION = 0x04 };

/* AV1 RTP specification section 4.4; then the layer, where the first OBU header names it. */
static void read_av1(struct reader *reader, struct cv_layer_info *info) {
    uint8_t aggregation = take(reader);
    bool continues = aggregation & 0x80;
    unsigned elements = aggregation >> 4 & 3;
    info->starts_frame = !continues;
    info->key_frame = aggregation & 0x08 && !continues;
    if (reader->rest.size == 0)
        reader->overrun = true;
    if (continues)
        return;
    /* LEB128 size before each element, but for the last when their number is given. */
    if (elements != 1)
        while (take(reader) & 0x80)
            ;
    if (take(reader) & OBU_EXTENSION) {
        uint8_t layer = take(reader);
        info->temporal = layer >> 5;
        info->spatial = layer >> 3 & 3;
    }
}

enum cv_err cv_layers_read(enum cv_codec codec, struct cv_slice payload,
                           struct cv_layer_info *ret_info) {
    struct reader reader = {.rest = payload};
    struct cv_layer_info info = {0};
    switch (codec) {
    case CV_CODEC_VP8:
        read_vp8(&reader, &info);
        break;
    case CV_CODEC_VP9:
        read_vp9(&reader, &info);
        break;
    case CV_CODEC_H264:
        read_h264(&reader, &info);
        break;
    case CV_CODEC_AV1:
        read_av1(&reader, &info);
        break;
    default:
        return CV_ERR_TYPE;
    }
    if (reader.overrun)
        return CV_ERR_SYNTAX;
    *ret_info = info;
    return CV_OK;
}

size_t cv_vp8_write_descriptor(struct cv_slice payload, uint16_t picture_id, uint8_t tl0,
                               uint8_t out[static CV_VP8_MAX_DESCRIPTOR_BYTES]) {
    const uint8_t *in = payload.data;
    size_t size = 0;
    uint8_t first = out[size++] = *in++;
    if (!(first & 0x80))
        return size;
    uint8_t extended = out[size++] = *in++;
    if (extended & 0x80) {
        bool wide = *in & 0x80;
        if (wide)
            out[size++] = (uint8_t)(0x80 | picture_id >> 8);
        out[size++] = (uint8_t)(wide ? picture_id : picture_id & 0x7f);
        in += wide ? 2 : 1;
    }
    if (extended & 0x40) {
        out[size++] = tl0;
        in++;
    }
    if (extended & 0x30)
        out[size++] = *in;
    return size;
}
