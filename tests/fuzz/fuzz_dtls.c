/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS: the first byte chooses our role; then datagrams, each behind its size in two bytes. A peer
 * who has no certificate with the right fingerprint never gets connected.
 */
#include "media/dtls.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct cv_dtls_identity *identity;
    static const struct cv_fingerprint unknown = {CV_FINGERPRINT_SHA256, 32, {0}};
    if (!identity)
        identity = cv_dtls_identity_new(INT64_C(1767225600) * CV_US_PER_S);
    if (size == 0)
        return 0;
    struct cv_dtls *dtls =
        cv_dtls_new(identity, data[0] & 1 ? CV_DTLS_CLIENT : CV_DTLS_SERVER, &unknown);
    uint8_t out[CV_DTLS_MTU_BYTES];
    for (size_t at = 1; size - at >= 2;) {
        size_t datagram = cv_get_be16(data + at);
        at += 2;
        if (datagram > size - at)
            datagram = size - at;
        cv_dtls_input(dtls, cv_slice_of(data + at, datagram));
        at += datagram;
        while (cv_dtls_output(dtls, out) > 0)
            ;
        cv_dtls_tick(dtls);
    }
    assert(cv_dtls_state(dtls) != CV_DTLS_CONNECTED);
    cv_dtls_close(dtls);
    cv_dtls_free(dtls);
    return 0;
}
