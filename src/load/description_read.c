/* SPDX-License-Identifier: Apache-2.0 */
#include "load/description.h"

#include <stdlib.h>

enum { MAX_TEXT_BYTES = 256 * 1024, MAX_LINE_BYTES = 1024, MAX_FIELDS = 24 };

/* The description that is being read, and the line of it that text belongs to (NULL: none yet). */
struct reader {
    struct cv_load_description *out;
    struct cv_load_line *line;
    unsigned session_direction;
    bool has_fingerprint;
};

static bool starts(const char *text, const char *prefix, const char **ret_rest) {
    size_t size = strlen(prefix);
    if (strncmp(text, prefix, size) != 0)
        return false;
    *ret_rest = text + size;
    return true;
}

/* Cuts a text at single spaces. */
static size_t split(char *text, char **fields) {
    size_t count = 0;
    while (count < MAX_FIELDS) {
        fields[count++] = text;
        char *space = strchr(text, ' ');
        if (!space)
            break;
        *space = '\0';
        text = space + 1;
    }
    return count;
}

static bool to_number(const char *text, unsigned long max, unsigned long *ret_number) {
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long number = strtoul(text, &end, 10);
    if (*end != '\0' || number > max)
        return false;
    *ret_number = number;
    return true;
}

static enum cv_err read_media(struct reader *reader, char *value) {
    char *fields[MAX_FIELDS];
    if (reader->out->line_count == CV_LOAD_MAX_LINES)
        return CV_ERR_LIMIT;
    if (split(value, fields) < 4)
        return CV_ERR_SYNTAX;
    reader->line = &reader->out->lines[reader->out->line_count++];
    *reader->line = (struct cv_load_line){
        .kind = strcmp(fields[0], "audio") == 0   ? CV_MEDIA_AUDIO
                : strcmp(fields[0], "video") == 0 ? CV_MEDIA_VIDEO
                                                  : CV_MEDIA_OTHER,
        .rejected = strcmp(fields[1], "0") == 0,
        .direction = reader->session_direction,
    };
    return CV_OK;
}

static enum cv_err read_fingerprint(struct reader *reader, const char *value) {
    static const struct {
        const char *name;
        enum cv_fingerprint_hash hash;
        uint8_t size;
    } hashes[] = {{"sha-256 ", CV_FINGERPRINT_SHA256, 32},
                  {"sha-384 ", CV_FINGERPRINT_SHA384, 48},
                  {"sha-512 ", CV_FINGERPRINT_SHA512, 64}};
    struct cv_fingerprint print = {0};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes && !print.size; i++)
        if (strncasecmp(value, hashes[i].name, strlen(hashes[i].name)) == 0) {
            print.hash = hashes[i].hash;
            print.size = hashes[i].size;
        }
    if (!print.size)
        return CV_OK; /* of a hash that we don't take */
    const char *digits = value + strlen(hashes[0].name);
    for (size_t i = 0; i < print.size; i++, digits += 3) {
        char pair[3] = {digits[0], digits[0] ? digits[1] : '\0', '\0'}, *end;
        print.digest[i] = (uint8_t)strtoul(pair, &end, 16);
        if (end != pair + 2 || digits[2] != (i + 1 < print.size ? ':' : '\0'))
            return CV_ERR_SYNTAX;
    }
    reader->out->fingerprint = print;
    reader->has_fingerprint = true;
    return CV_OK;
}

/* "foundation component transport priority address port typ ..." (RFC 8839 section 5.1) */
static void read_candidate(struct reader *reader, char *value) {
    char *fields[MAX_FIELDS];
    struct cv_addr addr;
    unsigned long port;
    if (reader->out->candidate_count == CV_LOAD_MAX_CANDIDATES || split(value, fields) < 8 ||
        strcmp(fields[1], "1") != 0 || strcasecmp(fields[2], "udp") != 0 ||
        cv_addr_parse(cv_slice_str(fields[4]), &addr) || addr.family != CV_ADDR_V4 ||
        !to_number(fields[5], UINT16_MAX, &port))
        return;
    addr.port = (uint16_t)port;
    for (size_t i = 0; i < reader->out->candidate_count; i++)
        if (cv_addr_eq(&reader->out->candidates[i], &addr))
            return;
    reader->out->candidates[reader->out->candidate_count++] = addr;
}

static void read_codec(struct cv_load_line *line, char *value) {
    char *fields[MAX_FIELDS];
    unsigned long type;
    if (split(value, fields) < 2 || !to_number(fields[0], 127, &type))
        return;
    if (line->kind == CV_MEDIA_AUDIO ? strncasecmp(fields[1], "opus/48000", 10) == 0
                                     : strcasecmp(fields[1], "VP8/90000") == 0)
        line->payload_type = (uint8_t)type;
}

