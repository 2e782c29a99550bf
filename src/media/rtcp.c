/* SPDX-License-Identifier: Apache-2.0 */
#include "media/rtcp.h"

enum {
    HEADER_BYTES = 4,
    SSRC_BYTES = 4,
    SENDER_INFO_BYTES = 20,
    FEEDBACK_BYTES = 8, /* the two SSRCs before the control information */
    NACK_BYTES = 4,
    FIR_BYTES = 8,
    REMB_BYTES = 8, /* name, count and bit rate */
    SDES_CNAME = 1,
    REMB_NAME = 0x52454d42, /* "REMB" */
};

bool cv_rtcp_is_packet(struct cv_slice datagram) {
    /* RFC 5761 section 4: these packet types are marker and payload types 64 to 95 of RTP. */
    return datagram.size >= HEADER_BYTES && datagram.data[0] >> 6 == 2 && datagram.data[1] >= 192 &&
           datagram.data[1] <= 223;
}

enum cv_err cv_rtcp_check(struct cv_slice compound) {
    if (compound.size > CV_RTCP_MAX_BYTES)
        return CV_ERR_LIMIT;
    if (compound.size == 0)
        return CV_ERR_SYNTAX;
    for (size_t at = 0; at < compound.size;) {
        const uint8_t *p = compound.data + at;
        if (!cv_rtcp_is_packet(cv_slice_of(p, compound.size - at)))
            return CV_ERR_SYNTAX;
        size_t size = HEADER_BYTES + 4 * (size_t)cv_get_be16(p + 2);
        if (size > compound.size - at)
            return CV_ERR_SYNTAX;
        at += size;
        if (p[0] & 0x20) {
            size_t padding = p[size - 1];
            if (at != compound.size || padding == 0 || padding % 4 != 0 ||
                padding > size - HEADER_BYTES)
                return CV_ERR_SYNTAX;
        }
    }
    return CV_OK;
}

bool cv_rtcp_next(struct cv_slice compound, size_t *offset, struct cv_rtcp_packet *ret_packet) {
    if (*offset >= compound.size)
        return false;
    const uint8_t *p = compound.data + *offset;
    size_t size = HEADER_BYTES + 4 * (size_t)cv_get_be16(p + 2);
    size_t padding = p[0] & 0x20 ? p[size - 1] : 0;
    ret_packet->type = p[1];
    ret_packet->count = p[0] & 0x1f;
    ret_packet->body = cv_slice_of(p + HEADER_BYTES, size - HEADER_BYTES - padding);
    *offset += size;
    return true;
}

enum cv_err cv_rtcp_read_sr(const struct cv_rtcp_packet *packet,
                            struct cv_rtcp_sender_report *ret_report) {
    const uint8_t *p = packet->body.data;
    if (packet->body.size < SSRC_BYTES + SENDER_INFO_BYTES)
        return CV_ERR_SYNTAX;
    *ret_report = (struct cv_rtcp_sender_report){
        .ssrc = cv_get_be32(p),
        .ntp_time = cv_get_be64(p + 4),
        .rtp_time = cv_get_be32(p + 12),
        .packets = cv_get_be32(p + 16),
        .bytes = cv_get_be32(p + 20),
    };
    return CV_OK;
}

static struct cv_rtcp_report read_report(const uint8_t *p) {
    /* Sign-extended from 24 bits. */
    uint32_t lost = cv_get_be24(p + 5);
    return (struct cv_rtcp_report){
        .ssrc = cv_get_be32(p),
        .fraction_lost = p[4],
        .lost = (int32_t)(lost ^ 0x800000) - 0x800000,
        .highest = cv_get_be32(p + 8),
        .jitter = cv_get_be32(p + 12),
        .last_sr = cv_get_be32(p + 16),
        .delay = cv_get_be32(p + 20),
    };
}

enum cv_err cv_rtcp_read_reports(const struct cv_rtcp_packet *packet, uint32_t *ret_sender,
                                 struct cv_rtcp_report ret_reports[static CV_RTCP_MAX_REPORTS],
                                 size_t *ret_count) {
    size_t at = SSRC_BYTES + (packet->type == CV_RTCP_SR ? SENDER_INFO_BYTES : 0);
    if (packet->body.size < at + (size_t)packet->count * CV_RTCP_REPORT_BYTES)
        return CV_ERR_SYNTAX;
    for (size_t i = 0; i < packet->count; i++)
        ret_reports[i] = read_report(packet->body.data + at + i * CV_RTCP_REPORT_BYTES);
    *ret_sender = cv_get_be32(packet->body.data);
    *ret_count = packet->count;
    return CV_OK;
}

