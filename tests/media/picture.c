/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"

enum { MAGIC = 0xC5, HEADER = 10 };

uint8_t picture_temporal(uint32_t frame) {
    static const uint8_t pattern[] = {0, 2, 1, 2};
    return pattern[frame % 4];
}

uint32_t picture_needs(uint32_t frame, bool key) {
    static const uint8_t back[] = {4, 1, 2, 1};
    return key ? frame : frame - back[frame % 4];
}

/* The last of the four needs layer 1, the others only the base. */
static bool is_sync(uint32_t frame) {
    return frame % 4 == 1 || frame % 4 == 2;
}

static void write_text(const struct picture *picture, uint8_t *text) {
    text[0] = MAGIC;
    text[1] = picture->sender;
    text[2] = picture->encoding;
    text[3] = (uint8_t)(picture->temporal << 1 | picture->key);
    text[4] = picture->index;
    text[5] = picture->packets;
    cv_put_be32(text + 6, picture->frame);
}

size_t picture_write(const struct picture *picture, uint16_t picture_id, uint8_t tl0, uint8_t *out,
                     size_t bytes) {
    static const uint16_t widths[] = {320, 640, 1280};
    uint16_t width = picture->encoding < 3 ? widths[picture->encoding] : 1920;
    uint16_t height = (uint16_t)(width * 9 / 16);
    memset(out, 0xAA, bytes);
    out[0] = (uint8_t)(0x80 | (picture->index == 0) << 4);
    out[1] = 0x80 | 0x40 | 0x20;
    cv_put_be16(out + 2, (uint16_t)(0x8000 | picture_id));
    out[4] = tl0;
    out[5] = (uint8_t)(picture->temporal << 6 | is_sync(picture->frame) << 5);
    uint8_t *header = out + PICTURE_DESCRIPTOR;
    const uint8_t start[HEADER] = {picture->key ? 0 : 1,
                                   0,
                                   0,
                                   0x9d,
                                   0x01,
                                   0x2a,
                                   (uint8_t)width,
                                   (uint8_t)(width >> 8),
                                   (uint8_t)height,
                                   (uint8_t)(height >> 8)};
    memcpy(header, start, sizeof start);
    write_text(picture, header + HEADER);
    return bytes;
}

size_t picture_write_layer(const struct picture *picture, uint16_t picture_id, uint8_t tl0,
                           uint8_t *out, size_t bytes) {
    bool last = picture->index + 1 == picture->packets;
    memset(out, 0xAA, bytes);
    out[0] = (uint8_t)(0x80 | !picture->key << 6 | 0x20 | (picture->index == 0) << 3 | last << 2);
    cv_put_be16(out + 1, (uint16_t)(0x8000 | picture_id));
    out[3] = (uint8_t)(picture->temporal << 5 | is_sync(picture->frame) << 4 |
                       picture->encoding << 1 | (picture->encoding > 0));
    out[4] = tl0;
    write_text(picture, out + PICTURE_DESCRIPTOR + HEADER);
    return bytes;
}

bool picture_read(struct cv_slice payload, struct picture *ret_picture) {
    const uint8_t *text = payload.data + PICTURE_DESCRIPTOR + HEADER;
    if (payload.size < PICTURE_LEAST_BYTES || text[0] != MAGIC)
        return false;
    *ret_picture = (struct picture){
        .sender = text[1],
        .encoding = text[2],
        .temporal = text[3] >> 1,
        .key = text[3] & 1,
        .index = text[4],
        .packets = text[5],
        .frame = cv_get_be32(text + 6),
    };
    return true;
}
