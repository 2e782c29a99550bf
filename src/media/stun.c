/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stun.h"

#include "media/crypto.h"

#include <assert.h>

enum {
    ATTRIBUTE_HEADER_BYTES = 4,
    INTEGRITY_BYTES = ATTRIBUTE_HEADER_BYTES + CV_SHA1_BYTES,
    FINGERPRINT_BYTES = ATTRIBUTE_HEADER_BYTES + 4,
    FAMILY_V4 = 1,
    FAMILY_V6 = 2,
    FIRST_OPTIONAL_TYPE = 0x8000,
};

#define FINGERPRINT_XOR UINT32_C(0x5354554e)

static size_t padded(size_t size) {
    return (size + 3) & ~(size_t)3;
}

/* CRC-32 of ITU-T V.42 (RFC 8489 section 14.7), four bits at a step: messages are few and short. */
static uint32_t crc32(const uint8_t *data, size_t size) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ crc >> 4;
        crc = table[(crc ^ data[i] >> 4) & 15] ^ crc >> 4;
    }
    return ~crc;
}

/* RFC 8489 section 5, figure 3: the class bits stand in the middle of the method's. */
static uint16_t join_type(enum cv_stun_class class, uint16_t method) {
    return (uint16_t)((method & 0x0f80) << 2 | (method & 0x0070) << 1 | (method & 0x000f) |
                      (class & 2) << 7 | (class & 1) << 4);
}

