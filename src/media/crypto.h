/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The primitives that STUN and SRTP need, over OpenSSL. Besides dtls, crypto.c is the only file
 * of the media core that knows OpenSSL.
 *
 * The contexts keep cipher and key schedule over their life, so that a packet costs an IV and no
 * allocation. A context works in one direction and serves one packet at a time: begin, then data
 * in any number of pieces, then the tag. The functions return false when the library fails, which
 * it doesn't do for any input; callers turn that into CV_ERR_CRYPTO.
 */
#ifndef CV_MEDIA_CRYPTO_H
#define CV_MEDIA_CRYPTO_H

#include "base/bytes.h"

enum {
    CV_AES_KEY_BYTES = 16,
    CV_AES_BLOCK_BYTES = 16,
    CV_GCM_IV_BYTES = 12,
    CV_GCM_TAG_BYTES = 16,
    CV_SHA1_BYTES = 20,
};

/* AES-128-GCM (NIST SP 800-38D). */
struct cv_gcm;
struct cv_gcm *cv_gcm_new(const uint8_t key[static CV_AES_KEY_BYTES], bool seal);
struct cv_gcm *cv_gcm_free(struct cv_gcm *gcm);
/* It will be used soon (base/prefetch.h): itself, and in a later step what it refers to. */
void cv_gcm_prefetch(const struct cv_gcm *gcm);
void cv_gcm_prefetch_parts(const struct cv_gcm *gcm);
/* Starts a packet with its IV and all of its associated data. */
bool cv_gcm_begin(struct cv_gcm *gcm, const uint8_t iv[static CV_GCM_IV_BYTES],
                  struct cv_slice associated);
bool cv_gcm_associate(struct cv_gcm *gcm, struct cv_slice more_associated);
/* `out` holds in.size bytes; it may be the input itself, otherwise they don't overlap. */
bool cv_gcm_crypt(struct cv_gcm *gcm, struct cv_slice in, uint8_t *out);
bool cv_gcm_make_tag(struct cv_gcm *gcm, uint8_t ret_tag[static CV_GCM_TAG_BYTES]);
/* CV_ERR_AUTH when the tag is wrong: what was decrypted must not be used then. */
enum cv_err cv_gcm_check_tag(struct cv_gcm *gcm, const uint8_t tag[static CV_GCM_TAG_BYTES]);

/* AES-128 in counter mode (NIST SP 800-38A); the same function encrypts and decrypts. */
struct cv_ctr;
struct cv_ctr *cv_ctr_new(const uint8_t key[static CV_AES_KEY_BYTES]);
struct cv_ctr *cv_ctr_free(struct cv_ctr *ctr);
bool cv_ctr_begin(struct cv_ctr *ctr, const uint8_t iv[static CV_AES_BLOCK_BYTES]);
/* `out` as with cv_gcm_crypt. */
bool cv_ctr_crypt(struct cv_ctr *ctr, struct cv_slice in, uint8_t *out);

/* HMAC-SHA1 (RFC 2104); the key has at most 64 bytes. */
struct cv_hmac;
struct cv_hmac *cv_hmac_new(struct cv_slice key);
struct cv_hmac *cv_hmac_free(struct cv_hmac *hmac);
bool cv_hmac_begin(struct cv_hmac *hmac);
bool cv_hmac_add(struct cv_hmac *hmac, struct cv_slice data);
bool cv_hmac_end(struct cv_hmac *hmac, uint8_t ret_mac[static CV_SHA1_BYTES]);

#endif
