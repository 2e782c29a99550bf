/* SPDX-License-Identifier: Apache-2.0 */
#include "media/sdp_private.h"

enum {
    HOST_TYPE_PREFERENCE = 126, /* RFC 8445 section 5.1.2.2 */
    TCP_TYPE_PREFERENCE = 90,   /* behind all of UDP, RFC 6544 section 4.2 */
    TCP_PASSIVE_DIRECTION = 4,  /* RFC 6544 section 4.2 */
};

/* Appends one after the other, and keeps the first failure. */
struct text {
    struct cv_buf *buf;
    enum cv_err err;
};

#define PUT(text, ...)                                                                             \
    do {                                                                                           \
        if (!(text)->err)                                                                          \
            (text)->err = cv_buf_printf((text)->buf, __VA_ARGS__);                                 \
    } while (0)

static void put_slice(struct text *text, struct cv_slice slice) {
    if (!text->err)
        text->err = cv_buf_append(text->buf, slice.data, slice.size);
}

static const char *direction_of(const struct cv_sdp_line *line) {
    if (line->they_send && line->they_receive)
        return "sendrecv";
    if (line->they_send)
        return "recvonly";
    return line->they_receive ? "sendonly" : "inactive";
}

static void put_fingerprint(struct text *text, const struct cv_fingerprint *fingerprint) {
    static const char *const names[] = {"sha-256", "sha-384", "sha-512"};
    PUT(text, "a=fingerprint:%s ", names[fingerprint->hash]);
    for (size_t i = 0; i < fingerprint->size; i++)
        PUT(text, "%s%02X", i ? ":" : "", fingerprint->digest[i]);
    PUT(text, "\r\n");
}

/* RFC 8839 section 5.1; one component, as RTCP is multiplexed. */
static void put_candidates(struct text *text, const struct cv_sdp_transport *transport) {
    for (size_t i = 0; i < transport->address_count; i++) {
        const struct cv_addr *address = &transport->addresses[i];
        char host[CV_ADDR_TEXT_BYTES];
        cv_addr_format_host(address, host);
        uint32_t udp_local = UINT16_MAX - (uint32_t)i;
        uint32_t tcp_local = TCP_PASSIVE_DIRECTION << 13 | (8191 - (uint32_t)i);
        PUT(text, "a=candidate:%zu 1 udp %u %s %u typ host\r\n", i + 1,
            (unsigned)(HOST_TYPE_PREFERENCE << 24 | udp_local << 8 | 255), host, address->port);
        if (transport->tcp)
            PUT(text, "a=candidate:%zu 1 tcp %u %s %u typ host tcptype passive\r\n",
                transport->address_count + i + 1,
                (unsigned)(TCP_TYPE_PREFERENCE << 24 | tcp_local << 8 | 255), host, address->port);
    }
    PUT(text, "a=end-of-candidates\r\n");
}

