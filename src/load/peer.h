/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection of the load tool to a server: a UDP socket with ICE, DTLS and SRTP, as a browser
 * would have it. What signalling says goes in as a description; what comes in is counted, and
 * where the peer verifies, decrypted and compared with what was sent.
 *
 * What a peer sends it sends again when it is asked to, as browsers do. It asks for nothing itself:
 * what is lost on the way to it counts as lost, whoever could have repaired it.
 *
 * Most peers of a large run only count, by the headers, which are in the clear: so the tool costs
 * little beside the server that it measures.
 */
#ifndef CV_LOAD_PEER_H
#define CV_LOAD_PEER_H

#include "base/random.h"
#include "io/loop.h"
#include "load/description.h"
#include "load/histogram.h"
#include "load/inbox.h"
#include "media/ice_client.h"
#include "media/twcc.h"

enum {
    CV_LOAD_MAX_STREAMS = 64, /* that one peer receives */
    CV_LOAD_MAX_SENT = 2,     /* that one peer sends: audio, video */
};

/* What all peers share. Outlives them. */
struct cv_load_net {
    struct cv_loop *loop;
    struct cv_load_inbox inbox;
    struct cv_random random;
    struct cv_dtls_identity *identity;
    struct cv_addr local; /* the address that servers reach us by; port 0 */
    struct cv_histogram *latency;
    bool measuring; /* the steady part of the run: latency counts */
};

struct cv_load_peer;

struct cv_load_peer_handlers {
    void *context;
    void (*on_connected)(void *context, struct cv_load_peer *peer);
    void (*on_media)(void *context, struct cv_load_peer *peer); /* the first packet came */
    void (*on_failed)(void *context, struct cv_load_peer *peer, const char *reason);
};

struct cv_load_tally {
    uint64_t streams; /* that brought at least one packet */
    uint64_t received;
    uint64_t lost; /* by the gaps in the sequence numbers */
    uint64_t bytes;
    uint64_t retransmitted;
    uint64_t verified;
    uint64_t damaged; /* SRTP refused them, or they aren't what was sent */
    uint64_t nacks;   /* packets that the server asked for again */
    uint64_t resent;  /* of those, the ones that it got */
};

/* `verify`: decrypt and compare all that comes. CV_ERR_MEMORY, CV_ERR_SYSTEM. */
enum cv_err cv_load_peer_new(struct cv_load_net *net, bool verify,
                             const struct cv_load_peer_handlers *handlers,
                             struct cv_load_peer **ret_peer);
/* Says goodbye to the server. */
struct cv_load_peer *cv_load_peer_free(struct cv_load_peer *peer);

/* Fills in what an offer or answer says of our end; lines are the caller's. */
void cv_load_peer_describe(const struct cv_load_peer *peer,
                           struct cv_load_description *description);

/*
 * The server's description is here: begins to connect. `ours` is what it answers or is answered
 * with. CV_ERR_TYPE: no candidate that we reach.
 */
enum cv_err cv_load_peer_start(struct cv_load_peer *peer, const struct cv_load_description *ours,
                               const struct cv_load_description *theirs);

/* Without ICE and DTLS: for a bare loop with keys that both were told (bench/floor.c). */
struct cv_load_keys {
    uint8_t send_key[CV_SRTP_KEY_BYTES], send_salt[CV_SRTP_GCM_SALT_BYTES];
    uint8_t receive_key[CV_SRTP_KEY_BYTES], receive_salt[CV_SRTP_GCM_SALT_BYTES];
};
enum cv_err cv_load_peer_start_plain(struct cv_load_peer *peer, const struct cv_addr *server,
                                     const struct cv_load_keys *keys);

struct cv_addr cv_load_peer_local(const struct cv_load_peer *peer);

/* The stream that it sends for a line of `kind`, as agreed; payload type 0: none. */
struct cv_load_sent {
    enum cv_media_kind kind;
    uint8_t payload_type;
    uint32_t ssrc;
    uint8_t level_id; /* of extensions, 0: not agreed */
    uint8_t twcc_id;
    uint16_t sequence;
    uint32_t packets;
    uint32_t bytes;
    uint32_t timestamp; /* of the last packet */
    /* Of repairs; payload type 0: the server doesn't ask for any. */
    uint8_t rtx_payload_type;
    uint32_t rtx_ssrc;
    uint16_t rtx_sequence;
    struct cv_load_kept *kept;
};
struct cv_load_sent *cv_load_peer_sent(struct cv_load_peer *peer, enum cv_media_kind kind);

/*
 * Encrypts one packet and keeps it for the next flush: the header is `sent`'s with `timestamp` and
 * `marker`. False: not connected, or a flush is due.
 */
bool cv_load_peer_send(struct cv_load_peer *peer, struct cv_load_sent *sent, uint32_t timestamp,
                       bool marker, struct cv_slice payload);
void cv_load_peer_flush(struct cv_load_peer *peer);

/* Whether the server asked for a key frame since this was asked last. */
bool cv_load_peer_take_key_request(struct cv_load_peer *peer);

/* Reads the socket of a peer until it is empty: the inbox calls it. */
void cv_load_peer_receive(void *peer);

/* From now on counts anew. */
void cv_load_peer_mark(struct cv_load_peer *peer);
/* Adds what was counted since, of what it receives and of what it sends. */
void cv_load_peer_tally(const struct cv_load_peer *peer, struct cv_load_tally *tally);

#endif
