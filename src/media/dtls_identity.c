/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dtls_private.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* Forward secrecy and AEAD only; RSA suites are for servers whose certificate is RSA. */
static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
static const char srtp_profiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

enum {
    MAX_CERTIFICATES_BYTES = 16384,
    MAX_OUTPUT_BYTES = 16384,
    SERIAL_BITS = 63,
};

static int datagram_write(BIO *bio, const char *data, int size) {
    struct cv_dtls_pipe *pipe = BIO_get_data(bio);
    uint8_t head[2];
    BIO_clear_retry_flags(bio);
    cv_put_be16(head, (uint16_t)size);
    /* Past the limits datagrams are lost, as they might be on the way: they are sent again. */
    if (size <= CV_DTLS_MTU_BYTES &&
        cv_buf_reserve(&pipe->output, sizeof head + (size_t)size) == CV_OK) {
        cv_buf_append(&pipe->output, head, sizeof head);
        cv_buf_append(&pipe->output, data, (size_t)size);
    }
    return size;
}

static int datagram_read(BIO *bio, char *data, int size) {
    struct cv_dtls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (pipe->input.size == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t taken = pipe->input.size < (size_t)size ? pipe->input.size : (size_t)size;
    memcpy(data, pipe->input.data, taken);
    pipe->input = (struct cv_slice){0};
    return (int)taken;
}

static long datagram_control(BIO *bio, int command, long number, void *pointer) {
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return CV_DTLS_MTU_BYTES;
    default:
        return 0;
    }
}

static BIO_METHOD *bio_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");
    if (!method)
        return NULL;
    BIO_meth_set_write(method, datagram_write);
    BIO_meth_set_read(method, datagram_read);
    BIO_meth_set_ctrl(method, datagram_control);
    return method;
}

BIO *cv_dtls_bio_new(const struct cv_dtls_identity *identity, struct cv_dtls_pipe *pipe) {
    BIO *bio = BIO_new(identity->datagrams);
    if (!bio)
        return NULL;
    pipe->output.limit_bytes = MAX_OUTPUT_BYTES;
    BIO_set_data(bio, pipe);
    BIO_set_init(bio, 1);
    return bio;
}

bool cv_dtls_fingerprint_of(const X509 *certificate, enum cv_fingerprint_hash hash,
                            struct cv_fingerprint *ret_fingerprint) {
    static const char *const names[] = {"SHA256", "SHA384", "SHA512"};
    EVP_MD *digest = EVP_MD_fetch(NULL, names[hash], NULL);
    unsigned size = 0;
    ret_fingerprint->hash = hash;
    bool ok = digest && X509_digest(certificate, digest, ret_fingerprint->digest, &size) == 1;
    ret_fingerprint->size = (uint8_t)size;
    EVP_MD_free(digest);
    return ok;
}

static bool set_serial(X509 *certificate) {
    BIGNUM *number = BN_new();
    bool ok = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

/* The certificate says nothing of the server: one name for all, a random serial number. */
static X509 *self_signed(EVP_PKEY *key, int64_t at_us) {
    time_t at = (time_t)(at_us / CV_US_PER_S);
    X509 *certificate = X509_new();
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    static const unsigned char common_name[] = "conclave";
    bool ok =
        name && X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
        X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, &at) &&
        X509_time_adj_ex(X509_getm_notAfter(certificate), 365, 0, &at) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
        X509_sign(certificate, key, EVP_sha256()) > 0;
    if (ok)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static SSL_CTX *context_new(const SSL_METHOD *method, X509 *certificate, EVP_PKEY *key) {
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context)
        return NULL;
    char groups[] = "X25519:P-256:P-384"; /* the macro casts a const away */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, MAX_CERTIFICATES_BYTES);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, cv_dtls_verify, NULL);
    /* set_tlsext_use_srtp is the one that returns 0 for success. */
    bool ok = SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
              SSL_CTX_set_cipher_list(context, ciphers) == 1 &&
              SSL_CTX_set1_groups_list(context, groups) == 1 &&
              SSL_CTX_set_tlsext_use_srtp(context, srtp_profiles) == 0 &&
              SSL_CTX_use_certificate(context, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(context, key) == 1;
    if (ok)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

struct cv_dtls_identity *cv_dtls_identity_new(int64_t at_us) {
    struct cv_dtls_identity *identity = calloc(1, sizeof *identity);
    if (!identity)
        return NULL;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? self_signed(key, at_us) : NULL;
    if (certificate) {
        identity->contexts[CV_DTLS_SERVER] = context_new(DTLS_server_method(), certificate, key);
        identity->contexts[CV_DTLS_CLIENT] = context_new(DTLS_client_method(), certificate, key);
        identity->datagrams = bio_method_new();
    }
    bool ok = identity->contexts[CV_DTLS_SERVER] && identity->contexts[CV_DTLS_CLIENT] &&
              identity->datagrams &&
              cv_dtls_fingerprint_of(certificate, CV_FINGERPRINT_SHA256, &identity->fingerprint);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ok ? identity : cv_dtls_identity_free(identity);
}

struct cv_dtls_identity *cv_dtls_identity_free(struct cv_dtls_identity *identity) {
    if (!identity)
        return NULL;
    SSL_CTX_free(identity->contexts[CV_DTLS_SERVER]);
    SSL_CTX_free(identity->contexts[CV_DTLS_CLIENT]);
    BIO_meth_free(identity->datagrams);
    free(identity);
    return NULL;
}

const struct cv_fingerprint *cv_dtls_identity_fingerprint(const struct cv_dtls_identity *identity) {
    return &identity->fingerprint;
}
