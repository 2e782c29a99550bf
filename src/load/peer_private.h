/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a peer share: its connection (peer.c), what comes (peer_receive.c), goes
 * (peer_send.c), goes again (peer_resend.c), and the reports in between (peer_report.c). */
#ifndef CV_LOAD_PEER_PRIVATE_H
#define CV_LOAD_PEER_PRIVATE_H

#include "load/peer.h"
#include "load/stamp.h"
#include "media/rtp.h"

enum {
    CV_LOAD_MAX_DATAGRAM = 1500,
    CV_LOAD_BATCH = 64,        /* datagrams sent with one system call */
    CV_LOAD_RUN_BYTES = 65536, /* of datagrams that came in one piece */
    CV_LOAD_RUNS = 16,         /* such pieces, received with one system call */
    CV_LOAD_KEPT = 256,        /* packets of a stream: a second and a half of 1.5 Mbit/s */
};

#define CV_LOAD_TWCC_US (100 * CV_US_PER_MS) /* libwebrtc's default interval */
#define CV_LOAD_REPORT_US CV_US_PER_S

/* A packet that may be asked for again. */
struct cv_load_kept {
    uint32_t timestamp;
    uint16_t size; /* of `payload`; 0: none yet */
    bool marker;
    uint8_t payload[CV_RTX_HEADER_BYTES + CV_STAMP_MAX_PAYLOAD]; /* begins with its number */
};

/* A stream that the server sends. The second halves are as of the last mark. */
struct cv_load_stream {
    uint32_t ssrc;
    uint64_t highest; /* sequence number, extended */
    uint64_t received, bytes;
    uint64_t marked_highest, marked_received, marked_bytes;
    uint64_t reported_highest, reported_received;
    uint32_t last_sr; /* RFC 3550 section 6.4.1, as are these */
    int64_t sr_at_us;
};

struct cv_load_peer {
    struct cv_load_net *net;
    struct cv_load_peer_handlers handlers;
    bool verify;
    bool plain;
    bool connected;
    bool failed;
    bool has_media;
    bool key_requested;
    int fd;
    uint16_t port;         /* ours */
    struct cv_addr server; /* that it is connected to */
    struct cv_timer timer;
    struct cv_ice_client ice;
    struct cv_dtls *dtls;
    enum cv_dtls_role role;
    struct cv_fingerprint remote_fingerprint;
    struct cv_srtp *send;
    struct cv_srtp *receive;

    struct cv_load_sent sent[CV_LOAD_MAX_SENT];
    size_t sent_count;
    uint16_t twcc_sequence;
    uint8_t receive_twcc_id; /* 0: the server doesn't number its packets */
    bool is_rtx[128];        /* payload types of retransmissions */
    struct cv_twcc_recorder arrivals;
    int64_t twcc_at_us, report_at_us;

    struct cv_load_stream streams[CV_LOAD_MAX_STREAMS];
    size_t stream_count;
    size_t last_stream; /* the one of the packet before */
    struct cv_load_tally counted, marked;
};

/* peer.c */
void cv_load_peer_fail(struct cv_load_peer *peer, const char *reason);
void cv_load_peer_connected(struct cv_load_peer *peer);
void cv_load_peer_advance(struct cv_load_peer *peer, int64_t now_us);
void cv_load_peer_transmit(const struct cv_load_peer *peer, const uint8_t *data, size_t size);

/* peer_send.c */
/* Encrypts a packet for the next flush, with the extensions of `sent`. False: no room. */
bool cv_load_peer_queue(struct cv_load_peer *peer, const struct cv_load_sent *sent,
                        const struct cv_rtp *rtp, struct cv_slice payload);

/* peer_resend.c */
/* The packet with sent's sequence number and timestamp, if it may be asked for again. */
void cv_load_sent_keep(struct cv_load_sent *sent, bool marker, struct cv_slice payload);
void cv_load_peer_take_nack(struct cv_load_peer *peer, const struct cv_rtcp_packet *packet);

/* peer_report.c */
void cv_load_peer_report(struct cv_load_peer *peer, int64_t now_us);
int64_t cv_load_peer_report_deadline(const struct cv_load_peer *peer);
/* A decrypted compound packet of the server. */
void cv_load_peer_take_rtcp(struct cv_load_peer *peer, int64_t now_us, struct cv_slice compound);

#endif
