/* SPDX-License-Identifier: Apache-2.0 */
/* What the three files of the SDP module share. */
#ifndef CV_MEDIA_SDP_PRIVATE_H
#define CV_MEDIA_SDP_PRIVATE_H

#include "media/sdp.h"

struct cv_sdp_offer {
    size_t media_count;
    struct cv_sdp_media media[]; /* as many as the text has m= lines */
};

#endif
