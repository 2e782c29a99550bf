/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of the DTLS module share: the identity's OpenSSL context, and the BIO. */
#ifndef CV_MEDIA_DTLS_PRIVATE_H
#define CV_MEDIA_DTLS_PRIVATE_H

#include "media/dtls.h"

#include <openssl/ssl.h>

struct cv_dtls_identity {
    SSL_CTX *contexts[2]; /* by role */
    BIO_METHOD *datagrams;
    struct cv_fingerprint fingerprint;
};

/*
 * The datagrams between OpenSSL and the caller. A BIO over memory would run the datagrams of a
 * flight together; this one keeps them apart. Output is a queue of sizes (16 bits) and bytes.
 */
struct cv_dtls_pipe {
    struct cv_slice input; /* the datagram being read; empty: none */
    struct cv_buf output;
};

/* The BIO of a session; `pipe` is borrowed. NULL without memory. */
BIO *cv_dtls_bio_new(const struct cv_dtls_identity *identity, struct cv_dtls_pipe *pipe);

/* The certificate check of every context: see dtls.c. */
int cv_dtls_verify(X509_STORE_CTX *store, void *unused);

/* The fingerprint of a certificate under some hash; false when the library fails. */
bool cv_dtls_fingerprint_of(const X509 *certificate, enum cv_fingerprint_hash hash,
                            struct cv_fingerprint *ret_fingerprint);

#endif
