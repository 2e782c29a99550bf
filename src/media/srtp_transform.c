/* SPDX-License-Identifier: Apache-2.0 */
#include "media/srtp_private.h"

/* RFC 3711 section 4.3.2 */
enum { LABEL_KEY = 0, LABEL_AUTH = 1, LABEL_SALT = 2, LABEL_RTCP = 3 };

/* One output of the key derivation: the key stream for label and salt (RFC 3711 section 4.3.3). */
static bool derive_one(struct cv_ctr *prf, const uint8_t *salt, uint8_t label, uint8_t *out,
                       size_t size) {
    uint8_t iv[CV_AES_BLOCK_BYTES] = {0};
    memcpy(iv, salt, CV_SRTP_SALT_BYTES);
    iv[7] ^= label;
    memset(out, 0, size);
    return cv_ctr_begin(prf, iv) && cv_ctr_crypt(prf, cv_slice_of(out, size), out);
}

enum cv_err cv_srtp_derive(const uint8_t key[static CV_SRTP_KEY_BYTES],
                           const uint8_t salt[static CV_SRTP_SALT_BYTES], bool rtcp,
                           struct cv_srtp_keys *ret_keys) {
    struct cv_ctr *prf = cv_ctr_new(key);
    if (!prf)
        return CV_ERR_MEMORY;
    uint8_t first = rtcp ? LABEL_RTCP : 0;
    bool ok = derive_one(prf, salt, first + LABEL_KEY, ret_keys->key, sizeof ret_keys->key) &&
              derive_one(prf, salt, first + LABEL_AUTH, ret_keys->auth, sizeof ret_keys->auth) &&
              derive_one(prf, salt, first + LABEL_SALT, ret_keys->salt, sizeof ret_keys->salt);
    cv_ctr_free(prf);
    return ok ? CV_OK : CV_ERR_CRYPTO;
}

enum cv_err cv_srtp_transform_init(struct cv_srtp_transform *transform,
                                   enum cv_srtp_profile profile, enum cv_srtp_direction direction,
                                   const struct cv_srtp_keys *keys) {
    *transform = (struct cv_srtp_transform){.profile = profile};
    memcpy(transform->salt, keys->salt, sizeof transform->salt);
    if (profile == CV_SRTP_AEAD_AES_128_GCM) {
        transform->gcm = cv_gcm_new(keys->key, direction == CV_SRTP_SEND);
    } else {
        transform->ctr = cv_ctr_new(keys->key);
        transform->hmac = cv_hmac_new(cv_slice_of(keys->auth, sizeof keys->auth));
    }
    if (transform->gcm || (transform->ctr && transform->hmac))
        return CV_OK;
    cv_srtp_transform_release(transform);
    return CV_ERR_MEMORY;
}

void cv_srtp_transform_release(struct cv_srtp_transform *transform) {
    cv_gcm_free(transform->gcm);
    cv_ctr_free(transform->ctr);
    cv_hmac_free(transform->hmac);
    cv_wipe(transform, sizeof *transform);
}

size_t cv_srtp_tag_bytes(enum cv_srtp_profile profile) {
    return profile == CV_SRTP_AEAD_AES_128_GCM ? CV_GCM_TAG_BYTES : CV_SRTP_CM_TAG_BYTES;
}

/*
 * The IV of both protocols under AEAD (RFC 7714 sections 8.1 and 9.1): SSRC and the 48-bit index,
 * which of SRTCP has 31 bits, masked with the salt.
 */
static void gcm_iv(const struct cv_srtp_transform *transform, const uint8_t *ssrc, uint64_t index,
                   uint8_t iv[static CV_GCM_IV_BYTES]) {
    memset(iv, 0, 2);
    memcpy(iv + 2, ssrc, 4);
    cv_put_be16(iv + 6, (uint16_t)(index >> 32));
    cv_put_be32(iv + 8, (uint32_t)index);
    for (size_t i = 0; i < CV_GCM_IV_BYTES; i++)
        iv[i] ^= transform->salt[i];
}

