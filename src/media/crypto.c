/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For SHA1_*: OpenSSL 3 calls them deprecated, but its EVP digests (and with them EVP_MAC) allocate
 * anew for every message, and a packet must not cost an allocation.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/crypto.h"

#include "base/prefetch.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdlib.h>

enum { EVP_BYTES = 168 /* about: OpenSSL shows nobody what is in it */ };

struct cv_gcm {
    EVP_CIPHER_CTX *evp;
};

struct cv_ctr {
    EVP_CIPHER_CTX *evp;
};

struct cv_hmac {
    SHA_CTX inner, outer; /* with the key in them */
    SHA_CTX running;
};

/* A context with its cipher fetched and its key expanded; NULL without memory. */
static EVP_CIPHER_CTX *keyed(const char *name, const uint8_t *key, bool encrypt) {
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new();
    if (!cipher || !evp || EVP_CipherInit_ex2(evp, cipher, key, NULL, encrypt, NULL) != 1) {
        EVP_CIPHER_CTX_free(evp);
        evp = NULL;
    }
    EVP_CIPHER_free(cipher);
    return evp;
}

static bool set_iv(EVP_CIPHER_CTX *evp, const uint8_t *iv) {
    return EVP_CipherInit_ex2(evp, NULL, NULL, iv, -1, NULL) == 1;
}

static bool update(EVP_CIPHER_CTX *evp, struct cv_slice in, uint8_t *out) {
    int size = 0;
    return in.size == 0 || EVP_CipherUpdate(evp, out, &size, in.data, (int)in.size) == 1;
}

struct cv_gcm *cv_gcm_new(const uint8_t key[static CV_AES_KEY_BYTES], bool seal) {
    struct cv_gcm *gcm = calloc(1, sizeof *gcm);
    if (!gcm)
        return NULL;
    gcm->evp = keyed("AES-128-GCM", key, seal);
    return gcm->evp ? gcm : cv_gcm_free(gcm);
}

struct cv_gcm *cv_gcm_free(struct cv_gcm *gcm) {
    if (gcm)
        EVP_CIPHER_CTX_free(gcm->evp);
    free(gcm);
    return NULL;
}

void cv_gcm_prefetch(const struct cv_gcm *gcm) {
    cv_prefetch(gcm, sizeof *gcm);
}

void cv_gcm_prefetch_parts(const struct cv_gcm *gcm) {
    cv_prefetch(gcm->evp, EVP_BYTES);
}

bool cv_gcm_begin(struct cv_gcm *gcm, const uint8_t iv[static CV_GCM_IV_BYTES],
                  struct cv_slice associated) {
    return set_iv(gcm->evp, iv) && update(gcm->evp, associated, NULL);
}

bool cv_gcm_associate(struct cv_gcm *gcm, struct cv_slice more_associated) {
    return update(gcm->evp, more_associated, NULL);
}

bool cv_gcm_crypt(struct cv_gcm *gcm, struct cv_slice in, uint8_t *out) {
    return update(gcm->evp, in, out);
}

bool cv_gcm_make_tag(struct cv_gcm *gcm, uint8_t ret_tag[static CV_GCM_TAG_BYTES]) {
    int size = 0;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, ret_tag, CV_GCM_TAG_BYTES),
        OSSL_PARAM_construct_end(),
    };
    return EVP_CipherFinal_ex(gcm->evp, ret_tag, &size) == 1 &&
           EVP_CIPHER_CTX_get_params(gcm->evp, params) == 1;
}

enum cv_err cv_gcm_check_tag(struct cv_gcm *gcm, const uint8_t tag[static CV_GCM_TAG_BYTES]) {
    int size = 0;
    uint8_t copy[CV_GCM_TAG_BYTES];
    memcpy(copy, tag, sizeof copy);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, copy, sizeof copy),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_CIPHER_CTX_set_params(gcm->evp, params) != 1)
        return CV_ERR_CRYPTO;
    return EVP_CipherFinal_ex(gcm->evp, copy, &size) == 1 ? CV_OK : CV_ERR_AUTH;
}

struct cv_ctr *cv_ctr_new(const uint8_t key[static CV_AES_KEY_BYTES]) {
    struct cv_ctr *ctr = calloc(1, sizeof *ctr);
    if (!ctr)
        return NULL;
    ctr->evp = keyed("AES-128-CTR", key, true);
    return ctr->evp ? ctr : cv_ctr_free(ctr);
}

struct cv_ctr *cv_ctr_free(struct cv_ctr *ctr) {
    if (ctr)
        EVP_CIPHER_CTX_free(ctr->evp);
    free(ctr);
    return NULL;
}

bool cv_ctr_begin(struct cv_ctr *ctr, const uint8_t iv[static CV_AES_BLOCK_BYTES]) {
    return set_iv(ctr->evp, iv);
}

bool cv_ctr_crypt(struct cv_ctr *ctr, struct cv_slice in, uint8_t *out) {
    return update(ctr->evp, in, out);
}

/* The key, padded to a block and masked, is hashed once; packets start from there. */
static void absorb(SHA_CTX *sha1, struct cv_slice key, uint8_t mask) {
    uint8_t pad[SHA_CBLOCK];
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = (uint8_t)((i < key.size ? key.data[i] : 0) ^ mask);
    SHA1_Init(sha1);
    SHA1_Update(sha1, pad, sizeof pad);
    cv_wipe(pad, sizeof pad);
}

struct cv_hmac *cv_hmac_new(struct cv_slice key) {
    struct cv_hmac *hmac = key.size <= SHA_CBLOCK ? calloc(1, sizeof *hmac) : NULL;
    if (!hmac)
        return NULL;
    absorb(&hmac->inner, key, 0x36);
    absorb(&hmac->outer, key, 0x5c);
    return hmac;
}

struct cv_hmac *cv_hmac_free(struct cv_hmac *hmac) {
    if (hmac)
        cv_wipe(hmac, sizeof *hmac);
    free(hmac);
    return NULL;
}

bool cv_hmac_begin(struct cv_hmac *hmac) {
    hmac->running = hmac->inner;
    return true;
}

bool cv_hmac_add(struct cv_hmac *hmac, struct cv_slice data) {
    return SHA1_Update(&hmac->running, data.data, data.size) == 1;
}

bool cv_hmac_end(struct cv_hmac *hmac, uint8_t ret_mac[static CV_SHA1_BYTES]) {
    uint8_t inner[CV_SHA1_BYTES];
    bool ok = SHA1_Final(inner, &hmac->running) == 1;
    hmac->running = hmac->outer;
    return ok && SHA1_Update(&hmac->running, inner, sizeof inner) == 1 &&
           SHA1_Final(ret_mac, &hmac->running) == 1;
}
