/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little that WHIP and WHEP need of an SDP's text here; all else is a media worker's. Lines end
 * with LF or CRLF.
 */
#ifndef CV_APP_WHIP_SDP_H
#define CV_APP_WHIP_SDP_H

#include "base/bytes.h"
#include "meeting/command.h"

/* What an offer to send has: a first line of audio, a first and a second of video (the screen). */
struct cv_media cv_whip_media(struct cv_slice offer);

/*
 * The first credentials of an SDP or a trickle-ice-sdpfrag (RFC 8840): 4 to 256 and 22 to 256
 * ice-chars (RFC 8839 section 5.4). CV_ERR_NOT_FOUND: it has none; CV_ERR_SYNTAX: they can't be.
 */
enum cv_err cv_whip_credentials(struct cv_slice fragment, struct cv_slice *ret_ufrag,
                                struct cv_slice *ret_pwd);

#endif