/* RFC 3711 section 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16. */
static bool ctr_begin(struct cv_srtp_transform *transform, const uint8_t *ssrc, uint64_t index) {
    uint8_t iv[CV_AES_BLOCK_BYTES] = {0}, mask[CV_AES_BLOCK_BYTES] = {0};
    memcpy(iv, transform->salt, CV_SRTP_SALT_BYTES);
    memcpy(mask + 4, ssrc, 4);
    cv_put_be64(mask + 8, index << 16);
    for (size_t i = 0; i < sizeof iv; i++)
        iv[i] ^= mask[i];
    return cv_ctr_begin(transform->ctr, iv);
}

static enum cv_err result(bool ok) {
    return ok ? CV_OK : CV_ERR_CRYPTO;
}

static bool tags_equal(const uint8_t *a, const uint8_t *b) {
    return cv_slice_eq_secret(cv_slice_of(a, CV_SRTP_CM_TAG_BYTES),
                              cv_slice_of(b, CV_SRTP_CM_TAG_BYTES));
}

/* RFC 3711 section 4.2: an RTP packet is authenticated together with its rollover counter. */
static bool cm_mac(struct cv_srtp_transform *transform, const uint8_t *packet, size_t size,
                   uint64_t index, uint8_t mac[static CV_SHA1_BYTES]) {
    uint8_t rollover[4];
    cv_put_be32(rollover, (uint32_t)(index >> 16));
    return cv_hmac_begin(transform->hmac) &&
           cv_hmac_add(transform->hmac, cv_slice_of(packet, size)) &&
           cv_hmac_add(transform->hmac, cv_slice_of(rollover, sizeof rollover)) &&
           cv_hmac_end(transform->hmac, mac);
}

enum cv_err cv_srtp_seal(struct cv_srtp_transform *transform, uint8_t *packet, size_t header_size,
                         size_t size, struct cv_slice rest, uint64_t index) {
    uint8_t *payload = packet + header_size;
    struct cv_slice first = cv_slice_of(payload, size - header_size);
    uint8_t *end = packet + size + rest.size;
    if (transform->gcm) {
        uint8_t iv[CV_GCM_IV_BYTES];
        gcm_iv(transform, packet + 8, index, iv);
        return result(cv_gcm_begin(transform->gcm, iv, cv_slice_of(packet, header_size)) &&
                      cv_gcm_crypt(transform->gcm, first, payload) &&
                      cv_gcm_crypt(transform->gcm, rest, packet + size) &&
                      cv_gcm_make_tag(transform->gcm, end));
    }
    uint8_t mac[CV_SHA1_BYTES];
    if (!ctr_begin(transform, packet + 8, index) || !cv_ctr_crypt(transform->ctr, first, payload) ||
        !cv_ctr_crypt(transform->ctr, rest, packet + size) ||
        !cm_mac(transform, packet, size + rest.size, index, mac))
        return CV_ERR_CRYPTO;
    memcpy(end, mac, CV_SRTP_CM_TAG_BYTES);
    return CV_OK;
}

enum cv_err cv_srtp_open(struct cv_srtp_transform *transform, uint8_t *packet, size_t header_size,
                         size_t size, uint64_t index) {
    size_t plain_size = size - cv_srtp_tag_bytes(transform->profile);
    uint8_t *payload = packet + header_size, *tag = packet + plain_size;
    struct cv_slice cipher = cv_slice_of(payload, plain_size - header_size);
    if (transform->gcm) {
        uint8_t iv[CV_GCM_IV_BYTES];
        gcm_iv(transform, packet + 8, index, iv);
        if (!cv_gcm_begin(transform->gcm, iv, cv_slice_of(packet, header_size)) ||
            !cv_gcm_crypt(transform->gcm, cipher, payload))
            return CV_ERR_CRYPTO;
        return cv_gcm_check_tag(transform->gcm, tag);
    }
    uint8_t mac[CV_SHA1_BYTES];
    if (!cm_mac(transform, packet, plain_size, index, mac))
        return CV_ERR_CRYPTO;
    if (!tags_equal(mac, tag))
        return CV_ERR_AUTH;
    return result(ctr_begin(transform, packet + 8, index) &&
                  cv_ctr_crypt(transform->ctr, cipher, payload));
}