static void split_type(uint16_t type, struct cv_stun_message *message) {
    message->class = (enum cv_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    message->method = (uint16_t)((type >> 2 & 0x0f80) | (type >> 1 & 0x0070) | (type & 0x000f));
}

bool cv_stun_is_message(struct cv_slice datagram) {
    return datagram.size >= CV_STUN_HEADER_BYTES && datagram.data[0] < 4 &&
           cv_get_be32(datagram.data + 4) == CV_STUN_COOKIE;
}

/* The address is XORed with the cookie, and past that with the transaction id: bytes 4 to 19. */
static void xor_address(const uint8_t *header, const uint8_t *in, size_t size, uint8_t *out) {
    for (size_t i = 0; i < size; i++)
        out[i] = in[i] ^ header[4 + i];
}

static enum cv_err parse_mapped(struct cv_slice value, struct cv_stun_message *message) {
    uint8_t ip[16];
    if (value.size < 8)
        return CV_ERR_SYNTAX;
    uint16_t port = (uint16_t)(cv_get_be16(value.data + 2) ^ CV_STUN_COOKIE >> 16);
    if (value.data[1] == FAMILY_V4 && value.size == 8) {
        xor_address(message->bytes.data, value.data + 4, 4, ip);
        message->mapped = cv_addr_v4(ip, port);
        return CV_OK;
    }
    if (value.data[1] == FAMILY_V6 && value.size == 20) {
        xor_address(message->bytes.data, value.data + 4, 16, ip);
        message->mapped = cv_addr_v6(ip, port);
        return CV_OK;
    }
    return CV_ERR_SYNTAX;
}

static enum cv_err parse_error_code(struct cv_slice value, struct cv_stun_message *message) {
    if (value.size < 4)
        return CV_ERR_SYNTAX;
    unsigned hundreds = value.data[2] & 7, rest = value.data[3];
    if (hundreds < 3 || hundreds > 6 || rest > 99)
        return CV_ERR_SYNTAX;
    message->error_code = (uint16_t)(hundreds * 100 + rest);
    return CV_OK;
}

/* RFC 8445 section 7.1.3: one of the two roles, never both. */
static enum cv_err parse_role(struct cv_slice value, bool *role, struct cv_stun_message *message) {
    if (value.size != 8 || message->has_controlling || message->has_controlled)
        return CV_ERR_SYNTAX;
    *role = true;
    message->tie_breaker = cv_get_be64(value.data);
    return CV_OK;
}

static void note_unknown(uint16_t type, struct cv_stun_message *message) {
    if (type < FIRST_OPTIONAL_TYPE && message->unknown_count < CV_STUN_MAX_UNKNOWN)
        message->unknown[message->unknown_count++] = type;
}

static enum cv_err parse_attribute(uint16_t type, struct cv_slice value,
                                   struct cv_stun_message *message) {
    switch (type) {
    case CV_STUN_ATTR_USERNAME:
        if (value.size > CV_STUN_MAX_USERNAME_BYTES)
            return CV_ERR_LIMIT;
        if (!message->username.data)
            message->username = value;
        return CV_OK;
    case CV_STUN_ATTR_XOR_MAPPED_ADDRESS:
        return message->mapped.family == CV_ADDR_NONE ? parse_mapped(value, message) : CV_OK;
    case CV_STUN_ATTR_ERROR_CODE:
        return message->error_code == 0 ? parse_error_code(value, message) : CV_OK;
    case CV_STUN_ATTR_UNKNOWN_ATTRIBUTES:
        return value.size % 2 == 0 ? CV_OK : CV_ERR_SYNTAX;
    case CV_STUN_ATTR_PRIORITY:
        if (value.size != 4)
            return CV_ERR_SYNTAX;
        if (!message->has_priority)
            message->priority = cv_get_be32(value.data);
        message->has_priority = true;
        return CV_OK;
    case CV_STUN_ATTR_USE_CANDIDATE:
        message->use_candidate = true;
        return value.size == 0 ? CV_OK : CV_ERR_SYNTAX;
    case CV_STUN_ATTR_ICE_CONTROLLING:
        return parse_role(value, &message->has_controlling, message);
    case CV_STUN_ATTR_ICE_CONTROLLED:
        return parse_role(value, &message->has_controlled, message);
    default:
        note_unknown(type, message);
        return CV_OK;
    }
}

/* The message up to this attribute; its header's length field already counts the attribute. */
static bool fingerprint_is_right(const uint8_t *data, size_t offset) {
    return cv_get_be32(data + offset + ATTRIBUTE_HEADER_BYTES) ==
           (crc32(data, offset) ^ FINGERPRINT_XOR);
}

static enum cv_err parse_attributes(struct cv_stun_message *message) {
    const uint8_t *data = message->bytes.data;
    size_t size = message->bytes.size, count = 0;
    for (size_t at = CV_STUN_HEADER_BYTES; at < size;) {
        if (++count > CV_STUN_MAX_ATTRIBUTES)
            return CV_ERR_LIMIT;
        /* Sizes are multiples of four, so a header always fits here. */
        uint16_t type = cv_get_be16(data + at);
        size_t value_size = cv_get_be16(data + at + 2);
        size_t next = at + ATTRIBUTE_HEADER_BYTES + padded(value_size);
        if (next > size)
            return CV_ERR_SYNTAX;
        if (type == CV_STUN_ATTR_FINGERPRINT) {
            if (value_size != 4 || next != size || !fingerprint_is_right(data, at))
                return CV_ERR_SYNTAX;
            message->has_fingerprint = true;
        } else if (message->integrity_offset == 0 && type == CV_STUN_ATTR_MESSAGE_INTEGRITY) {
            if (value_size != CV_SHA1_BYTES)
                return CV_ERR_SYNTAX;
            message->integrity_offset = at;
        } else if (message->integrity_offset == 0) {
            struct cv_slice value = cv_slice_of(data + at + ATTRIBUTE_HEADER_BYTES, value_size);
            enum cv_err err = parse_attribute(type, value, message);
            if (err)
                return err;
        }
        at = next;
    }
    return CV_OK;
}

enum cv_err cv_stun_parse(struct cv_slice datagram, struct cv_stun_message *ret_message) {
    if (!cv_stun_is_message(datagram))
        return CV_ERR_SYNTAX;
    if (datagram.size > CV_STUN_MAX_BYTES)
        return CV_ERR_LIMIT;
    size_t length = cv_get_be16(datagram.data + 2);
    if (length % 4 != 0 || length + CV_STUN_HEADER_BYTES != datagram.size)
        return CV_ERR_SYNTAX;
    struct cv_stun_message message = {.bytes = datagram, .transaction_id = datagram.data + 8};
    split_type(cv_get_be16(datagram.data), &message);
    enum cv_err err = parse_attributes(&message);
    if (err)
        return err;
    *ret_message = message;
    return CV_OK;
}

/*
 * RFC 8489 section 14.5: the HMAC covers what stands before the attribute, with a length field as
 * if the message ended with it.
 */
static enum cv_err integrity_of(const uint8_t *data, size_t offset, struct cv_slice key,
                                uint8_t ret_mac[static CV_SHA1_BYTES]) {
    uint8_t head[4] = {data[0], data[1]};
    cv_put_be16(head + 2, (uint16_t)(offset + INTEGRITY_BYTES - CV_STUN_HEADER_BYTES));
    struct cv_hmac *hmac = cv_hmac_new(key);
    bool ok = hmac && cv_hmac_begin(hmac) && cv_hmac_add(hmac, cv_slice_of(head, sizeof head)) &&
              cv_hmac_add(hmac, cv_slice_of(data + sizeof head, offset - sizeof head)) &&
              cv_hmac_end(hmac, ret_mac);
    cv_hmac_free(hmac);
    return ok ? CV_OK : CV_ERR_CRYPTO;
}

enum cv_err cv_stun_check_integrity(const struct cv_stun_message *message, struct cv_slice key) {
    if (message->integrity_offset == 0)
        return CV_ERR_AUTH;
    uint8_t mac[CV_SHA1_BYTES];
    enum cv_err err = integrity_of(message->bytes.data, message->integrity_offset, key, mac);
    if (err)
        return err;
    const uint8_t *got = message->bytes.data + message->integrity_offset + ATTRIBUTE_HEADER_BYTES;
    bool same = cv_slice_eq_secret(cv_slice_of(mac, sizeof mac), cv_slice_of(got, sizeof mac));
    return same ? CV_OK : CV_ERR_AUTH;
}

void cv_stun_begin(struct cv_stun_writer *writer, uint8_t *data, size_t capacity,
                   enum cv_stun_class class, uint16_t method,
                   const uint8_t transaction_id[static CV_STUN_TRANSACTION_BYTES]) {
    *writer = (struct cv_stun_writer){.data = data, .capacity = capacity};
    if (capacity < CV_STUN_HEADER_BYTES) {
        writer->err = CV_ERR_LIMIT;
        return;
    }
    cv_put_be16(data, join_type(class, method));
    cv_put_be16(data + 2, 0);
    cv_put_be32(data + 4, CV_STUN_COOKIE);
    memcpy(data + 8, transaction_id, CV_STUN_TRANSACTION_BYTES);
    writer->size = CV_STUN_HEADER_BYTES;
}

/* Room for one attribute: its value, zeroed up to the padding; NULL once the writer has failed. */
static uint8_t *reserve(struct cv_stun_writer *writer, uint16_t type, size_t size) {
    if (writer->err)
        return NULL;
    size_t room = writer->capacity < CV_STUN_MAX_BYTES ? writer->capacity : CV_STUN_MAX_BYTES;
    if (size > room || ATTRIBUTE_HEADER_BYTES + padded(size) > room - writer->size) {
        writer->err = CV_ERR_LIMIT;
        return NULL;
    }
    uint8_t *at = writer->data + writer->size;
    cv_put_be16(at, type);
    cv_put_be16(at + 2, (uint16_t)size);
    memset(at + ATTRIBUTE_HEADER_BYTES, 0, padded(size));
    writer->size += ATTRIBUTE_HEADER_BYTES + padded(size);
    cv_put_be16(writer->data + 2, (uint16_t)(writer->size - CV_STUN_HEADER_BYTES));
    return at + ATTRIBUTE_HEADER_BYTES;
}

void cv_stun_add(struct cv_stun_writer *writer, uint16_t type, const void *value, size_t size) {
    uint8_t *at = reserve(writer, type, size);
    if (at && size > 0)
        memcpy(at, value, size);
}

void cv_stun_add_u32(struct cv_stun_writer *writer, uint16_t type, uint32_t value) {
    uint8_t *at = reserve(writer, type, 4);
    if (at)
        cv_put_be32(at, value);
}

void cv_stun_add_u64(struct cv_stun_writer *writer, uint16_t type, uint64_t value) {
    uint8_t *at = reserve(writer, type, 8);
    if (at)
        cv_put_be64(at, value);
}

void cv_stun_add_mapped(struct cv_stun_writer *writer, const struct cv_addr *addr) {
    size_t ip_size = addr->family == CV_ADDR_V4 ? 4 : 16;
    uint8_t *at = reserve(writer, CV_STUN_ATTR_XOR_MAPPED_ADDRESS, 4 + ip_size);
    if (!at)
        return;
    at[1] = addr->family == CV_ADDR_V4 ? FAMILY_V4 : FAMILY_V6;
    cv_put_be16(at + 2, (uint16_t)(addr->port ^ CV_STUN_COOKIE >> 16));
    xor_address(writer->data, addr->ip, ip_size, at + 4);
}

void cv_stun_add_error(struct cv_stun_writer *writer, uint16_t code) {
    uint8_t *at = reserve(writer, CV_STUN_ATTR_ERROR_CODE, 4);
    if (!at)
        return;
    at[2] = (uint8_t)(code / 100);
    at[3] = (uint8_t)(code % 100);
}

void cv_stun_add_unknown(struct cv_stun_writer *writer, const uint16_t *types, size_t count) {
    uint8_t list[2 * CV_STUN_MAX_UNKNOWN];
    assert(count <= CV_STUN_MAX_UNKNOWN);
    for (size_t i = 0; i < count; i++)
        cv_put_be16(list + 2 * i, types[i]);
    cv_stun_add(writer, CV_STUN_ATTR_UNKNOWN_ATTRIBUTES, list, 2 * count);
}

void cv_stun_add_integrity(struct cv_stun_writer *writer, struct cv_slice key) {
    size_t offset = writer->size;
    uint8_t *at = reserve(writer, CV_STUN_ATTR_MESSAGE_INTEGRITY, CV_SHA1_BYTES);
    if (at)
        writer->err = integrity_of(writer->data, offset, key, at);
}

void cv_stun_add_fingerprint(struct cv_stun_writer *writer) {
    size_t offset = writer->size;
    uint8_t *at = reserve(writer, CV_STUN_ATTR_FINGERPRINT, FINGERPRINT_BYTES - 4);
    if (at)
        cv_put_be32(at, crc32(writer->data, offset) ^ FINGERPRINT_XOR);
}

enum cv_err cv_stun_finish(const struct cv_stun_writer *writer, size_t *ret_size) {
    if (writer->err)
        return writer->err;
    *ret_size = writer->size;
    return CV_OK;
}
