/* SPDX-License-Identifier: Apache-2.0 */
#include "media/rtp.h"

enum {
    PROFILE_ONE_BYTE = 0xBEDE, /* RFC 8285 section 4.2 */
    PROFILE_TWO_BYTE = 0x1000, /* section 4.3; the low four bits belong to applications */
    EXTENSION_HEADER_BYTES = 4,
    ONE_BYTE_MAX_ID = 14,
    ONE_BYTE_MAX_VALUE = 16,
};

enum cv_err cv_rtp_header_size(struct cv_slice packet, size_t *ret_size) {
    const uint8_t *p = packet.data;
    if (packet.size < CV_RTP_HEADER_BYTES || p[0] >> 6 != 2)
        return CV_ERR_SYNTAX;
    size_t size = CV_RTP_HEADER_BYTES + 4 * (size_t)(p[0] & 15);
    if (p[0] & 0x10) {
        if (packet.size < size + EXTENSION_HEADER_BYTES)
            return CV_ERR_SYNTAX;
        size += EXTENSION_HEADER_BYTES + 4 * (size_t)cv_get_be16(p + size + 2);
    }
    if (packet.size < size)
        return CV_ERR_SYNTAX;
    *ret_size = size;
    return CV_OK;
}

enum cv_err cv_rtp_parse(struct cv_slice packet, struct cv_rtp *ret_rtp) {
    const uint8_t *p = packet.data;
    size_t header_bytes, padding_bytes = 0;
    enum cv_err err = cv_rtp_header_size(packet, &header_bytes);
    if (err)
        return err;
    if (packet.size > CV_RTP_MAX_BYTES)
        return CV_ERR_LIMIT;
    if (p[0] & 0x20) {
        padding_bytes = packet.size > header_bytes ? p[packet.size - 1] : 0;
        if (padding_bytes == 0 || padding_bytes > packet.size - header_bytes)
            return CV_ERR_SYNTAX;
    }
    struct cv_rtp rtp = {
        .marker = p[1] >> 7,
        .payload_type = p[1] & 0x7f,
        .sequence = cv_get_be16(p + 2),
        .timestamp = cv_get_be32(p + 4),
        .ssrc = cv_get_be32(p + 8),
        .csrc_count = p[0] & 15,
        .header_bytes = header_bytes,
        .padding_bytes = padding_bytes,
        .payload = cv_slice_of(p + header_bytes, packet.size - header_bytes - padding_bytes),
    };
    rtp.csrcs = cv_slice_of(p + CV_RTP_HEADER_BYTES, 4 * (size_t)rtp.csrc_count);
    if (p[0] & 0x10) {
        const uint8_t *block = rtp.csrcs.data + rtp.csrcs.size;
        rtp.extension_profile = cv_get_be16(block);
        rtp.extensions =
            cv_slice_of(block + EXTENSION_HEADER_BYTES, 4 * (size_t)cv_get_be16(block + 2));
    }
    *ret_rtp = rtp;
    return CV_OK;
}

bool cv_rtp_next_element(const struct cv_rtp *rtp, size_t *offset,
                         struct cv_rtp_element *ret_element) {
    bool one_byte = rtp->extension_profile == PROFILE_ONE_BYTE;
    if (!one_byte && (rtp->extension_profile & 0xfff0) != PROFILE_TWO_BYTE)
        return false;
    const uint8_t *data = rtp->extensions.data;
    size_t size = rtp->extensions.size, at = *offset;
    while (at < size && data[at] == 0)
        at++;
    size_t head = one_byte ? 1 : 2;
    if (at + head > size)
        return false;
    uint8_t id = one_byte ? data[at] >> 4 : data[at];
    size_t value_size = one_byte ? (size_t)(data[at] & 15) + 1 : data[at + 1];
    /* In the one-byte form id 0 with a length is as reserved as id 15 (RFC 8285 section 4.2). */
    if (value_size > size - at - head || (one_byte && (id == 0 || id > ONE_BYTE_MAX_ID)))
        return false;
    *ret_element = (struct cv_rtp_element){id, cv_slice_of(data + at + head, value_size)};
    *offset = at + head + value_size;
    return true;
}

static bool fits_one_byte(const struct cv_rtp_element *elements, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (elements[i].id > ONE_BYTE_MAX_ID || elements[i].value.size == 0 ||
            elements[i].value.size > ONE_BYTE_MAX_VALUE)
            return false;
    return true;
}

/* The block with its header and padding; returns its end, or NULL when it doesn't fit. */
static uint8_t *write_elements(const struct cv_rtp_element *elements, size_t count, uint8_t *out,
                               const uint8_t *end) {
    bool one_byte = fits_one_byte(elements, count);
    size_t head = one_byte ? 1 : 2;
    if (end - out < EXTENSION_HEADER_BYTES)
        return NULL;
    uint8_t *block = out;
    out += EXTENSION_HEADER_BYTES;
    for (size_t i = 0; i < count; i++) {
        size_t size = elements[i].value.size;
        if (size > UINT8_MAX || (size_t)(end - out) < head + size)
            return NULL;
        if (one_byte) {
            *out++ = (uint8_t)(elements[i].id << 4 | (size - 1));
        } else {
            *out++ = elements[i].id;
            *out++ = (uint8_t)size;
        }
        if (size > 0)
            memcpy(out, elements[i].value.data, size);
        out += size;
    }
    while ((out - block) % 4 != 0) {
        if (out == end)
            return NULL;
        *out++ = 0;
    }
    cv_put_be16(block, one_byte ? PROFILE_ONE_BYTE : PROFILE_TWO_BYTE);
    cv_put_be16(block + 2, (uint16_t)((out - block) / 4 - 1));
    return out;
}

enum cv_err cv_rtp_write_header(const struct cv_rtp *rtp, uint32_t csrc,
                                const struct cv_rtp_element *elements, size_t count, uint8_t *out,
                                size_t capacity, size_t *ret_size) {
    size_t fixed = CV_RTP_HEADER_BYTES + (csrc ? 4 : 0);
    if (capacity < fixed)
        return CV_ERR_LIMIT;
    out[0] = (uint8_t)(2 << 6 | (count > 0) << 4 | (csrc != 0));
    out[1] = (uint8_t)(rtp->marker << 7 | rtp->payload_type);
    cv_put_be16(out + 2, rtp->sequence);
    cv_put_be32(out + 4, rtp->timestamp);
    cv_put_be32(out + 8, rtp->ssrc);
    if (csrc)
        cv_put_be32(out + 12, csrc);
    uint8_t *end = out + fixed;
    if (count > 0)
        end = write_elements(elements, count, end, out + capacity);
    if (!end)
        return CV_ERR_LIMIT;
    *ret_size = (size_t)(end - out);
    return CV_OK;
}

enum cv_err cv_rtx_unwrap(const struct cv_rtp *rtx, uint8_t payload_type, uint32_t ssrc,
                          struct cv_rtp *ret_original) {
    if (rtx->payload.size < CV_RTX_HEADER_BYTES)
        return CV_ERR_TRUNCATED;
    *ret_original = *rtx;
    ret_original->payload_type = payload_type;
    ret_original->ssrc = ssrc;
    ret_original->sequence = cv_get_be16(rtx->payload.data);
    ret_original->payload.data += CV_RTX_HEADER_BYTES;
    ret_original->payload.size -= CV_RTX_HEADER_BYTES;
    return CV_OK;
}