/* RFC 7714 section 9.2: the clear header and the word with E flag and index are associated data. */
static bool gcm_begin_rtcp(struct cv_srtp_transform *transform, const uint8_t *packet,
                           const uint8_t *word) {
    uint8_t iv[CV_GCM_IV_BYTES];
    gcm_iv(transform, packet + 4, cv_get_be32(word) & CV_SRTCP_MAX_INDEX, iv);
    return cv_gcm_begin(transform->gcm, iv, cv_slice_of(packet, CV_SRTCP_HEADER_BYTES)) &&
           cv_gcm_associate(transform->gcm, cv_slice_of(word, CV_SRTCP_INDEX_BYTES));
}

static bool cm_mac_rtcp(struct cv_srtp_transform *transform, const uint8_t *packet, size_t size,
                        uint8_t mac[static CV_SHA1_BYTES]) {
    return cv_hmac_begin(transform->hmac) &&
           cv_hmac_add(transform->hmac, cv_slice_of(packet, size)) &&
           cv_hmac_end(transform->hmac, mac);
}

enum cv_err cv_srtcp_seal(struct cv_srtp_transform *transform, uint8_t *packet, size_t size,
                          uint32_t index) {
    uint8_t *payload = packet + CV_SRTCP_HEADER_BYTES, *end = packet + size;
    struct cv_slice plain = cv_slice_of(payload, size - CV_SRTCP_HEADER_BYTES);
    if (transform->gcm) {
        /* On the wire: cipher text, tag, index. */
        uint8_t *word = end + CV_GCM_TAG_BYTES;
        cv_put_be32(word, CV_SRTCP_E_FLAG | index);
        return result(gcm_begin_rtcp(transform, packet, word) &&
                      cv_gcm_crypt(transform->gcm, plain, payload) &&
                      cv_gcm_make_tag(transform->gcm, end));
    }
    /* On the wire: cipher text, index, tag. */
    uint8_t mac[CV_SHA1_BYTES];
    cv_put_be32(end, CV_SRTCP_E_FLAG | index);
    if (!ctr_begin(transform, packet + 4, index) || !cv_ctr_crypt(transform->ctr, plain, payload) ||
        !cm_mac_rtcp(transform, packet, size + CV_SRTCP_INDEX_BYTES, mac))
        return CV_ERR_CRYPTO;
    memcpy(end + CV_SRTCP_INDEX_BYTES, mac, CV_SRTP_CM_TAG_BYTES);
    return CV_OK;
}

static const uint8_t *index_word(const struct cv_srtp_transform *transform, const uint8_t *packet,
                                 size_t size) {
    size_t behind = transform->gcm ? 0 : CV_SRTP_CM_TAG_BYTES;
    return packet + size - behind - CV_SRTCP_INDEX_BYTES;
}

uint32_t cv_srtcp_index(const struct cv_srtp_transform *transform, const uint8_t *packet,
                        size_t size) {
    return cv_get_be32(index_word(transform, packet, size)) & CV_SRTCP_MAX_INDEX;
}

enum cv_err cv_srtcp_open(struct cv_srtp_transform *transform, uint8_t *packet, size_t size) {
    uint8_t *payload = packet + CV_SRTCP_HEADER_BYTES;
    const uint8_t *word = index_word(transform, packet, size);
    size_t trailer = cv_srtp_tag_bytes(transform->profile) + CV_SRTCP_INDEX_BYTES;
    struct cv_slice cipher = cv_slice_of(payload, size - CV_SRTCP_HEADER_BYTES - trailer);
    if (!(cv_get_be32(word) & CV_SRTCP_E_FLAG))
        return CV_ERR_AUTH;
    if (transform->gcm) {
        if (!gcm_begin_rtcp(transform, packet, word) ||
            !cv_gcm_crypt(transform->gcm, cipher, payload))
            return CV_ERR_CRYPTO;
        return cv_gcm_check_tag(transform->gcm, packet + size - trailer);
    }
    uint8_t mac[CV_SHA1_BYTES];
    if (!cm_mac_rtcp(transform, packet, size - CV_SRTP_CM_TAG_BYTES, mac))
        return CV_ERR_CRYPTO;
    if (!tags_equal(mac, packet + size - CV_SRTP_CM_TAG_BYTES))
        return CV_ERR_AUTH;
    return result(ctr_begin(transform, packet + 4, cv_srtcp_index(transform, packet, size)) &&
                  cv_ctr_crypt(transform->ctr, cipher, payload));
}