/* "97 apt=96": RFC 4588 section 8.1 */
static void read_parameters(struct cv_load_line *line, char *value) {
    char *fields[MAX_FIELDS];
    const char *apt;
    unsigned long type, of;
    if (split(value, fields) >= 2 && to_number(fields[0], 127, &type) &&
        starts(fields[1], "apt=", &apt) && to_number(apt, 127, &of) && of == line->payload_type)
        line->rtx_payload_type = (uint8_t)type;
}

static void read_extension(struct cv_load_line *line, char *value) {
    char *fields[MAX_FIELDS];
    unsigned long id;
    if (split(value, fields) < 2)
        return;
    fields[0][strcspn(fields[0], "/")] = '\0'; /* a direction may follow the id */
    if (to_number(fields[0], CV_RTP_EXT_MAX_ID, &id) && id > 0)
        line->extensions.kind_of[id] = (uint8_t)cv_rtp_extension_by_uri(cv_slice_str(fields[1]));
}

static void read_source(struct cv_load_line *line, char *value) {
    unsigned long ssrc;
    value[strcspn(value, " ")] = '\0';
    if (!line->ssrc && to_number(value, UINT32_MAX, &ssrc))
        line->ssrc = (uint32_t)ssrc;
}

static enum cv_err copy_text(const char *from, char *to, size_t capacity) {
    size_t size = strlen(from);
    if (size >= capacity)
        return CV_ERR_LIMIT;
    memcpy(to, from, size + 1);
    return CV_OK;
}

static bool read_direction(const char *text, unsigned *ret_direction) {
    static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_direction = i;
            return true;
        }
    return false;
}

/* Attributes that a media line, too, may have for the whole connection. */
static enum cv_err read_connection(struct reader *reader, const char *text) {
    struct cv_load_description *out = reader->out;
    const char *value;
    if (starts(text, "ice-ufrag:", &value))
        return copy_text(value, out->ufrag, sizeof out->ufrag);
    if (starts(text, "ice-pwd:", &value))
        return copy_text(value, out->password, sizeof out->password);
    if (starts(text, "fingerprint:", &value))
        return read_fingerprint(reader, value);
    if (starts(text, "setup:", &value))
        out->setup = strcmp(value, "active") == 0    ? CV_LOAD_ACTIVE
                     : strcmp(value, "passive") == 0 ? CV_LOAD_PASSIVE
                                                     : CV_LOAD_ACTPASS;
    return CV_OK;
}

static enum cv_err read_attribute(struct reader *reader, char *text) {
    struct cv_load_line *line = reader->line;
    const char *value;
    if (read_direction(text, line ? &line->direction : &reader->session_direction))
        return CV_OK;
    if (starts(text, "candidate:", &value))
        read_candidate(reader, text + strlen("candidate:"));
    else if (line && starts(text, "mid:", &value))
        return copy_text(value, line->mid, sizeof line->mid);
    else if (line && starts(text, "rtpmap:", &value))
        read_codec(line, text + strlen("rtpmap:"));
    else if (line && starts(text, "fmtp:", &value))
        read_parameters(line, text + strlen("fmtp:"));
    else if (line && starts(text, "extmap:", &value))
        read_extension(line, text + strlen("extmap:"));
    else if (line && starts(text, "ssrc:", &value))
        read_source(line, text + strlen("ssrc:"));
    else
        return read_connection(reader, text);
    return CV_OK;
}

enum cv_err cv_load_read_description(struct cv_slice text, bool is_offer,
                                     struct cv_load_description *ret_description) {
    struct cv_load_description out = {.is_offer = is_offer};
    struct reader reader = {.out = &out, .session_direction = CV_LOAD_SENDS | CV_LOAD_RECEIVES};
    if (text.size < 3 || text.size > MAX_TEXT_BYTES || memcmp(text.data, "v=0", 3) != 0)
        return CV_ERR_SYNTAX;
    for (size_t at = 0; at < text.size;) {
        char line[MAX_LINE_BYTES];
        const uint8_t *begin = text.data + at;
        const uint8_t *end = memchr(begin, '\n', text.size - at);
        size_t size = end ? (size_t)(end - begin) : text.size - at;
        at += size + 1;
        if (size > 0 && begin[size - 1] == '\r')
            size--;
        if (size >= sizeof line || memchr(begin, '\0', size))
            return CV_ERR_SYNTAX;
        memcpy(line, begin, size);
        line[size] = '\0';
        enum cv_err err = CV_OK;
        if (line[0] == 'm' && line[1] == '=')
            err = read_media(&reader, line + 2);
        else if (line[0] == 'a' && line[1] == '=')
            err = read_attribute(&reader, line + 2);
        if (err)
            return err;
    }
    if (!out.ufrag[0] || !out.password[0] || !reader.has_fingerprint)
        return CV_ERR_TYPE;
    *ret_description = out;
    return CV_OK;
}
