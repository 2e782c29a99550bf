/* SPDX-License-Identifier: Apache-2.0 */
#include "media/ice_client.h"

enum { HOST_PRIORITY = (126 << 24) | (65535 << 8) | 255 }; /* RFC 8445 section 5.1.2.1 */

void cv_ice_client_init(struct cv_ice_client *client, struct cv_random random) {
    memset(client, 0, sizeof *client);
    cv_ice_make_credentials(random, &client->local);
    cv_random_fill(random, &client->tie_breaker, sizeof client->tie_breaker);
    client->check_at_us = client->expires_at_us = CV_TIME_NEVER;
}

const struct cv_ice_credentials *cv_ice_client_credentials(const struct cv_ice_client *client) {
    return &client->local;
}

static bool copy_credential(struct cv_slice from, char to[static CV_ICE_MAX_UFRAG_CHARS + 1]) {
    if (from.size < CV_ICE_MIN_UFRAG_CHARS || from.size > CV_ICE_MAX_UFRAG_CHARS ||
        memchr(from.data, '\0', from.size))
        return false;
    memcpy(to, from.data, from.size);
    to[from.size] = '\0';
    return true;
}

enum cv_err cv_ice_client_start(struct cv_ice_client *client, int64_t now_us,
                                struct cv_slice remote_ufrag, struct cv_slice remote_password) {
    if (!copy_credential(remote_ufrag, client->remote_ufrag) ||
        !copy_credential(remote_password, client->remote_password))
        return CV_ERR_SYNTAX;
    client->state = CV_ICE_CLIENT_CHECKING;
    client->waiting = false;
    client->retry_us = CV_ICE_RETRY_US;
    client->check_at_us = now_us;
    client->expires_at_us = now_us + CV_ICE_CONSENT_US;
    return CV_OK;
}

/* A check that nobody answered goes out again as it was (RFC 8489 section 6.2.1). */
static size_t write_check(const struct cv_ice_client *client, uint8_t *out) {
    char username[CV_ICE_MAX_UFRAG_CHARS + 1 + CV_ICE_UFRAG_CHARS];
    size_t remote_size = strlen(client->remote_ufrag), size = 0;
    memcpy(username, client->remote_ufrag, remote_size);
    username[remote_size] = ':';
    memcpy(username + remote_size + 1, client->local.ufrag, CV_ICE_UFRAG_CHARS);
    struct cv_stun_writer writer;
    cv_stun_begin(&writer, out, CV_ICE_CHECK_BYTES, CV_STUN_REQUEST, CV_STUN_BINDING,
                  client->transaction);
    cv_stun_add(&writer, CV_STUN_ATTR_USERNAME, username, remote_size + 1 + CV_ICE_UFRAG_CHARS);
    cv_stun_add_u32(&writer, CV_STUN_ATTR_PRIORITY, HOST_PRIORITY);
    cv_stun_add_u64(&writer, CV_STUN_ATTR_ICE_CONTROLLING, client->tie_breaker);
    cv_stun_add(&writer, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_integrity(&writer, cv_slice_str(client->remote_password));
    cv_stun_add_fingerprint(&writer);
    return cv_stun_finish(&writer, &size) ? 0 : size;
}

size_t cv_ice_client_output(struct cv_ice_client *client, int64_t now_us, struct cv_random random,
                            uint8_t ret_check[static CV_ICE_CHECK_BYTES]) {
    if (client->state == CV_ICE_CLIENT_IDLE || client->state == CV_ICE_CLIENT_EXPIRED)
        return 0;
    if (now_us >= client->expires_at_us) {
        client->state = CV_ICE_CLIENT_EXPIRED;
        return 0;
    }
    if (now_us < client->check_at_us)
        return 0;
    if (client->waiting) {
        client->retry_us *= 2;
        if (client->retry_us > CV_ICE_MAX_RETRY_US)
            client->retry_us = CV_ICE_MAX_RETRY_US;
    } else {
        client->waiting = true;
        cv_random_fill(random, client->transaction, sizeof client->transaction);
    }
    client->check_at_us = now_us + client->retry_us;
    return write_check(client, ret_check);
}

static size_t answer_check(const struct cv_ice_client *client,
                           const struct cv_stun_message *message, const struct cv_addr *source,
                           uint8_t *out) {
    struct cv_slice password = cv_slice_str(client->local.password);
    struct cv_stun_writer writer;
    size_t size = 0;
    if (message->unknown_count > 0 || cv_stun_check_integrity(message, password))
        return 0;
    cv_stun_begin(&writer, out, CV_ICE_ANSWER_BYTES, CV_STUN_SUCCESS, CV_STUN_BINDING,
                  message->transaction_id);
    cv_stun_add_mapped(&writer, source);
    cv_stun_add_integrity(&writer, password);
    cv_stun_add_fingerprint(&writer);
    return cv_stun_finish(&writer, &size) ? 0 : size;
}

static bool answers_our_check(const struct cv_ice_client *client,
                              const struct cv_stun_message *message) {
    return client->waiting && message->class == CV_STUN_SUCCESS &&
           memcmp(message->transaction_id, client->transaction, CV_STUN_TRANSACTION_BYTES) == 0 &&
           cv_stun_check_integrity(message, cv_slice_str(client->remote_password)) == CV_OK;
}

size_t cv_ice_client_input(struct cv_ice_client *client, int64_t now_us,
                           const struct cv_stun_message *message, const struct cv_addr *source,
                           uint8_t ret_answer[static CV_ICE_ANSWER_BYTES]) {
    if (client->state == CV_ICE_CLIENT_IDLE || client->state == CV_ICE_CLIENT_EXPIRED ||
        message->method != CV_STUN_BINDING)
        return 0;
    if (message->class == CV_STUN_REQUEST)
        return answer_check(client, message, source, ret_answer);
    if (answers_our_check(client, message)) {
        client->state = CV_ICE_CLIENT_CONNECTED;
        client->waiting = false;
        client->retry_us = CV_ICE_RETRY_US;
        client->check_at_us = now_us + CV_ICE_KEEP_US;
        client->expires_at_us = now_us + CV_ICE_CONSENT_US;
    }
    return 0;
}

int64_t cv_ice_client_deadline(const struct cv_ice_client *client) {
    if (client->state == CV_ICE_CLIENT_IDLE || client->state == CV_ICE_CLIENT_EXPIRED)
        return CV_TIME_NEVER;
    return client->check_at_us < client->expires_at_us ? client->check_at_us
                                                       : client->expires_at_us;
}