enum cv_err cv_rtcp_read_feedback(const struct cv_rtcp_packet *packet,
                                  struct cv_rtcp_feedback *ret_feedback) {
    const uint8_t *p = packet->body.data;
    if (packet->body.size < FEEDBACK_BYTES)
        return CV_ERR_SYNTAX;
    *ret_feedback = (struct cv_rtcp_feedback){
        .sender = cv_get_be32(p),
        .media = cv_get_be32(p + 4),
        .control = cv_slice_of(p + FEEDBACK_BYTES, packet->body.size - FEEDBACK_BYTES),
    };
    return CV_OK;
}

/* Entry by entry a packet id and a mask of the sixteen that follow: place = 17 * entry + bit. */
bool cv_rtcp_next_nack(const struct cv_rtcp_feedback *nack, size_t *place, uint16_t *ret_sequence) {
    for (; *place / 17 < nack->control.size / NACK_BYTES; ++*place) {
        const uint8_t *entry = nack->control.data + *place / 17 * NACK_BYTES;
        size_t bit = *place % 17;
        if (bit > 0 && !(cv_get_be16(entry + 2) >> (bit - 1) & 1))
            continue;
        *ret_sequence = (uint16_t)(cv_get_be16(entry) + bit);
        ++*place;
        return true;
    }
    return false;
}

bool cv_rtcp_next_fir(const struct cv_rtcp_feedback *fir, size_t *place, uint32_t *ret_ssrc,
                      uint8_t *ret_command) {
    if (*place >= fir->control.size / FIR_BYTES)
        return false;
    const uint8_t *entry = fir->control.data + (*place)++ * FIR_BYTES;
    *ret_ssrc = cv_get_be32(entry);
    *ret_command = entry[4];
    return true;
}

enum cv_err cv_rtcp_read_remb(const struct cv_rtcp_feedback *feedback, int64_t *ret_bitrate_bps) {
    const uint8_t *p = feedback->control.data;
    if (feedback->control.size < REMB_BYTES || cv_get_be32(p) != REMB_NAME)
        return CV_ERR_TYPE;
    /* Six bits of exponent, eighteen of mantissa. */
    unsigned exponent = p[5] >> 2;
    uint64_t mantissa = cv_get_be24(p + 5) & 0x3ffff;
    if (mantissa > (uint64_t)INT64_MAX >> exponent)
        return CV_ERR_RANGE;
    *ret_bitrate_bps = (int64_t)(mantissa << exponent);
    return CV_OK;
}

void cv_rtcp_begin(struct cv_rtcp_writer *writer, uint8_t *data, size_t capacity) {
    *writer = (struct cv_rtcp_writer){.data = NULL};
    writer->data = data;
    writer->capacity = capacity < CV_RTCP_MAX_BYTES ? capacity : CV_RTCP_MAX_BYTES;
}

/* Appends a packet of `size` body bytes (a multiple of four); returns its body, or NULL. */
static uint8_t *reserve(struct cv_rtcp_writer *writer, enum cv_rtcp_type type, size_t count,
                        size_t size) {
    if (writer->err)
        return NULL;
    if (count > CV_RTCP_MAX_REPORTS || size > CV_RTCP_MAX_BYTES ||
        HEADER_BYTES + size > writer->capacity - writer->size) {
        writer->err = CV_ERR_LIMIT;
        return NULL;
    }
    uint8_t *p = writer->data + writer->size;
    p[0] = (uint8_t)(2 << 6 | count);
    p[1] = (uint8_t)type;
    cv_put_be16(p + 2, (uint16_t)(size / 4));
    writer->size += HEADER_BYTES + size;
    return p + HEADER_BYTES;
}

static void write_reports(uint8_t *p, const struct cv_rtcp_report *reports, size_t count) {
    for (size_t i = 0; i < count; i++, p += CV_RTCP_REPORT_BYTES) {
        const struct cv_rtcp_report *report = &reports[i];
        cv_put_be32(p, report->ssrc);
        cv_put_be32(p + 4,
                    (uint32_t)report->fraction_lost << 24 | ((uint32_t)report->lost & 0xffffff));
        cv_put_be32(p + 8, report->highest);
        cv_put_be32(p + 12, report->jitter);
        cv_put_be32(p + 16, report->last_sr);
        cv_put_be32(p + 20, report->delay);
    }
}

