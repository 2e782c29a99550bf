/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tls.h"

#include "base/time.h"
#include "io/tls_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Tickets are sealed with keys that live no longer than this, so that what was recorded before
 * can't be opened with what is found later. */
#define TICKET_KEYS_US (12 * CV_US_PER_HOUR)

struct cv_tls {
    SSL_CTX *context;
    BIO_METHOD *socket_method;
    char *certificate;
    char *key;
    int64_t ticket_keys_at_us; /* monotonic; 0: not used yet */
};

/* The socket as OpenSSL sees it. Unlike OpenSSL's own, a write to a closed socket raises no
 * SIGPIPE and nothing is allocated besides the BIO. */
static bool would_block(ssize_t size) {
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

static int socket_read(BIO *bio, char *data, int capacity) {
    ssize_t size = recv((int)(intptr_t)BIO_get_data(bio), data, (size_t)capacity, 0);
    BIO_clear_retry_flags(bio);
    if (would_block(size))
        BIO_set_retry_read(bio);
    return (int)size;
}

static int socket_write(BIO *bio, const char *data, int size) {
    ssize_t sent = send((int)(intptr_t)BIO_get_data(bio), data, (size_t)size, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (would_block(sent))
        BIO_set_retry_write(bio);
    return (int)sent;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *socket_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (method) {
        BIO_meth_set_read(method, socket_read);
        BIO_meth_set_write(method, socket_write);
        BIO_meth_set_ctrl(method, socket_control);
    }
    return method;
}

static int select_alpn(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_size,
                       const unsigned char *offer, unsigned int offer_size, void *context) {
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char *name;
    if (SSL_select_next_proto(&name, ret_size, ours, sizeof ours - 1, offer, offer_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 section 3.2 */
    *ret_name = name;
    return SSL_TLSEXT_ERR_OK;
}

/* Without this OpenSSL would ask for the passphrase of an encrypted key on the terminal. */
static int no_passphrase(char *text, int capacity, int is_writing, void *context) {
    return -1;
}

static bool configure(SSL_CTX *context) {
    char groups[] = "X25519:P-256:P-384"; /* the macro that takes it casts const away */
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, select_alpn, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) &&
           SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                             "TLS_CHACHA20_POLY1305_SHA256") &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
           SSL_CTX_set1_groups_list(context, groups);
}

/* "certificate /path: why", from OpenSSL's queue of errors. */
static enum cv_err explain(char error[static CV_TLS_ERROR_BYTES], const char *what,
                           const char *path) {
    unsigned long code = ERR_peek_error();
    const char *reason =
        ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
    snprintf(error, CV_TLS_ERROR_BYTES, "%s %s: %s", what, path, reason ? reason : "unusable");
    ERR_clear_error();
    return CV_ERR_CONFIG;
}

static enum cv_err load(const struct cv_tls *tls, SSL_CTX **ret_context,
                        char error[static CV_TLS_ERROR_BYTES]) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    enum cv_err err = CV_OK;
    if (!context || !configure(context))
        err = explain(error, "TLS", "settings");
    else if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        err = explain(error, "certificate", tls->certificate);
    else if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(context) != 1)
        err = explain(error, "key", tls->key);
    if (err)
        SSL_CTX_free(context);
    else
        *ret_context = context;
    return err;
}

enum cv_err cv_tls_new(const struct cv_tls_files *files, struct cv_tls **ret_tls,
                       char error[static CV_TLS_ERROR_BYTES]) {
    struct cv_tls *tls = calloc(1, sizeof *tls);
    enum cv_err err = CV_ERR_MEMORY;
    if (tls) {
        tls->certificate = strdup(files->certificate);
        tls->key = strdup(files->key);
        tls->socket_method = socket_method_new();
    }
    if (tls && tls->certificate && tls->key && tls->socket_method)
        err = load(tls, &tls->context, error);
    else
        snprintf(error, CV_TLS_ERROR_BYTES, "out of memory");
    if (err)
        cv_tls_free(tls);
    else
        *ret_tls = tls;
    return err;
}

struct cv_tls *cv_tls_free(struct cv_tls *tls) {
    if (!tls)
        return NULL;
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->socket_method);
    free(tls->certificate);
    free(tls->key);
    free(tls);
    return NULL;
}

enum cv_err cv_tls_reload(struct cv_tls *tls, char error[static CV_TLS_ERROR_BYTES]) {
    SSL_CTX *context;
    enum cv_err err = load(tls, &context, error);
    if (err)
        return err;
    uint8_t keys[80]; /* name, HMAC key and AES key, as OpenSSL lays them out */
    if (SSL_CTX_get_tlsext_ticket_keys(tls->context, keys, sizeof keys) == 1)
        SSL_CTX_set_tlsext_ticket_keys(context, keys, sizeof keys);
    cv_wipe(keys, sizeof keys);
    SSL_CTX_free(tls->context); /* connections hold references of their own */
    tls->context = context;
    return CV_OK;
}

static int64_t asn1_time_us(const ASN1_TIME *time) {
    struct tm tm;
    return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * CV_US_PER_S : 0;
}

void cv_tls_certificate(const struct cv_tls *tls, struct cv_tls_certificate *ret_certificate) {
    const X509 *x509 = SSL_CTX_get0_certificate(tls->context);
    *ret_certificate = (struct cv_tls_certificate){
        .not_before_us = asn1_time_us(X509_get0_notBefore(x509)),
        .not_after_us = asn1_time_us(X509_get0_notAfter(x509)),
    };
    X509_digest(x509, EVP_sha256(), ret_certificate->sha256, NULL);
}

static void renew_ticket_keys(struct cv_tls *tls, int64_t now_us) {
    if (tls->ticket_keys_at_us == 0)
        tls->ticket_keys_at_us = now_us;
    if (now_us - tls->ticket_keys_at_us < TICKET_KEYS_US)
        return;
    uint8_t keys[80];
    if (RAND_priv_bytes(keys, sizeof keys) == 1)
        SSL_CTX_set_tlsext_ticket_keys(tls->context, keys, sizeof keys);
    cv_wipe(keys, sizeof keys);
    tls->ticket_keys_at_us = now_us;
}

SSL *cv_tls_connection(struct cv_tls *tls, int fd, int64_t now_us) {
    renew_ticket_keys(tls, now_us);
    SSL *ssl = SSL_new(tls->context);
    BIO *bio = BIO_new(tls->socket_method);
    if (!ssl || !bio) {
        SSL_free(ssl);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return ssl;
}
