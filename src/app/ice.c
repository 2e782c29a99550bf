/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ice.h"

#include "base/encode.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { SHA1_BYTES = 20 };

static enum cv_err make_credential(const struct cv_ice_settings *settings,
                                   const struct cv_id *participant, int64_t expires_at_us,
                                   struct cv_ice_servers *ice) {
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    snprintf(ice->username, sizeof ice->username, "%" PRId64 ":%s", expires_at_us / CV_US_PER_S,
             participant->text);
    if (!HMAC(EVP_sha1(), settings->turn_secret.data, (int)settings->turn_secret.size,
              (const uint8_t *)ice->username, strlen(ice->username), mac, &size) ||
        size != SHA1_BYTES) {
        return CV_ERR_CRYPTO;
    }
    cv_base64_encode(mac, size, ice->credential);
    return CV_OK;
}

enum cv_err cv_ice_make(const struct cv_ice_settings *settings, const char *host,
                        const struct cv_id *participant, bool hide_address, int64_t now_us,
                        struct cv_ice_servers *ret_ice) {
    struct cv_signal_ice *ice = &ret_ice->ice;
    *ret_ice = (struct cv_ice_servers){0};
    ice->servers = ret_ice->servers;
    ice->relay_only = settings->relay_only || hide_address;
    ice->expires_at_us = CV_TIME_NEVER;
    if (settings->stun_port && *host) {
        snprintf(ret_ice->stun_url, sizeof ret_ice->stun_url, "stun:%s:%u", host,
                 settings->stun_port);
        ret_ice->stun_urls[0] = ret_ice->stun_url;
        ret_ice->servers[ice->server_count++].urls = ret_ice->stun_urls;
    }
    if (settings->turn_urls && settings->turn_urls[0]) {
        ice->expires_at_us = now_us + settings->credential_us;
        enum cv_err err = make_credential(settings, participant, ice->expires_at_us, ret_ice);
        if (err) {
            return err;
        }
        ret_ice->servers[ice->server_count++] =
            (struct cv_signal_ice_server){.urls = settings->turn_urls,
                                          .username = ret_ice->username,
                                          .credential = ret_ice->credential};
    }
    return CV_OK;
}
