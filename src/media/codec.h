/* SPDX-License-Identifier: Apache-2.0 */
/* The codecs that pass through the server, by their names in SDP. */
#ifndef CV_MEDIA_CODEC_H
#define CV_MEDIA_CODEC_H

#include "base/bytes.h"

enum cv_media_kind {
    CV_MEDIA_AUDIO,
    CV_MEDIA_VIDEO,
    CV_MEDIA_OTHER, /* data channels and what we don't know: always declined */
};

enum cv_codec {
    CV_CODEC_NONE, /* one that we don't forward */
    CV_CODEC_OPUS, /* RFC 7587 */
    CV_CODEC_RED,  /* redundant Opus, RFC 2198 */
    CV_CODEC_VP8,  /* RFC 7741 */
    CV_CODEC_VP9,  /* RFC 9628 */
    CV_CODEC_H264, /* RFC 6184 */
    CV_CODEC_AV1,  /* AV1 RTP specification 1.0 */
    CV_CODEC_RTX,  /* retransmissions of another, RFC 4588 */
};

/* The encoding name of "a=rtpmap", compared without case, with its clock rate. */
enum cv_codec cv_codec_by_name(enum cv_media_kind kind, struct cv_slice name, uint32_t clock_hz);
/* "VP8"; a static string. */
const char *cv_codec_name(enum cv_codec codec);
uint32_t cv_codec_clock_hz(enum cv_codec codec);

#endif
