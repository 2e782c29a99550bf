/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little that WHIP and WHEP need of an SDP's text here; all else is a media worker's. Lines end
 * with LF or CRLF on the way in and with CRLF on the way out.
 */
#ifndef CV_APP_WHIP_SDP_H
#define CV_APP_WHIP_SDP_H

#include "base/bytes.h"
#include "meeting/command.h"

/* What an offer to send has: a first line of audio, a first and a second of video (the screen). */
struct cv_media cv_whip_media(struct cv_slice offer);

/*
 * The credentials of a trickle-ice-sdpfrag (RFC 8840): 4 to 256 and 22 to 256 ice-chars (RFC 8839
 * section 5.4). CV_ERR_NOT_FOUND: it has none; CV_ERR_SYNTAX: they can't be.
 */
enum cv_err cv_whip_credentials(struct cv_slice fragment, struct cv_slice *ret_ufrag,
                                struct cv_slice *ret_pwd);

/* The offer with these credentials in place of its own: an offer to restart ICE. CV_ERR_MEMORY. */
enum cv_err cv_whip_restart(struct cv_slice offer, struct cv_slice ufrag, struct cv_slice pwd,
                            struct cv_buf *ret_offer);

/* Of an answer to that what a WHIP client wants to know (RFC 9725 section 4.3.3). CV_ERR_MEMORY. */
enum cv_err cv_whip_fragment(struct cv_slice answer, struct cv_buf *ret_fragment);

#endif
