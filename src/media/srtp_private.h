/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two transforms below the streams: session keys and a packet index in, bytes out. Whoever
 * calls chooses the index; nothing here remembers one.
 */
#ifndef CV_MEDIA_SRTP_PRIVATE_H
#define CV_MEDIA_SRTP_PRIVATE_H

#include "media/crypto.h"
#include "media/srtp.h"

enum {
    CV_SRTP_AUTH_KEY_BYTES = 20, /* RFC 3711 section 5.2 */
    CV_SRTP_CM_TAG_BYTES = 10,   /* 80 bits */
    CV_SRTCP_HEADER_BYTES = 8,   /* what stays in the clear: RFC 3711 section 3.4 */
    CV_SRTCP_INDEX_BYTES = 4,
};

#define CV_SRTCP_E_FLAG UINT32_C(0x80000000)
#define CV_SRTCP_MAX_INDEX UINT32_C(0x7fffffff)

struct cv_srtp_keys {
    uint8_t key[CV_SRTP_KEY_BYTES];
    uint8_t auth[CV_SRTP_AUTH_KEY_BYTES]; /* unused by AEAD */
    uint8_t salt[CV_SRTP_SALT_BYTES];     /* AEAD: the first 12 */
};

/* RFC 3711 section 4.3.1. The master salt is padded on the right to 14 bytes (RFC 7714 s. 11). */
enum cv_err cv_srtp_derive(const uint8_t key[static CV_SRTP_KEY_BYTES],
                           const uint8_t salt[static CV_SRTP_SALT_BYTES], bool rtcp,
                           struct cv_srtp_keys *ret_keys);

struct cv_srtp_transform {
    enum cv_srtp_profile profile;
    uint8_t salt[CV_SRTP_SALT_BYTES];
    struct cv_gcm *gcm;   /* AEAD */
    struct cv_ctr *ctr;   /* AES_CM */
    struct cv_hmac *hmac; /* AES_CM */
};

/* CV_ERR_MEMORY leaves nothing to release. */
enum cv_err cv_srtp_transform_init(struct cv_srtp_transform *transform,
                                   enum cv_srtp_profile profile, enum cv_srtp_direction direction,
                                   const struct cv_srtp_keys *keys);
void cv_srtp_transform_release(struct cv_srtp_transform *transform);

/* What sealing adds to an RTP packet. */
size_t cv_srtp_tag_bytes(enum cv_srtp_profile profile);

/* `packet`, `size` and `rest` as in cv_srtp_protect; there is room for the tag. */
enum cv_err cv_srtp_seal(struct cv_srtp_transform *transform, uint8_t *packet, size_t header_size,
                         size_t size, struct cv_slice rest, uint64_t index);
/* `size` counts the tag and is at least header_size and a tag. */
enum cv_err cv_srtp_open(struct cv_srtp_transform *transform, uint8_t *packet, size_t header_size,
                         size_t size, uint64_t index);

/* `size` is at least CV_SRTCP_HEADER_BYTES; there is room for tag and index. */
enum cv_err cv_srtcp_seal(struct cv_srtp_transform *transform, uint8_t *packet, size_t size,
                          uint32_t index);
/* The 31-bit index that stands in the packet, whose size allows for header, tag and index. */
uint32_t cv_srtcp_index(const struct cv_srtp_transform *transform, const uint8_t *packet,
                        size_t size);
/* CV_ERR_AUTH also when the packet says that it is not encrypted. */
enum cv_err cv_srtcp_open(struct cv_srtp_transform *transform, uint8_t *packet, size_t size);

#endif