static void put_codec(struct text *text, const struct cv_sdp_media *media,
                      const struct cv_sdp_codec *codec) {
    static const char *const feedback[] = {"nack", "nack pli", "ccm fir", "transport-cc",
                                           "goog-remb"};
    const struct cv_sdp_format *format = &media->formats[codec->format];
    unsigned payload_type = codec->payload_type, rtx = codec->rtx_payload_type;
    PUT(text, "a=rtpmap:%u %s/%u%s\r\n", payload_type, cv_codec_name(codec->codec),
        (unsigned)cv_codec_clock_hz(codec->codec), media->kind == CV_MEDIA_AUDIO ? "/2" : "");
    for (size_t bit = 0; bit < sizeof feedback / sizeof *feedback; bit++)
        if (codec->feedback >> bit & 1)
            PUT(text, "a=rtcp-fb:%u %s\r\n", payload_type, feedback[bit]);
    if (format->parameters.size > 0) {
        PUT(text, "a=fmtp:%u ", payload_type);
        put_slice(text, format->parameters);
        PUT(text, "\r\n");
    }
    if (rtx)
        PUT(text, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", rtx, rtx, payload_type);
}

/* What we send is named here, so that a browser knows the RTX stream before the first packet. */
static void put_source(struct text *text, const struct cv_sdp_line *line, const char *cname) {
    const struct cv_sdp_source *ours = &line->ours;
    bool rtx = false;
    for (size_t i = 0; i < line->codec_count; i++)
        rtx = rtx || line->codecs[i].rtx_payload_type;
    PUT(text, "a=msid:- %s\r\n", line->mid[0] ? line->mid : "0");
    if (rtx)
        PUT(text, "a=ssrc-group:FID %u %u\r\n", ours->ssrc, ours->rtx_ssrc);
    PUT(text, "a=ssrc:%u cname:%s\r\n", ours->ssrc, cname);
    if (rtx)
        PUT(text, "a=ssrc:%u cname:%s\r\n", ours->rtx_ssrc, cname);
}

/* RFC 8853 section 5.2: what they send, we receive. */
static void put_simulcast(struct text *text, const struct cv_sdp_line *line) {
    if (line->rid_count == 0)
        return;
    for (size_t i = 0; i < line->rid_count; i++)
        PUT(text, "a=rid:%s recv\r\n", line->rids[i]);
    PUT(text, "a=simulcast:recv ");
    for (size_t i = 0; i < line->rid_count; i++)
        PUT(text, "%s%s", i ? ";" : "", line->rids[i]);
    PUT(text, "\r\n");
}

/* RFC 3264 section 6: a declined line keeps its place, with port 0. */
static void put_declined(struct text *text, const struct cv_sdp_media *media) {
    PUT(text, "m=");
    put_slice(text, media->kind_name);
    PUT(text, " 0 ");
    put_slice(text, media->protocol);
    PUT(text, " ");
    put_slice(text, media->first_format);
    PUT(text, "\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n");
    if (media->mid.size > 0) {
        PUT(text, "a=mid:");
        put_slice(text, media->mid);
        PUT(text, "\r\n");
    }
}

static void put_media_line(struct text *text, const struct cv_sdp_media *media,
                           const struct cv_sdp_line *line) {
    PUT(text, "m=");
    put_slice(text, media->kind_name);
    PUT(text, " 9 ");
    put_slice(text, media->protocol);
    for (size_t i = 0; i < line->codec_count; i++)
        PUT(text, " %u", line->codecs[i].payload_type);
    for (size_t i = 0; i < line->codec_count; i++)
        if (line->codecs[i].rtx_payload_type)
            PUT(text, " %u", line->codecs[i].rtx_payload_type);
    PUT(text, "\r\n");
}

static void put_mid(struct text *text, const struct cv_sdp_line *line) {
    if (line->mid[0])
        PUT(text, "a=mid:%s\r\n", line->mid);
}

static void put_credentials(struct text *text, const struct cv_ice_credentials *ice) {
    PUT(text, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ice->ufrag, ice->password);
}

static void put_transport(struct text *text, const struct cv_sdp_session *session,
                          const struct cv_sdp_transport *transport) {
    put_credentials(text, transport->ice);
    put_fingerprint(text, transport->fingerprint);
    PUT(text, "a=setup:%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
        session->role == CV_DTLS_CLIENT ? "active" : "passive");
}

static void put_line(struct text *text, const struct cv_sdp_media *media,
                     const struct cv_sdp_session *session, const struct cv_sdp_line *line,
                     const struct cv_sdp_transport *transport) {
    put_media_line(text, media, line);
    PUT(text, "c=IN IP4 0.0.0.0\r\n");
    put_mid(text, line);
    put_transport(text, session, transport);
    PUT(text, "a=%s\r\n", direction_of(line));
    if (media->allows_mixed)
        PUT(text, "a=extmap-allow-mixed\r\n");
    for (unsigned id = 1; id <= CV_RTP_EXT_MAX_ID; id++)
        if (line->extensions.kind_of[id])
            PUT(text, "a=extmap:%u %s\r\n", id,
                cv_rtp_extension_uri((enum cv_rtp_extension)line->extensions.kind_of[id]));
    for (size_t i = 0; i < line->codec_count; i++)
        put_codec(text, media, &line->codecs[i]);
    put_simulcast(text, line);
    if (line->they_receive)
        put_source(text, line, transport->cname);
}

/* What all lines have in common. */
static void put_bundle(struct text *text, const struct cv_sdp_session *session) {
    bool any = false;
    for (size_t i = 0; i < session->line_count; i++)
        if (session->lines[i].accepted && session->lines[i].mid[0]) {
            PUT(text, "%s %s", any ? "" : "a=group:BUNDLE", session->lines[i].mid);
            any = true;
        }
    if (any)
        PUT(text, "\r\n");
    PUT(text, "a=ice-lite\r\n");
}

enum cv_err cv_sdp_write_head(const struct cv_sdp_offer *offer,
                              const struct cv_sdp_session *session, struct cv_buf *head) {
    struct text text = {.buf = head};
    size_t first = 0;
    while (first < session->line_count && !session->lines[first].accepted)
        first++;
    put_bundle(&text, session);
    if (first < session->line_count) {
        put_media_line(&text, &offer->media[first], &session->lines[first]);
        put_mid(&text, &session->lines[first]);
    }
    return text.err;
}

enum cv_err cv_sdp_write_fragment(struct cv_slice head, const struct cv_sdp_transport *transport,
                                  struct cv_buf *fragment) {
    struct text text = {.buf = fragment};
    put_slice(&text, head);
    put_credentials(&text, transport->ice);
    put_candidates(&text, transport);
    return text.err;
}

enum cv_err cv_sdp_write_answer(const struct cv_sdp_offer *offer,
                                const struct cv_sdp_session *session,
                                const struct cv_sdp_transport *transport, struct cv_buf *answer) {
    struct text text = {.buf = answer};
    bool candidates_done = false;
    PUT(&text, "v=0\r\no=- %llu %llu IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        (unsigned long long)(transport->session_id >> 1), (unsigned long long)transport->version);
    put_bundle(&text, session);
    for (size_t i = 0; i < session->line_count; i++) {
        const struct cv_sdp_line *line = &session->lines[i];
        if (!line->accepted) {
            put_declined(&text, &offer->media[i]);
            continue;
        }
        put_line(&text, &offer->media[i], session, line, transport);
        if (!candidates_done)
            put_candidates(&text, transport);
        candidates_done = true;
    }
    return text.err;
}
