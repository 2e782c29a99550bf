/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The primitives that STUN and SRTP need, over OpenSSL. Besides dtls, crypto.c is the only file
 * of the media core that knows OpenSSL.
 */
#ifndef CV_MEDIA_CRYPTO_H
#define CV_MEDIA_CRYPTO_H

#include "base/bytes.h"

enum { CV_SHA1_BYTES = 20 };

/*
 * HMAC-SHA1 (RFC 2104) of `count` slices, one after the other. For messages that come a few times
 * a second; packets have kept contexts of their own. CV_ERR_CRYPTO when the library fails.
 */
enum cv_err cv_hmac_sha1(struct cv_slice key, const struct cv_slice *parts, size_t count,
                         uint8_t ret_mac[static CV_SHA1_BYTES]);

#endif
