/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SRTP and SRTCP of a peer who lacks the keys: the first byte chooses profile and protocol, the
 * rest is the packet. Nothing is ever taken, and the session works afterwards as before.
 */
#include "media/srtp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t secret[CV_SRTP_KEY_BYTES] = "not in the input";
    static struct cv_srtp *sessions[2];
    for (size_t i = 0; i < 2; i++)
        if (!sessions[i])
            sessions[i] = cv_srtp_new(i ? CV_SRTP_AEAD_AES_128_GCM : CV_SRTP_AES128_CM_HMAC_SHA1_80,
                                      CV_SRTP_RECEIVE, secret, secret, 4);
    if (size < 1 || size > 1600)
        return 0;
    uint8_t packet[1600];
    struct cv_srtp *srtp = sessions[data[0] & 1];
    size_t plain_size;
    memcpy(packet, data + 1, size - 1);
    enum cv_err err = data[0] & 2 ? cv_srtcp_unprotect(srtp, packet, size - 1, &plain_size)
                                  : cv_srtp_unprotect(srtp, packet, size - 1, &plain_size);
    assert(err == CV_ERR_SYNTAX || err == CV_ERR_AUTH);
    return 0;
}
