/* SPDX-License-Identifier: Apache-2.0 */
#include "media/sdp_private.h"

#include <stdlib.h>

/* What the session part gives to every media section that doesn't say otherwise. */
struct defaults {
    struct cv_slice ufrag;
    enum cv_sdp_setup setup;
    bool allows_mixed;
    bool has_fingerprint;
    struct cv_fingerprint fingerprint;
    struct cv_slice bundle; /* the MIDs of a=group:BUNDLE */
};

struct parser {
    struct cv_slice rest;
    size_t line_number;
    struct cv_sdp_offer *offer;
    struct cv_sdp_media *media; /* NULL in the session part */
    struct defaults session;
    const char *problem;
};

static enum cv_err fail(struct parser *parser, enum cv_err err, const char *problem) {
    parser->problem = problem;
    return err;
}

/* Cuts off what stands before `separator`, or everything; the separator is dropped. */
static struct cv_slice cut(struct cv_slice *text, char separator) {
    const uint8_t *end = text->size ? memchr(text->data, separator, text->size) : NULL;
    size_t size = end ? (size_t)(end - text->data) : text->size;
    struct cv_slice head = cv_slice_of(text->data, size);
    size_t used = end ? size + 1 : size;
    text->data += used;
    text->size -= used;
    return head;
}

/* A decimal number without sign, to `limit`. */
static bool number(struct cv_slice text, uint32_t limit, uint32_t *ret_value) {
    uint64_t value = 0;
    if (text.size == 0 || text.size > 10)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    if (value > limit)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

/* MIDs and RIDs that we put into C strings and RTP headers: short, printable, no separators. */
static bool is_name(struct cv_slice text) {
    if (text.size == 0 || text.size > CV_SDP_MAX_NAME_CHARS)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f || text.data[i] == ';' ||
            text.data[i] == ',')
            return false;
    return true;
}

static struct cv_sdp_format *format_of(struct cv_sdp_media *media, struct cv_slice payload_type) {
    uint32_t value;
    if (!number(payload_type, 127, &value))
        return NULL;
    for (size_t i = 0; i < media->format_count; i++)
        if (media->formats[i].payload_type == value)
            return &media->formats[i];
    return NULL;
}