void cv_rtcp_add_sr(struct cv_rtcp_writer *writer, const struct cv_rtcp_sender_report *report,
                    const struct cv_rtcp_report *reports, size_t count) {
    uint8_t *p = reserve(writer, CV_RTCP_SR, count,
                         SSRC_BYTES + SENDER_INFO_BYTES + count * CV_RTCP_REPORT_BYTES);
    if (!p)
        return;
    cv_put_be32(p, report->ssrc);
    cv_put_be64(p + 4, report->ntp_time);
    cv_put_be32(p + 12, report->rtp_time);
    cv_put_be32(p + 16, report->packets);
    cv_put_be32(p + 20, report->bytes);
    write_reports(p + SSRC_BYTES + SENDER_INFO_BYTES, reports, count);
}

void cv_rtcp_add_rr(struct cv_rtcp_writer *writer, uint32_t ssrc,
                    const struct cv_rtcp_report *reports, size_t count) {
    uint8_t *p = reserve(writer, CV_RTCP_RR, count, SSRC_BYTES + count * CV_RTCP_REPORT_BYTES);
    if (!p)
        return;
    cv_put_be32(p, ssrc);
    write_reports(p + SSRC_BYTES, reports, count);
}

/* RFC 3550 section 6.5: one chunk, its items ended by one to four zeros. */
void cv_rtcp_add_cname(struct cv_rtcp_writer *writer, uint32_t ssrc, struct cv_slice cname) {
    if (cname.size > CV_RTCP_MAX_CNAME_BYTES) {
        writer->err = CV_ERR_LIMIT;
        return;
    }
    size_t size = SSRC_BYTES + (2 + cname.size + 4) / 4 * 4;
    uint8_t *p = reserve(writer, CV_RTCP_SDES, 1, size);
    if (!p)
        return;
    memset(p, 0, size);
    cv_put_be32(p, ssrc);
    p[4] = SDES_CNAME;
    p[5] = (uint8_t)cname.size;
    if (cname.size > 0)
        memcpy(p + 6, cname.data, cname.size);
}

uint8_t *cv_rtcp_reserve_feedback(struct cv_rtcp_writer *writer, enum cv_rtcp_type type,
                                  uint8_t format, uint32_t sender, uint32_t media, size_t size) {
    uint8_t *p = reserve(writer, type, format, FEEDBACK_BYTES + size);
    if (!p)
        return NULL;
    cv_put_be32(p, sender);
    cv_put_be32(p + 4, media);
    return p + FEEDBACK_BYTES;
}

void cv_rtcp_add_pli(struct cv_rtcp_writer *writer, uint32_t sender, uint32_t media) {
    cv_rtcp_reserve_feedback(writer, CV_RTCP_PSFB, CV_PSFB_PLI, sender, media, 0);
}

/* The end of the run of sequence numbers that fit one entry: `first` and the sixteen behind it. */
static size_t nack_entry(const uint16_t *sequences, size_t first, size_t count,
                         uint16_t *ret_mask) {
    size_t i = first + 1;
    uint16_t mask = 0;
    for (; i < count; i++) {
        uint16_t distance = (uint16_t)(sequences[i] - sequences[first]);
        if (distance == 0 || distance > 16)
            break;
        mask = (uint16_t)(mask | 1 << (distance - 1));
    }
    *ret_mask = mask;
    return i;
}

void cv_rtcp_add_nack(struct cv_rtcp_writer *writer, uint32_t sender, uint32_t media,
                      const uint16_t *sequences, size_t count) {
    size_t entries = 0;
    uint16_t mask;
    for (size_t i = 0; i < count; i = nack_entry(sequences, i, count, &mask))
        entries++;
    uint8_t *p = cv_rtcp_reserve_feedback(writer, CV_RTCP_RTPFB, CV_RTPFB_NACK, sender, media,
                                          entries * NACK_BYTES);
    for (size_t i = 0; p && i < count; p += NACK_BYTES) {
        size_t next = nack_entry(sequences, i, count, &mask);
        cv_put_be16(p, sequences[i]);
        cv_put_be16(p + 2, mask);
        i = next;
    }
}
