/* SPDX-License-Identifier: Apache-2.0 */
#include "media/rtp_extension.h"

static const char *const uris[CV_RTP_EXT_COUNT] = {
    [CV_RTP_EXT_NONE] = "",
    [CV_RTP_EXT_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    [CV_RTP_EXT_TWCC] = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    [CV_RTP_EXT_SEND_TIME] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    [CV_RTP_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
    [CV_RTP_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    [CV_RTP_EXT_REPAIRED_RID] = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    [CV_RTP_EXT_ORIENTATION] = "urn:3gpp:video-orientation",
    [CV_RTP_EXT_DEPENDENCY] =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    [CV_RTP_EXT_PLAYOUT_DELAY] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
};

enum cv_rtp_extension cv_rtp_extension_by_uri(struct cv_slice uri) {
    for (size_t i = 1; i < CV_RTP_EXT_COUNT; i++)
        if (cv_slice_eq_str(uri, uris[i]))
            return (enum cv_rtp_extension)i;
    return CV_RTP_EXT_NONE;
}

const char *cv_rtp_extension_uri(enum cv_rtp_extension extension) {
    return uris[extension];
}

uint8_t cv_rtp_extension_id(const struct cv_rtp_extension_map *map,
                            enum cv_rtp_extension extension) {
    for (size_t id = 1; id <= CV_RTP_EXT_MAX_ID; id++)
        if (map->kind_of[id] == extension)
            return (uint8_t)id;
    return 0;
}

/* MIDs and RIDs are tokens of at most sixteen characters here; others name nothing of ours. */
static struct cv_slice name_of(struct cv_slice value) {
    return value.size <= CV_RTP_MAX_MID_CHARS ? value : (struct cv_slice){0};
}

static void read_value(enum cv_rtp_extension kind, struct cv_slice value,
                       struct cv_rtp_extensions *extensions) {
    switch (kind) {
    case CV_RTP_EXT_AUDIO_LEVEL: /* RFC 6464 section 3: one byte, in the two-byte form also two */
        extensions->has_audio_level = value.size > 0;
        extensions->voice = value.size > 0 && value.data[0] >> 7;
        extensions->audio_level = value.size > 0 ? value.data[0] & 0x7f : CV_RTP_SILENCE;
        break;
    case CV_RTP_EXT_TWCC: /* version 2 of the extension has two bytes more */
        extensions->has_twcc = value.size >= 2;
        extensions->twcc = value.size >= 2 ? cv_get_be16(value.data) : 0;
        break;
    case CV_RTP_EXT_ORIENTATION:
        extensions->has_orientation = value.size == 1;
        extensions->orientation = value.size == 1 ? value.data[0] : 0;
        break;
    case CV_RTP_EXT_MID:
        extensions->mid = name_of(value);
        break;
    case CV_RTP_EXT_RID:
        extensions->rid = name_of(value);
        break;
    case CV_RTP_EXT_REPAIRED_RID:
        extensions->repaired_rid = name_of(value);
        break;
    case CV_RTP_EXT_DEPENDENCY:
        extensions->dependency = value;
        break;
    default:
        break;
    }
}

void cv_rtp_extensions_read(const struct cv_rtp *rtp, const struct cv_rtp_extension_map *map,
                            struct cv_rtp_extensions *ret_extensions) {
    struct cv_rtp_element element;
    size_t offset = 0;
    *ret_extensions = (struct cv_rtp_extensions){.audio_level = CV_RTP_SILENCE};
    while (cv_rtp_next_element(rtp, &offset, &element))
        if (element.id <= CV_RTP_EXT_MAX_ID)
            read_value((enum cv_rtp_extension)map->kind_of[element.id], element.value,
                       ret_extensions);
}