static int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "sha-256 AB:CD:...", RFC 8122 section 5. False also for hashes that we don't accept. */
static bool parse_fingerprint(struct cv_slice value, struct cv_fingerprint *ret_fingerprint) {
    static const struct {
        const char *name;
        uint8_t size;
    } hashes[] = {{"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}};
    struct cv_slice name = cut(&value, ' ');
    for (size_t hash = 0; hash < 3; hash++) {
        size_t size = hashes[hash].size;
        if (!cv_slice_eq_nocase(name, hashes[hash].name))
            continue;
        if (value.size != 3 * size - 1)
            return false;
        struct cv_fingerprint fingerprint = {.hash = (enum cv_fingerprint_hash)hash,
                                             .size = hashes[hash].size};
        for (size_t i = 0; i < size; i++) {
            int high = hex_value(value.data[3 * i]), low = hex_value(value.data[3 * i + 1]);
            if (high < 0 || low < 0 || (i + 1 < size && value.data[3 * i + 2] != ':'))
                return false;
            fingerprint.digest[i] = (uint8_t)(high << 4 | low);
        }
        *ret_fingerprint = fingerprint;
        return true;
    }
    return false;
}

static enum cv_sdp_setup parse_setup(struct cv_slice value) {
    if (cv_slice_eq_str(value, "actpass"))
        return CV_SDP_ACTPASS;
    if (cv_slice_eq_str(value, "active"))
        return CV_SDP_ACTIVE;
    return cv_slice_eq_str(value, "passive") ? CV_SDP_PASSIVE : CV_SDP_SETUP_NONE;
}

/* "96 VP8/90000" or "111 opus/48000/2" */
static enum cv_err parse_rtpmap(struct parser *parser, struct cv_slice value) {
    struct cv_slice payload_type = cut(&value, ' ');
    struct cv_slice name = cut(&value, '/'), clock = cut(&value, '/');
    struct cv_sdp_format *format = format_of(parser->media, payload_type);
    uint32_t clock_hz, channels = 1;
    if (!number(clock, INT32_MAX, &clock_hz) || (value.size && !number(value, 255, &channels)))
        return fail(parser, CV_ERR_SYNTAX, "malformed a=rtpmap");
    if (format) {
        format->codec = cv_codec_by_name(parser->media->kind, name, clock_hz);
        format->channels = (uint8_t)channels;
    }
    return CV_OK;
}

static uint8_t feedback_bit(struct cv_slice value) {
    static const struct {
        const char *text;
        uint8_t bit;
    } known[] = {
        {"nack", CV_SDP_FB_NACK},         {"nack pli", CV_SDP_FB_PLI},   {"ccm fir", CV_SDP_FB_FIR},
        {"transport-cc", CV_SDP_FB_TWCC}, {"goog-remb", CV_SDP_FB_REMB},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (cv_slice_eq_str(value, known[i].text))
            return known[i].bit;
    return 0;
}

/* "96 nack pli" or "* transport-cc", RFC 4585 section 4.2 */
static enum cv_err parse_feedback(struct parser *parser, struct cv_slice value) {
    struct cv_sdp_media *media = parser->media;
    struct cv_slice payload_type = cut(&value, ' ');
    bool all = cv_slice_eq_str(payload_type, "*");
    const struct cv_sdp_format *one = all ? NULL : format_of(media, payload_type);
    for (size_t i = 0; i < media->format_count; i++)
        if (all || &media->formats[i] == one)
            media->formats[i].feedback |= feedback_bit(value);
    return CV_OK;
}

static enum cv_err parse_fmtp(struct parser *parser, struct cv_slice value) {
    struct cv_sdp_format *format = format_of(parser->media, cut(&value, ' '));
    if (format)
        format->parameters = value;
    return CV_OK;
}

/* "4 URI" or "4/sendonly URI attributes", RFC 8285 section 5 */
static enum cv_err parse_extmap(struct parser *parser, struct cv_slice value) {
    struct cv_slice id_text = cut(&value, ' '), uri = cut(&value, ' ');
    struct cv_slice direction = id_text;
    uint32_t id;
    id_text = cut(&direction, '/');
    if (!number(id_text, 4351, &id) || id == 0)
        return fail(parser, CV_ERR_SYNTAX, "malformed a=extmap");
    if (id <= CV_RTP_EXT_MAX_ID)
        parser->media->extensions.kind_of[id] = (uint8_t)cv_rtp_extension_by_uri(uri);
    return CV_OK;
}

/* "q send pt=...;max-width=...", RFC 8851; only what the peer sends is of interest. */
static enum cv_err parse_rid(struct parser *parser, struct cv_slice value) {
    struct cv_sdp_media *media = parser->media;
    struct cv_slice name = cut(&value, ' '), direction = cut(&value, ' ');
    if (!is_name(name))
        return fail(parser, CV_ERR_SYNTAX, "malformed a=rid");
    if (!cv_slice_eq_str(direction, "send"))
        return CV_OK;
    if (media->rid_count == CV_SDP_MAX_RIDS)
        return fail(parser, CV_ERR_LIMIT, "more than 4 simulcast layers");
    media->rids[media->rid_count++] = name;
    return CV_OK;
}

static struct cv_sdp_source *source_of(struct cv_sdp_media *media, uint32_t ssrc) {
    for (size_t i = 0; i < media->source_count; i++)
        if (media->sources[i].ssrc == ssrc || media->sources[i].rtx_ssrc == ssrc)
            return &media->sources[i];
    return NULL;
}

static enum cv_err add_source(struct parser *parser, uint32_t ssrc, uint32_t rtx_ssrc) {
    struct cv_sdp_media *media = parser->media;
    if (media->source_count == CV_SDP_MAX_SOURCES)
        return fail(parser, CV_ERR_LIMIT, "too many a=ssrc in one media section");
    media->sources[media->source_count++] = (struct cv_sdp_source){ssrc, rtx_ssrc};
    return CV_OK;
}

/* Takes the source out that stood alone before a group named it as the other half of a pair. */
static void forget_source(struct cv_sdp_media *media, uint32_t ssrc) {
    size_t i = 0;
    while (i < media->source_count && media->sources[i].ssrc != ssrc)
        i++;
    if (i == media->source_count || media->sources[i].rtx_ssrc != 0)
        return;
    media->source_count--;
    memmove(&media->sources[i], &media->sources[i + 1],
            (media->source_count - i) * sizeof *media->sources);
}

/* "SSRC attribute", RFC 5576; an SSRC comes once for each of its attributes. */
static enum cv_err parse_ssrc(struct parser *parser, struct cv_slice value) {
    uint32_t ssrc;
    if (!number(cut(&value, ' '), UINT32_MAX, &ssrc))
        return fail(parser, CV_ERR_SYNTAX, "malformed a=ssrc");
    return source_of(parser->media, ssrc) ? CV_OK : add_source(parser, ssrc, 0);
}

/* "FID primary rtx", RFC 5576 section 4.2; Chromium puts it before its a=ssrc, Firefox behind. */
static enum cv_err parse_ssrc_group(struct parser *parser, struct cv_slice value) {
    struct cv_sdp_media *media = parser->media;
    uint32_t primary, rtx;
    if (!cv_slice_eq_str(cut(&value, ' '), "FID"))
        return CV_OK;
    if (!number(cut(&value, ' '), UINT32_MAX, &primary) || !number(value, UINT32_MAX, &rtx))
        return fail(parser, CV_ERR_SYNTAX, "malformed a=ssrc-group");
    forget_source(media, rtx);
    struct cv_sdp_source *source = source_of(media, primary);
    if (!source)
        return add_source(parser, primary, rtx);
    source->rtx_ssrc = rtx;
    return CV_OK;
}

/* Attributes that stand in the session part or in a media section, which then has its own. */
static enum cv_err parse_common(struct parser *parser, struct cv_slice name,
                                struct cv_slice value) {
    struct cv_sdp_media *media = parser->media;
    if (cv_slice_eq_str(name, "ice-ufrag")) {
        *(media ? &media->ufrag : &parser->session.ufrag) = value;
    } else if (cv_slice_eq_str(name, "setup")) {
        *(media ? &media->setup : &parser->session.setup) = parse_setup(value);
    } else if (cv_slice_eq_str(name, "fingerprint")) {
        struct cv_fingerprint fingerprint;
        if (!parse_fingerprint(value, &fingerprint))
            return CV_OK; /* another hash; a usable one may follow */
        *(media ? &media->fingerprint : &parser->session.fingerprint) = fingerprint;
        *(media ? &media->has_fingerprint : &parser->session.has_fingerprint) = true;
    } else if (cv_slice_eq_str(name, "extmap-allow-mixed")) {
        *(media ? &media->allows_mixed : &parser->session.allows_mixed) = true;
    } else if (cv_slice_eq_str(name, "group") && !media) {
        if (cv_slice_eq_str(cut(&value, ' '), "BUNDLE"))
            parser->session.bundle = value;
    }
    return CV_OK;
}

static enum cv_err parse_mid(struct parser *parser, struct cv_slice value) {
    if (!is_name(value))
        return fail(parser, CV_ERR_SYNTAX, "a=mid is not 1 to 16 visible characters");
    for (const struct cv_sdp_media *other = parser->offer->media; other < parser->media; other++)
        if (cv_slice_eq(other->mid, value))
            return fail(parser, CV_ERR_SYNTAX, "the same a=mid twice");
    parser->media->mid = value;
    return CV_OK;
}

/* Flags: attributes without a value. */
static void parse_flag(struct cv_sdp_media *media, struct cv_slice name) {
    bool sends = cv_slice_eq_str(name, "sendonly"), receives = cv_slice_eq_str(name, "recvonly");
    if (cv_slice_eq_str(name, "rtcp-mux"))
        media->rtcp_mux = true;
    else if (cv_slice_eq_str(name, "bundle-only"))
        media->rejected = false;
    else if (sends || receives || cv_slice_eq_str(name, "inactive")) {
        media->sends = sends;
        media->receives = receives;
    }
}

static enum cv_err parse_attribute(struct parser *parser, struct cv_slice line) {
    static const struct {
        const char *name;
        enum cv_err (*parse)(struct parser *parser, struct cv_slice value);
    } media_attributes[] = {
        {"rtpmap", parse_rtpmap}, {"rtcp-fb", parse_feedback},
        {"fmtp", parse_fmtp},     {"extmap", parse_extmap},
        {"rid", parse_rid},       {"ssrc", parse_ssrc},
        {"mid", parse_mid},       {"ssrc-group", parse_ssrc_group},
    };
    struct cv_slice value = line, name = cut(&value, ':');
    if (parser->media) {
        for (size_t i = 0; i < sizeof media_attributes / sizeof *media_attributes; i++)
            if (cv_slice_eq_str(name, media_attributes[i].name))
                return media_attributes[i].parse(parser, value);
        parse_flag(parser->media, name);
    }
    return parse_common(parser, name, value);
}

static enum cv_media_kind kind_by_name(struct cv_slice name) {
    if (cv_slice_eq_str(name, "audio"))
        return CV_MEDIA_AUDIO;
    return cv_slice_eq_str(name, "video") ? CV_MEDIA_VIDEO : CV_MEDIA_OTHER;
}

/* "video 9 UDP/TLS/RTP/SAVPF 96 97", RFC 8866 section 5.14 */
static enum cv_err parse_media_line(struct parser *parser, struct cv_slice line) {
    if (parser->offer->media_count == CV_SDP_MAX_MEDIA)
        return fail(parser, CV_ERR_LIMIT, "more than 64 media sections");
    struct cv_sdp_media *media = &parser->offer->media[parser->offer->media_count++];
    parser->media = media;
    *media = (struct cv_sdp_media){
        .sends = true,
        .receives = true,
        .ufrag = parser->session.ufrag,
        .setup = parser->session.setup,
        .allows_mixed = parser->session.allows_mixed,
        .has_fingerprint = parser->session.has_fingerprint,
        .fingerprint = parser->session.fingerprint,
    };
    uint32_t port, payload_type;
    media->kind_name = cut(&line, ' ');
    media->kind = kind_by_name(media->kind_name);
    if (!number(cut(&line, ' '), UINT16_MAX, &port))
        return fail(parser, CV_ERR_SYNTAX, "malformed port in m=");
    media->rejected = port == 0;
    media->protocol = cut(&line, ' ');
    struct cv_slice formats = line;
    media->first_format = cut(&formats, ' ');
    if (media->kind_name.size == 0 || media->protocol.size == 0 || media->first_format.size == 0)
        return fail(parser, CV_ERR_SYNTAX, "malformed m=");
    while (media->kind != CV_MEDIA_OTHER && line.size > 0) {
        if (!number(cut(&line, ' '), 127, &payload_type))
            return fail(parser, CV_ERR_SYNTAX, "malformed payload type in m=");
        if (media->format_count == CV_SDP_MAX_FORMATS)
            return fail(parser, CV_ERR_LIMIT, "more than 64 payload types in one m=");
        media->formats[media->format_count++].payload_type = (uint8_t)payload_type;
    }
    return CV_OK;
}

/* Any byte but controls: names may be UTF-8 (RFC 8866 section 5). */
static bool is_clean(struct cv_slice line) {
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] < ' ' || line.data[i] == 0x7f)
            return false;
    return true;
}

static enum cv_err parse_line(struct parser *parser) {
    struct cv_slice line = cut(&parser->rest, '\n');
    parser->line_number++;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (line.size > CV_SDP_MAX_LINE_BYTES)
        return fail(parser, CV_ERR_LIMIT, "line over 1024 bytes");
    if (line.size < 2 || line.data[1] != '=' || line.data[0] < 'a' || line.data[0] > 'z' ||
        !is_clean(line))
        return fail(parser, CV_ERR_SYNTAX, "not a line of SDP");
    struct cv_slice value = cv_slice_of(line.data + 2, line.size - 2);
    if (parser->line_number == 1 && !(line.data[0] == 'v' && cv_slice_eq_str(value, "0")))
        return fail(parser, CV_ERR_SYNTAX, "the first line is not v=0");
    if (line.data[0] == 'm')
        return parse_media_line(parser, value);
    return line.data[0] == 'a' ? parse_attribute(parser, value) : CV_OK;
}

/* RFC 8843 section 7: which media sections the group names. */
static void mark_bundled(struct cv_sdp_offer *offer, struct cv_slice bundle) {
    while (bundle.size > 0) {
        struct cv_slice mid = cut(&bundle, ' ');
        for (size_t i = 0; i < offer->media_count; i++)
            if (mid.size > 0 && cv_slice_eq(offer->media[i].mid, mid))
                offer->media[i].bundled = true;
    }
}

static size_t count_media_lines(struct cv_slice text) {
    size_t count = 0;
    while (text.size > 0) {
        struct cv_slice line = cut(&text, '\n');
        count += line.size >= 2 && line.data[0] == 'm' && line.data[1] == '=';
    }
    return count < CV_SDP_MAX_MEDIA ? count : CV_SDP_MAX_MEDIA;
}

enum cv_err cv_sdp_parse_offer(struct cv_slice text, struct cv_sdp_offer **ret_offer,
                               struct cv_sdp_problem *ret_problem) {
    *ret_problem = (struct cv_sdp_problem){0};
    if (text.size == 0 || text.size > CV_SDP_MAX_BYTES) {
        ret_problem->text = text.size ? "over 256 kB" : "empty";
        return text.size ? CV_ERR_LIMIT : CV_ERR_SYNTAX;
    }
    size_t count = count_media_lines(text);
    struct parser parser = {
        .rest = text,
        .offer = calloc(1, sizeof(struct cv_sdp_offer) + count * sizeof(struct cv_sdp_media)),
    };
    if (!parser.offer)
        return CV_ERR_MEMORY;
    enum cv_err err = CV_OK;
    while (!err && parser.rest.size > 0)
        err = parse_line(&parser);
    if (err) {
        *ret_problem = (struct cv_sdp_problem){parser.problem, parser.line_number};
        cv_sdp_offer_free(parser.offer);
        return err;
    }
    mark_bundled(parser.offer, parser.session.bundle);
    *ret_offer = parser.offer;
    return CV_OK;
}

struct cv_sdp_offer *cv_sdp_offer_free(struct cv_sdp_offer *offer) {
    free(offer);
    return NULL;
}

size_t cv_sdp_media_count(const struct cv_sdp_offer *offer) {
    return offer->media_count;
}

const struct cv_sdp_media *cv_sdp_media_at(const struct cv_sdp_offer *offer, size_t index) {
    return &offer->media[index];
}
