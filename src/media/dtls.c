/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dtls_private.h"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum {
    FIRST_TIMEOUT_US = 100000, /* RFC 6347's 1 s is long for a call; browsers begin with 50 ms */
    LAST_TIMEOUT_US = 6400000,
    MAX_TIMEOUTS = 10,
};

/* RFC 5764 section 4.2 */
static const char exporter_label[] = "EXTRACTOR-dtls_srtp";

struct cv_dtls {
    SSL *ssl;
    struct cv_dtls_pipe pipe;
    struct cv_fingerprint remote;
    enum cv_dtls_role role;
    enum cv_dtls_state state;
    uint32_t inputs;   /* datagrams taken while handshaking */
    uint32_t timeouts; /* retransmissions in a row */
};

/*
 * Takes the place of a chain verification: the certificates are self-signed, and the fingerprint
 * is what signalling vouches for (RFC 8122 section 6).
 */
int cv_dtls_verify(X509_STORE_CTX *store, void *unused) {
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct cv_dtls *dtls = SSL_get_app_data(ssl);
    const X509 *certificate = X509_STORE_CTX_get0_cert(store);
    struct cv_fingerprint got;
    bool same = certificate && cv_dtls_fingerprint_of(certificate, dtls->remote.hash, &got) &&
                cv_slice_eq_secret(cv_slice_of(got.digest, got.size),
                                   cv_slice_of(dtls->remote.digest, dtls->remote.size));
    X509_STORE_CTX_set_error(store, same ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return same;
}

static unsigned next_timeout_us(SSL *ssl, unsigned last_us) {
    if (last_us == 0)
        return FIRST_TIMEOUT_US;
    return last_us < LAST_TIMEOUT_US ? 2 * last_us : LAST_TIMEOUT_US;
}

static void set_state(struct cv_dtls *dtls, enum cv_dtls_state state) {
    dtls->state = state;
}

/* RFC 5764 section 4.1.1: without a common profile there are no keys, and no session. */
static void finish_handshake(struct cv_dtls *dtls) {
    bool good = SSL_get_selected_srtp_profile(dtls->ssl) != NULL;
    set_state(dtls, good ? CV_DTLS_CONNECTED : CV_DTLS_FAILED);
}

/* Whether an OpenSSL result only means that the peer's next datagram is awaited. */
static bool is_waiting(const struct cv_dtls *dtls, int result) {
    int error = SSL_get_error(dtls->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static void shake_hands(struct cv_dtls *dtls) {
    ERR_clear_error();
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1)
        finish_handshake(dtls);
    else if (!is_waiting(dtls, result))
        set_state(dtls, CV_DTLS_FAILED);
}

/*
 * After the handshake: repeats our last flight when the peer missed it, and sees alerts. Nothing
 * that we negotiate sends application data, and none is kept.
 */
static void read_records(struct cv_dtls *dtls) {
    uint8_t dropped[CV_DTLS_MAX_INPUT_BYTES];
    int result;
    if (SSL_alloc_buffers(dtls->ssl) != 1) {
        set_state(dtls, CV_DTLS_FAILED);
        return;
    }
    do {
        ERR_clear_error();
        result = SSL_read(dtls->ssl, dropped, sizeof dropped);
    } while (result > 0);
    if (SSL_get_shutdown(dtls->ssl) & SSL_RECEIVED_SHUTDOWN)
        set_state(dtls, CV_DTLS_CLOSED);
    else if (!is_waiting(dtls, result))
        set_state(dtls, CV_DTLS_FAILED);
    /* 33 kB a session, which hardly ever sees a record again. */
    SSL_free_buffers(dtls->ssl);
}

struct cv_dtls *cv_dtls_new(struct cv_dtls_identity *identity, enum cv_dtls_role role,
                            const struct cv_fingerprint *remote) {
    struct cv_dtls *dtls = calloc(1, sizeof *dtls);
    if (!dtls)
        return NULL;
    dtls->role = role;
    dtls->remote = *remote;
    dtls->ssl = SSL_new(identity->contexts[role]);
    BIO *bio = dtls->ssl ? cv_dtls_bio_new(identity, &dtls->pipe) : NULL;
    if (!bio)
        return cv_dtls_free(dtls);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_app_data(dtls->ssl, dtls);
    DTLS_set_timer_cb(dtls->ssl, next_timeout_us);
    SSL_set_mtu(dtls->ssl, CV_DTLS_MTU_BYTES);
    if (role == CV_DTLS_SERVER) {
        SSL_set_accept_state(dtls->ssl);
    } else {
        SSL_set_connect_state(dtls->ssl);
        shake_hands(dtls);
    }
    return dtls;
}

struct cv_dtls *cv_dtls_free(struct cv_dtls *dtls) {
    if (!dtls)
        return NULL;
    SSL_free(dtls->ssl);
    cv_buf_release(&dtls->pipe.output);
    free(dtls);
    return NULL;
}

enum cv_err cv_dtls_input(struct cv_dtls *dtls, struct cv_slice datagram) {
    if (dtls->state == CV_DTLS_CLOSED || dtls->state == CV_DTLS_FAILED)
        return CV_ERR_STATE;
    if (datagram.size > CV_DTLS_MAX_INPUT_BYTES)
        return CV_ERR_LIMIT;
    if (dtls->state == CV_DTLS_HANDSHAKING && dtls->inputs++ >= CV_DTLS_MAX_HANDSHAKE_INPUTS)
        return CV_ERR_LIMIT;
    dtls->pipe.input = datagram;
    dtls->timeouts = 0;
    if (dtls->state == CV_DTLS_HANDSHAKING)
        shake_hands(dtls);
    if (dtls->state == CV_DTLS_CONNECTED)
        read_records(dtls);
    dtls->pipe.input = (struct cv_slice){0};
    return CV_OK;
}

size_t cv_dtls_output(struct cv_dtls *dtls, uint8_t ret_datagram[static CV_DTLS_MTU_BYTES]) {
    struct cv_buf *output = &dtls->pipe.output;
    if (output->size == 0) {
        cv_buf_release(output);
        return 0;
    }
    size_t size = cv_get_be16(output->data);
    memcpy(ret_datagram, output->data + 2, size);
    cv_buf_consume(output, 2 + size);
    return size;
}

enum cv_dtls_state cv_dtls_state(const struct cv_dtls *dtls) {
    return dtls->state;
}

int64_t cv_dtls_deadline(const struct cv_dtls *dtls, int64_t now_us) {
    struct timeval left;
    if (dtls->state != CV_DTLS_HANDSHAKING || DTLSv1_get_timeout(dtls->ssl, &left) != 1)
        return CV_TIME_NEVER;
    return now_us + left.tv_sec * CV_US_PER_S + left.tv_usec;
}

void cv_dtls_tick(struct cv_dtls *dtls) {
    if (dtls->state != CV_DTLS_HANDSHAKING)
        return;
    ERR_clear_error();
    int result = DTLSv1_handle_timeout(dtls->ssl);
    if (result < 0 || (result > 0 && ++dtls->timeouts > MAX_TIMEOUTS))
        set_state(dtls, CV_DTLS_FAILED);
}

void cv_dtls_close(struct cv_dtls *dtls) {
    if (dtls->state == CV_DTLS_CONNECTED) {
        ERR_clear_error();
        if (SSL_alloc_buffers(dtls->ssl) == 1)
            SSL_shutdown(dtls->ssl);
    }
    if (dtls->state != CV_DTLS_FAILED)
        set_state(dtls, CV_DTLS_CLOSED);
}

/* The four parts stand in the order client key, server key, client salt, server salt. */
static void split_keys(const uint8_t *material, size_t salt_bytes, enum cv_dtls_role role,
                       struct cv_dtls_keys *keys) {
    const uint8_t *client_key = material, *server_key = client_key + CV_SRTP_KEY_BYTES;
    const uint8_t *client_salt = server_key + CV_SRTP_KEY_BYTES;
    const uint8_t *server_salt = client_salt + salt_bytes;
    bool server = role == CV_DTLS_SERVER;
    memcpy(keys->send_key, server ? server_key : client_key, CV_SRTP_KEY_BYTES);
    memcpy(keys->receive_key, server ? client_key : server_key, CV_SRTP_KEY_BYTES);
    memcpy(keys->send_salt, server ? server_salt : client_salt, salt_bytes);
    memcpy(keys->receive_salt, server ? client_salt : server_salt, salt_bytes);
}

enum cv_err cv_dtls_export_keys(const struct cv_dtls *dtls, struct cv_dtls_keys *ret_keys) {
    if (dtls->state != CV_DTLS_CONNECTED)
        return CV_ERR_STATE;
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(dtls->ssl);
    bool gcm = profile->id == CV_SRTP_AEAD_AES_128_GCM;
    size_t salt_bytes = gcm ? CV_SRTP_GCM_SALT_BYTES : CV_SRTP_SALT_BYTES;
    uint8_t material[2 * (CV_SRTP_KEY_BYTES + CV_SRTP_SALT_BYTES)];
    if (SSL_export_keying_material(dtls->ssl, material, 2 * (CV_SRTP_KEY_BYTES + salt_bytes),
                                   exporter_label, sizeof exporter_label - 1, NULL, 0, 0) != 1)
        return CV_ERR_CRYPTO;
    struct cv_dtls_keys keys = {.profile = gcm ? CV_SRTP_AEAD_AES_128_GCM
                                               : CV_SRTP_AES128_CM_HMAC_SHA1_80};
    split_keys(material, salt_bytes, dtls->role, &keys);
    *ret_keys = keys;
    cv_wipe(&keys, sizeof keys);
    cv_wipe(material, sizeof material);
    return CV_OK;
}
