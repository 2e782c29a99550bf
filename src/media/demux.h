/* SPDX-License-Identifier: Apache-2.0 */
/* What a datagram on the media port is, by its first bytes (RFC 7983, RFC 5761). */
#ifndef CV_MEDIA_DEMUX_H
#define CV_MEDIA_DEMUX_H

#include "media/rtcp.h"
#include "media/stun.h"

enum cv_datagram_kind {
    CV_DATAGRAM_UNKNOWN, /* drop it */
    CV_DATAGRAM_STUN,
    CV_DATAGRAM_DTLS,
    CV_DATAGRAM_RTP,
    CV_DATAGRAM_RTCP,
};

static inline enum cv_datagram_kind cv_datagram_kind(struct cv_slice datagram) {
    if (datagram.size == 0)
        return CV_DATAGRAM_UNKNOWN;
    uint8_t first = datagram.data[0];
    if (first >= 128 && first <= 191)
        return cv_rtcp_is_packet(datagram) ? CV_DATAGRAM_RTCP : CV_DATAGRAM_RTP;
    if (first >= 20 && first <= 63)
        return CV_DATAGRAM_DTLS;
    return cv_stun_is_message(datagram) ? CV_DATAGRAM_STUN : CV_DATAGRAM_UNKNOWN;
}

#endif
