/* SPDX-License-Identifier: Apache-2.0 */
#include "load/description.h"

/* The extensions that we offer, with their ids: those that a server's work depends on. */
static const struct {
    enum cv_media_kind only; /* CV_MEDIA_OTHER: both */
    enum cv_rtp_extension extension;
    uint8_t id;
} offered[] = {
    {CV_MEDIA_AUDIO, CV_RTP_EXT_AUDIO_LEVEL, 1},
    {CV_MEDIA_OTHER, CV_RTP_EXT_TWCC, 3},
    {CV_MEDIA_OTHER, CV_RTP_EXT_MID, 4},
};

enum cv_err cv_load_add_line(struct cv_load_description *offer, enum cv_media_kind kind,
                             unsigned direction, uint32_t ssrc) {
    if (offer->line_count == CV_LOAD_MAX_LINES)
        return CV_ERR_LIMIT;
    bool video = kind == CV_MEDIA_VIDEO, sends = direction & CV_LOAD_SENDS;
    struct cv_load_line *line = &offer->lines[offer->line_count];
    *line = (struct cv_load_line){
        .kind = kind,
        .direction = direction,
        .payload_type = video ? CV_LOAD_VP8 : CV_LOAD_OPUS,
        .rtx_payload_type = video ? CV_LOAD_VP8_RTX : 0,
        .ssrc = sends ? ssrc : 0,
        .rtx_ssrc = sends && video ? ssrc + 1 : 0,
    };
    line->mid[0] = (char)('0' + offer->line_count / 10);
    line->mid[1] = (char)('0' + offer->line_count % 10);
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
        if (offered[i].only == CV_MEDIA_OTHER || offered[i].only == kind)
            line->extensions.kind_of[offered[i].id] = (uint8_t)offered[i].extension;
    offer->line_count++;
    return CV_OK;
}

static const char *hash_name(enum cv_fingerprint_hash hash) {
    switch (hash) {
    case CV_FINGERPRINT_SHA256:
        return "sha-256";
    case CV_FINGERPRINT_SHA384:
        return "sha-384";
    case CV_FINGERPRINT_SHA512:
        return "sha-512";
    }
    return "";
}

static enum cv_err write_codec(const struct cv_load_line *line, struct cv_buf *text) {
    unsigned type = line->payload_type, rtx = line->rtx_payload_type;
    if (line->kind == CV_MEDIA_AUDIO)
        return cv_buf_printf(text,
                             "a=rtpmap:%u opus/48000/2\r\n"
                             "a=rtcp-fb:%u transport-cc\r\n"
                             "a=fmtp:%u minptime=10;useinbandfec=1\r\n",
                             type, type, type);
    enum cv_err err = cv_buf_printf(text,
                                    "a=rtpmap:%u VP8/90000\r\n"
                                    "a=rtcp-fb:%u transport-cc\r\n"
                                    "a=rtcp-fb:%u ccm fir\r\n"
                                    "a=rtcp-fb:%u nack\r\n"
                                    "a=rtcp-fb:%u nack pli\r\n",
                                    type, type, type, type, type);
    if (!err && rtx)
        err = cv_buf_printf(text, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", rtx, rtx, type);
    return err;
}

static enum cv_err write_sources(const struct cv_load_line *line, struct cv_buf *text) {
    if (!line->ssrc)
        return CV_OK;
    enum cv_err err = CV_OK;
    if (line->rtx_ssrc)
        err = cv_buf_printf(text, "a=ssrc-group:FID %u %u\r\n", line->ssrc, line->rtx_ssrc);
    if (!err)
        err = cv_buf_printf(text, "a=msid:load load-%s\r\na=ssrc:%u cname:load\r\n", line->mid,
                            line->ssrc);
    if (!err && line->rtx_ssrc)
        err = cv_buf_printf(text, "a=ssrc:%u cname:load\r\n", line->rtx_ssrc);
    return err;
}

static enum cv_err write_line(const struct cv_load_description *description,
                              const struct cv_load_line *line, struct cv_buf *text) {
    static const char *const directions[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    static const char *const setups[] = {"actpass", "active", "passive"};
    unsigned port = line->rejected ? 0 : 9;
    enum cv_err err =
        cv_buf_printf(text, "m=%s %u UDP/TLS/RTP/SAVPF %u",
                      line->kind == CV_MEDIA_AUDIO ? "audio" : "video", port, line->payload_type);
    if (!err && line->rtx_payload_type)
        err = cv_buf_printf(text, " %u", line->rtx_payload_type);
    if (!err)
        err = cv_buf_printf(text,
                            "\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=%s\r\na=setup:%s\r\n"
                            "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=rtcp-mux\r\n",
                            line->mid, directions[line->direction], setups[description->setup],
                            description->ufrag, description->password);
    const struct cv_fingerprint *print = &description->fingerprint;
    if (!err)
        err = cv_buf_printf(text, "a=fingerprint:%s ", hash_name(print->hash));
    for (size_t i = 0; i < print->size && !err; i++)
        err = cv_buf_printf(text, "%s%02X", i ? ":" : "", print->digest[i]);
    if (!err)
        err = cv_buf_append_str(text, "\r\n");
    for (size_t i = 0; i < description->candidate_count && !err; i++) {
        char host[CV_ADDR_TEXT_BYTES];
        cv_addr_format_host(&description->candidates[i], host);
        err = cv_buf_printf(text, "a=candidate:1 1 udp 2130706431 %s %u typ host\r\n", host,
                            (unsigned)description->candidates[i].port);
    }
    if (!err)
        err = cv_buf_append_str(text, "a=end-of-candidates\r\n");
    for (unsigned id = 1; id <= CV_RTP_EXT_MAX_ID && !err; id++)
        if (line->extensions.kind_of[id])
            err = cv_buf_printf(text, "a=extmap:%u %s\r\n", id,
                                cv_rtp_extension_uri(line->extensions.kind_of[id]));
    if (!err)
        err = write_codec(line, text);
    return err ? err : write_sources(line, text);
}

enum cv_err cv_load_write_description(const struct cv_load_description *description,
                                      struct cv_buf *text) {
    enum cv_err err = cv_buf_append_str(text, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                                              "a=group:BUNDLE");
    for (size_t i = 0; i < description->line_count && !err; i++)
        if (!description->lines[i].rejected)
            err = cv_buf_printf(text, " %s", description->lines[i].mid);
    if (!err)
        err = cv_buf_append_str(text, "\r\na=msid-semantic: WMS *\r\n");
    for (size_t i = 0; i < description->line_count && !err; i++)
        err = write_line(description, &description->lines[i], text);
    return err;
}
