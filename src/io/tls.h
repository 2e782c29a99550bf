/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for servers, on OpenSSL 3: 1.2 and 1.3 only, forward-secret AEAD ciphers only, ALPN (h2,
 * http/1.1), session tickets and no session cache, no renegotiation, no compression. One cv_tls
 * serves any number of connections; a reload changes what new ones get.
 */
#ifndef CV_IO_TLS_H
#define CV_IO_TLS_H

#include "base/addr.h"
#include "base/bytes.h"

struct cv_tls;

enum { CV_TLS_ERROR_BYTES = 256 };

struct cv_tls_files {
    const char *certificate; /* PEM: the certificate, then its chain */
    const char *key;         /* PEM, not encrypted */
};

/*
 * CV_ERR_CONFIG when a file can't be read, isn't PEM, key and certificate don't fit each other or
 * are too weak; `error` (NUL-terminated, one line, without secrets) says which and why.
 */
enum cv_err cv_tls_new(const struct cv_tls_files *files, struct cv_tls **ret_tls,
                       char error[static CV_TLS_ERROR_BYTES]);
struct cv_tls *cv_tls_free(struct cv_tls *tls);

/*
 * Reads the same files again. On any error the old certificate stays in use and `error` says what
 * was wrong. Connections that stand keep theirs; tickets given out stay valid.
 */
enum cv_err cv_tls_reload(struct cv_tls *tls, char error[static CV_TLS_ERROR_BYTES]);

struct cv_tls_certificate {
    int64_t not_before_us; /* wall clock */
    int64_t not_after_us;
    uint8_t sha256[32]; /* of the DER certificate */
};
/* The certificate in use: for doctor, metrics and warnings. */
void cv_tls_certificate(const struct cv_tls *tls, struct cv_tls_certificate *ret_certificate);

/*
 * Writes a new self-signed ECDSA P-256 certificate, valid for 825 days, and its key (mode 0600),
 * each put in place whole by a rename. Names: localhost, the machine's own name, 127.0.0.1, ::1,
 * and those given (DNS names or IP addresses). CV_ERR_SYSTEM (errno), CV_ERR_CRYPTO.
 */
enum cv_err cv_tls_generate(const struct cv_tls_files *files, const char *const *names,
                            size_t name_count);

#endif
