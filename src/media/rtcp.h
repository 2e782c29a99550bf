/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP: compound and reduced-size packets (RFC 3550 section 6, RFC 5506), and of their contents
 * what a forwarding server reads or writes: sender and receiver reports, CNAME, generic NACK and
 * transport-wide feedback (RFC 4585 section 6.2; the latter's insides are in media/twcc.h), PLI
 * (RFC 4585 section 6.3.1), FIR (RFC 5104 section 4.3.1) and REMB (draft-alvestrand-rmcat-remb).
 *
 * Reading is zero-copy: cv_rtcp_check once, then cv_rtcp_next and the readers of each type.
 */
#ifndef CV_MEDIA_RTCP_H
#define CV_MEDIA_RTCP_H

#include "base/bytes.h"

enum {
    CV_RTCP_MAX_BYTES = 1500, /* ours: one Ethernet frame */
    CV_RTCP_MAX_REPORTS = 31, /* five bits, RFC 3550 section 6.4.1 */
    CV_RTCP_REPORT_BYTES = 24,
    CV_RTCP_MAX_CNAME_BYTES = 255,
};

enum cv_rtcp_type {
    CV_RTCP_SR = 200,
    CV_RTCP_RR = 201,
    CV_RTCP_SDES = 202,
    CV_RTCP_RTPFB = 205,
    CV_RTCP_PSFB = 206,
};

/* Feedback message types (the count field of RTPFB and PSFB). */
enum {
    CV_RTPFB_NACK = 1,
    CV_RTPFB_TWCC = 15,
    CV_PSFB_PLI = 1,
    CV_PSFB_FIR = 4,
    CV_PSFB_REMB = 15, /* "application layer feedback" with a name of its own */
};

/* One packet of a compound. */
struct cv_rtcp_packet {
    uint8_t type;
    uint8_t count;        /* reports, sources or feedback message type */
    struct cv_slice body; /* behind the first word, without padding; a multiple of four bytes */
};

struct cv_rtcp_report {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256, since the last report */
    int32_t lost;          /* 24 bits, signed: duplicates make it negative */
    uint32_t highest;      /* sequence number, extended by its cycles */
    uint32_t jitter;       /* in the clock of the stream */
    uint32_t last_sr;      /* middle 32 bits of the NTP time of the last SR; 0: none yet */
    uint32_t delay;        /* since that one came, in 1/65536 s */
};

struct cv_rtcp_sender_report {
    uint32_t ssrc;
    uint64_t ntp_time; /* RFC 3550 section 4 */
    uint32_t rtp_time;
    uint32_t packets;
    uint32_t bytes;
};

struct cv_rtcp_feedback {
    uint32_t sender;
    uint32_t media;
    struct cv_slice control; /* feedback control information */
};

/* Whether the first bytes look like RTCP and not RTP (RFC 5761 section 4). */
bool cv_rtcp_is_packet(struct cv_slice datagram);

/*
 * CV_OK: the lengths of the packets add up to the whole, each has version 2, and only the last
 * has padding. CV_ERR_SYNTAX otherwise; CV_ERR_LIMIT for more than CV_RTCP_MAX_BYTES.
 */
enum cv_err cv_rtcp_check(struct cv_slice compound);

/* Walks a compound that cv_rtcp_check passed: start with *offset = 0; false ends. */
bool cv_rtcp_next(struct cv_slice compound, size_t *offset, struct cv_rtcp_packet *ret_packet);

/* The readers return CV_ERR_SYNTAX when the body is too short for what the count says. */
enum cv_err cv_rtcp_read_sr(const struct cv_rtcp_packet *packet,
                            struct cv_rtcp_sender_report *ret_report);
/*
 * The reports of an SR or RR into an array of CV_RTCP_MAX_REPORTS; *ret_sender is the SSRC of
 * whoever reports.
 */
enum cv_err cv_rtcp_read_reports(const struct cv_rtcp_packet *packet, uint32_t *ret_sender,
                                 struct cv_rtcp_report ret_reports[static CV_RTCP_MAX_REPORTS],
                                 size_t *ret_count);
enum cv_err cv_rtcp_read_feedback(const struct cv_rtcp_packet *packet,
                                  struct cv_rtcp_feedback *ret_feedback);

/* Walks the sequence numbers that a NACK asks for: start with *place = 0; false ends. */
bool cv_rtcp_next_nack(const struct cv_rtcp_feedback *nack, size_t *place, uint16_t *ret_sequence);
/* Walks the sources that a FIR asks a key frame of. */
bool cv_rtcp_next_fir(const struct cv_rtcp_feedback *fir, size_t *place, uint32_t *ret_ssrc,
                      uint8_t *ret_command);
/* CV_ERR_TYPE: some other application's feedback. Bit rates past 2^63 are CV_ERR_RANGE. */
enum cv_err cv_rtcp_read_remb(const struct cv_rtcp_feedback *feedback, int64_t *ret_bitrate_bps);

/*
 * Builds a compound into a caller's buffer; as with cv_stun_writer the first failure is kept
 * (CV_ERR_LIMIT: no room, or more than fits a count field).
 */
struct cv_rtcp_writer {
    uint8_t *data;
    size_t capacity;
    size_t size;
    enum cv_err err;
};

void cv_rtcp_begin(struct cv_rtcp_writer *writer, uint8_t *data, size_t capacity);
void cv_rtcp_add_sr(struct cv_rtcp_writer *writer, const struct cv_rtcp_sender_report *report,
                    const struct cv_rtcp_report *reports, size_t count);
void cv_rtcp_add_rr(struct cv_rtcp_writer *writer, uint32_t ssrc,
                    const struct cv_rtcp_report *reports, size_t count);
void cv_rtcp_add_cname(struct cv_rtcp_writer *writer, uint32_t ssrc, struct cv_slice cname);
void cv_rtcp_add_pli(struct cv_rtcp_writer *writer, uint32_t sender, uint32_t media);
/* `sequences` in ascending order (modulo 2^16); neighbours share an entry. */
void cv_rtcp_add_nack(struct cv_rtcp_writer *writer, uint32_t sender, uint32_t media,
                      const uint16_t *sequences, size_t count);
/*
 * A feedback packet whose control information the caller fills in: `size` bytes, a multiple of
 * four, are reserved; NULL once the writer has failed.
 */
uint8_t *cv_rtcp_reserve_feedback(struct cv_rtcp_writer *writer, enum cv_rtcp_type type,
                                  uint8_t format, uint32_t sender, uint32_t media, size_t size);

#endif
