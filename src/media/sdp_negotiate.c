/* SPDX-License-Identifier: Apache-2.0 */
#include "media/sdp_private.h"

#include <assert.h>
#include <stdlib.h>

/* The value of one parameter of a=fmtp ("a=1;b=2"); empty when it is absent. */
static struct cv_slice parameter(struct cv_slice parameters, const char *name) {
    size_t name_size = strlen(name);
    while (parameters.size > 0) {
        const uint8_t *end = memchr(parameters.data, ';', parameters.size);
        size_t size = end ? (size_t)(end - parameters.data) : parameters.size;
        struct cv_slice one = cv_slice_of(parameters.data, size);
        parameters.data += end ? size + 1 : size;
        parameters.size -= end ? size + 1 : size;
        while (one.size > 0 && one.data[0] == ' ') {
            one.data++;
            one.size--;
        }
        if (one.size > name_size && one.data[name_size] == '=' &&
            cv_slice_eq_nocase(cv_slice_of(one.data, name_size), name))
            return cv_slice_of(one.data + name_size + 1, one.size - name_size - 1);
    }
    return (struct cv_slice){0};
}

static bool absent_or(struct cv_slice value, const char *expected) {
    return value.size == 0 || cv_slice_eq_str(value, expected);
}

/*
 * How well we can forward this format: 0 not at all. Profiles that not every browser decodes are
 * left out, as what one sends all others receive.
 */
static int fitness(const struct cv_sdp_format *format) {
    struct cv_slice fmtp = format->parameters;
    struct cv_slice profile;
    switch (format->codec) {
    case CV_CODEC_OPUS:
    case CV_CODEC_RED:
        return format->channels == 2;
    case CV_CODEC_VP8:
        return 1;
    case CV_CODEC_VP9:
        return absent_or(parameter(fmtp, "profile-id"), "0");
    case CV_CODEC_AV1:
        return absent_or(parameter(fmtp, "profile"), "0");
    case CV_CODEC_H264: /* baseline, and better constrained baseline, RFC 6184 section 8.1 */
        profile = parameter(fmtp, "profile-level-id");
        if (profile.size != 6 || !cv_slice_eq_str(parameter(fmtp, "packetization-mode"), "1") ||
            memcmp(profile.data, "42", 2) != 0)
            return 0;
        return profile.data[2] == 'e' || profile.data[2] == 'E' ? 2 : 1;
    default:
        return 0;
    }
}

/* The retransmission format whose "apt" is this payload type (RFC 4588 section 8.6); 0: none. */
static uint8_t rtx_of(const struct cv_sdp_media *media, uint8_t payload_type) {
    for (size_t i = 0; i < media->format_count; i++) {
        const struct cv_sdp_format *format = &media->formats[i];
        if (format->codec != CV_CODEC_RTX)
            continue;
        struct cv_slice apt = parameter(format->parameters, "apt");
        unsigned value = 0;
        for (size_t k = 0; k < apt.size && k < 3; k++)
            value = value * 10 + (unsigned)(apt.data[k] - '0');
        if (apt.size > 0 && apt.size <= 3 && value == payload_type)
            return format->payload_type;
    }
    return 0;
}

static void choose_codec(const struct cv_sdp_media *media, enum cv_codec codec,
                         struct cv_sdp_line *line) {
    const struct cv_sdp_format *best = NULL;
    for (size_t i = 0; i < media->format_count; i++) {
        const struct cv_sdp_format *format = &media->formats[i];
        if (format->codec == codec && fitness(format) > (best ? fitness(best) : 0))
            best = format;
    }
    if (!best || line->codec_count == CV_SDP_MAX_CODECS)
        return;
    uint8_t feedback = best->feedback;
    if (feedback & CV_SDP_FB_TWCC) /* one estimator is enough */
        feedback &= (uint8_t)~CV_SDP_FB_REMB;
    line->codecs[line->codec_count++] = (struct cv_sdp_codec){
        .codec = codec,
        .payload_type = best->payload_type,
        .rtx_payload_type = rtx_of(media, best->payload_type),
        .feedback = feedback,
        .format = (uint8_t)(best - media->formats),
    };
}

static void copy_name(char *out, struct cv_slice name) {
    assert(name.size <= CV_SDP_MAX_NAME_CHARS);
    if (name.size > 0)
        memcpy(out, name.data, name.size);
    out[name.size] = '\0';
}

static bool protocol_is_ours(struct cv_slice protocol) {
    return cv_slice_eq_str(protocol, "UDP/TLS/RTP/SAVPF") ||
           cv_slice_eq_str(protocol, "TCP/TLS/RTP/SAVPF");
}

static bool ssrc_is_used(const struct cv_sdp_session *session, uint32_t ssrc) {
    for (size_t i = 0; i < session->line_count; i++)
        if (session->lines[i].ours.ssrc == ssrc || session->lines[i].ours.rtx_ssrc == ssrc)
            return true;
    return false;
}

static uint32_t fresh_ssrc(const struct cv_sdp_session *session, struct cv_random random) {
    uint32_t ssrc;
    do
        ssrc = cv_random_u32(random);
    while (ssrc == 0 || ssrc_is_used(session, ssrc));
    return ssrc;
}

