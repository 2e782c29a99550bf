/* SPDX-License-Identifier: Apache-2.0 */
#include "media/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum cv_err cv_hmac_sha1(struct cv_slice key, const struct cv_slice *parts, size_t count,
                         uint8_t ret_mac[static CV_SHA1_BYTES]) {
    char digest[] = "SHA1";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    uint8_t mac_bytes[CV_SHA1_BYTES];
    size_t size = 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    bool ok = context && EVP_MAC_init(context, key.data, key.size, params) == 1;
    for (size_t i = 0; ok && i < count; i++)
        ok = EVP_MAC_update(context, parts[i].data, parts[i].size) == 1;
    ok = ok && EVP_MAC_final(context, mac_bytes, &size, sizeof mac_bytes) == 1 &&
         size == CV_SHA1_BYTES;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    if (!ok)
        return CV_ERR_CRYPTO;
    memcpy(ret_mac, mac_bytes, CV_SHA1_BYTES);
    return CV_OK;
}