static const struct cv_sdp_line *line_by_mid(const struct cv_sdp_session *session,
                                             const char *mid) {
    for (size_t i = 0; session && i < session->line_count; i++)
        if (strcmp(session->lines[i].mid, mid) == 0)
            return &session->lines[i];
    return NULL;
}

/* Both SSRCs at once, whatever the codecs: a later offer may bring RTX. */
static void give_ssrcs(struct cv_sdp_session *session, struct cv_sdp_line *line,
                       const struct cv_sdp_session *previous, struct cv_random random) {
    const struct cv_sdp_line *old = line_by_mid(previous, line->mid);
    if (old && old->ours.ssrc != 0) {
        line->ours = old->ours;
        return;
    }
    line->ours.ssrc = fresh_ssrc(session, random);
    line->ours.rtx_ssrc = fresh_ssrc(session, random);
}

/* The line that the transport of the bundle is described in (RFC 8843 section 7.1.3). */
static const struct cv_sdp_media *tagged_line(const struct cv_sdp_offer *offer) {
    const struct cv_sdp_media *first = NULL;
    for (size_t i = 0; i < offer->media_count; i++) {
        const struct cv_sdp_media *media = &offer->media[i];
        if (media->rejected)
            continue;
        if (media->bundled)
            return media;
        if (!first)
            first = media;
    }
    return first;
}

static enum cv_err check_transport(const struct cv_sdp_media *media, struct cv_sdp_session *session,
                                   struct cv_sdp_problem *ret_problem) {
    *ret_problem = (struct cv_sdp_problem){0};
    if (!media)
        ret_problem->text = "no media section that is not rejected";
    else if (media->ufrag.size == 0 || media->ufrag.size > CV_ICE_MAX_UFRAG_CHARS)
        ret_problem->text = "no usable a=ice-ufrag";
    else if (!media->has_fingerprint)
        ret_problem->text = "no a=fingerprint with sha-256, sha-384 or sha-512";
    else if (media->setup == CV_SDP_SETUP_NONE)
        ret_problem->text = "no usable a=setup";
    else if (!media->rtcp_mux)
        ret_problem->text = "no a=rtcp-mux";
    if (ret_problem->text)
        return CV_ERR_TYPE;
    memcpy(session->remote_ufrag, media->ufrag.data, media->ufrag.size);
    session->remote_fingerprint = media->fingerprint;
    session->role = media->setup == CV_SDP_PASSIVE ? CV_DTLS_CLIENT : CV_DTLS_SERVER;
    return CV_OK;
}

static void choose_line(const struct cv_sdp_media *media, bool transported,
                        const enum cv_codec *video, size_t video_count, struct cv_sdp_line *line) {
    line->kind = media->kind;
    copy_name(line->mid, media->mid);
    if (media->rejected || !transported || !media->rtcp_mux || !protocol_is_ours(media->protocol))
        return;
    if (media->kind == CV_MEDIA_AUDIO) {
        choose_codec(media, CV_CODEC_OPUS, line);
        if (line->codec_count > 0)
            choose_codec(media, CV_CODEC_RED, line);
    } else if (media->kind == CV_MEDIA_VIDEO) {
        for (size_t i = 0; i < video_count; i++)
            choose_codec(media, video[i], line);
    }
    if (line->codec_count == 0)
        return;
    line->accepted = true;
    line->they_send = media->sends;
    line->they_receive = media->receives;
    line->extensions = media->extensions;
    for (size_t i = 0; media->sends && i < media->rid_count; i++)
        copy_name(line->rids[line->rid_count++], media->rids[i]);
    memcpy(line->theirs, media->sources, sizeof line->theirs);
    line->their_count = media->source_count;
}

enum cv_err cv_sdp_negotiate(const struct cv_sdp_offer *offer, const enum cv_codec *video,
                             size_t video_count, const struct cv_sdp_session *previous,
                             struct cv_random random, struct cv_sdp_session *ret_session,
                             struct cv_sdp_problem *ret_problem) {
    struct cv_sdp_session *session = calloc(1, sizeof *session);
    if (!session)
        return CV_ERR_MEMORY;
    const struct cv_sdp_media *tagged = tagged_line(offer);
    enum cv_err err = check_transport(tagged, session, ret_problem);
    for (size_t i = 0; !err && i < offer->media_count; i++) {
        const struct cv_sdp_media *media = &offer->media[i];
        struct cv_sdp_line *line = &session->lines[session->line_count++];
        choose_line(media, media == tagged || (tagged->bundled && media->bundled), video,
                    video_count, line);
        if (line->accepted && line->they_receive)
            give_ssrcs(session, line, previous, random);
        for (size_t id = 1; line->accepted && id <= CV_RTP_EXT_MAX_ID; id++)
            if (media->extensions.kind_of[id])
                session->extensions.kind_of[id] = media->extensions.kind_of[id];
    }
    if (!err)
        *ret_session = *session;
    free(session);
    return err;
}
