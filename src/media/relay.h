/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relay: what one worker process knows of the meetings that go through the server. Datagrams
 * of all its peers come in; what each of them shall see and hear goes out again, encrypted for
 * each, at the lowest cost per packet. Sans-IO: sockets, rings and the clock are the worker's.
 *
 *     cv_relay_input(...) for each datagram of a batch
 *     cv_relay_flush(...)                 what has to be sent now, grouped by peer
 *     cv_relay_next_event(...)            what control has to be told
 *     cv_relay_tick(...) by cv_relay_deadline(...)
 *
 * A peer is one connection of one participant: what it sends are *sources* (microphone, camera in
 * up to three encodings, screen, sound of the screen), what it receives comes in *slots*, the
 * media lines that it offered to receive. A slot is an RTP stream of its own with continuous
 * sequence numbers, timestamps and picture ids, whatever feeds it; CSRC names the true source.
 * Audio slots are fed with those who speak; video slots with what the client wants.
 *
 * A room (a meeting) may span several workers: each decrypts what its own peers send and passes
 * it on, once to each other worker that the room spans (cv_relay_span), as *bridge records*. They
 * come by shared memory from a process that may have been taken over, and are checked.
 *
 * All times are monotonic microseconds.
 */
#ifndef CV_MEDIA_RELAY_H
#define CV_MEDIA_RELAY_H

#include "base/id.h"
#include "media/sdp.h"
#include "media/transport.h"

enum {
    CV_RELAY_MAX_SLOTS = 48,      /* media lines that one peer receives */
    CV_RELAY_SESSION_CHARS = 32,  /* what the client calls its connection */
    CV_RELAY_MAX_WORKERS = 64,    /* bits of a span */
    CV_RELAY_BRIDGE_BYTES = 1600, /* the largest bridge record */
    CV_RELAY_LOUDEST = 5,         /* audio sources that are forwarded at a time, at most */
};

/* What a participant sends, by the order of its sending media lines. */
enum cv_source_kind {
    CV_SOURCE_MICROPHONE,   /* the first of audio */
    CV_SOURCE_CAMERA,       /* the first of video */
    CV_SOURCE_SCREEN,       /* the second of video */
    CV_SOURCE_SCREEN_SOUND, /* the second of audio */
    CV_SOURCE_KIND_COUNT,
};

struct cv_relay;

struct cv_relay_limits {
    size_t peers;          /* of this worker; more are refused with CV_ERR_FULL */
    size_t peers_per_room; /* on this worker */
    size_t room_bytes;     /* memory of the packets that a room keeps for retransmission */
    int64_t peer_max_bps;  /* sent to one peer */
};

struct cv_relay_config {
    struct cv_dtls_identity *identity; /* borrowed */
    const struct cv_addr *addresses;   /* host candidates of answers, best first; borrowed */
    size_t address_count;
    bool tcp;       /* they listen for ICE-TCP too */
    uint8_t worker; /* number of this worker, from 0 */
    struct cv_random random;
    struct cv_relay_limits limits;
};

/* NULL without memory. */
struct cv_relay *cv_relay_new(const struct cv_relay_config *config, int64_t now_us);
struct cv_relay *cv_relay_free(struct cv_relay *relay);

/* --- what control asks for --- */

struct cv_relay_peer_config {
    struct cv_id meeting;
    struct cv_id participant;
    char session[CV_RELAY_SESSION_CHARS + 1];
    /* What it may send; the rest is dropped. See cv_relay_allow. */
    bool audio;
    bool video;
    bool screen;
    bool follows;      /* WHEP: slots follow the active speaker, nobody says what is wanted */
    struct cv_id only; /* WHEP of one participant: slots show this one; or empty */
};

/*
 * Takes an offer and appends the answer. A participant has one connection: another session
 * replaces it, once the new one is connected (make-before-break); the same session is an ICE
 * restart or a change of lines, and what flows goes on flowing. CV_ERR_SYNTAX, CV_ERR_LIMIT and
 * CV_ERR_TYPE with *ret_problem: an offer that can't be served. CV_ERR_FULL: no room for another
 * peer. CV_ERR_MEMORY.
 */
enum cv_err cv_relay_offer(struct cv_relay *relay, int64_t now_us,
                           const struct cv_relay_peer_config *config, struct cv_slice sdp,
                           struct cv_buf *answer, struct cv_sdp_problem *ret_problem);

/*
 * Restarts the ICE of the participant's connection (RFC 8445 section 9) without another offer, and
 * appends what the answer would have of it, as an SDP fragment (RFC 8840). What flows goes on
 * flowing. The other end's user name of before means the ICE session of before. CV_ERR_NOT_FOUND:
 * no such participant; CV_ERR_SYNTAX: no user name; CV_ERR_STATE: the connection is over;
 * CV_ERR_MEMORY.
 */
enum cv_err cv_relay_restart(struct cv_relay *relay, int64_t now_us,
                             const struct cv_id *participant, struct cv_slice remote_ufrag,
                             struct cv_buf *fragment);

/* The participant is gone, with all its connections. Harmless when it isn't here. */
void cv_relay_close(struct cv_relay *relay, int64_t now_us, const struct cv_id *participant);

/* What one video slot shall show. */
struct cv_relay_want {
    char mid[CV_SDP_MAX_NAME_CHARS + 1];
    struct cv_id participant;
    uint32_t source; /* enum cv_source_kind: camera or screen */
    uint16_t width;  /* of the tile, in device pixels: chooses the encoding */
    uint16_t height;
    uint32_t stage; /* not 0: on the stage, and served before the others */
};

/*
 * Replaces all that the participant wanted; slots that aren't named are paused. Sources that
 * aren't here (yet) are shown as soon as they are. CV_ERR_NOT_FOUND: no such participant.
 */
enum cv_err cv_relay_want(struct cv_relay *relay, int64_t now_us, const struct cv_id *participant,
                          const struct cv_relay_want *wants, size_t count);

/* What the participant may send from now on. Harmless when it isn't here. */
void cv_relay_allow(struct cv_relay *relay, const struct cv_id *participant, bool audio, bool video,
                    bool screen);

/* The workers (bit n: worker n) that have peers of this meeting. */
enum cv_err cv_relay_span(struct cv_relay *relay, int64_t now_us, const struct cv_id *meeting,
                          uint64_t workers);

/* --- packets --- */

/*
 * One datagram, modified in place. Datagrams that belong to no peer are counted and dropped.
 * Nothing is sent before the next flush.
 */
void cv_relay_input(struct cv_relay *relay, int64_t now_us, const struct cv_ice_path *path,
                    uint8_t *datagram, size_t size);

/* A record of another worker. CV_ERR_SYNTAX: malformed, and ignored. */
enum cv_err cv_relay_bridge_input(struct cv_relay *relay, int64_t now_us, unsigned worker,
                                  struct cv_slice record);

/*
 * Where a flush puts what is to be sent. `room` gives space for one datagram of at most `capacity`
 * bytes, valid until `commit` (of `size` bytes; 0: nothing came of it) or the end of the flush;
 * NULL: no room, the rest waits for the next flush. All datagrams of one peer come in a row, so
 * equal-sized neighbours can leave as one segmented send. `bridge` passes a record on to another
 * worker: two slices that belong behind each other.
 */
struct cv_relay_output {
    void *context;
    uint8_t *(*room)(void *context, size_t capacity);
    void (*commit)(void *context, const struct cv_ice_path *path, size_t size);
    void (*bridge)(void *context, unsigned worker, struct cv_slice head, struct cv_slice body);
};

void cv_relay_flush(struct cv_relay *relay, int64_t now_us, const struct cv_relay_output *output);

/* When to tick and flush at the latest; CV_TIME_NEVER: not before the next input. */
int64_t cv_relay_deadline(const struct cv_relay *relay);
void cv_relay_tick(struct cv_relay *relay, int64_t now_us);

/*
 * The worker's own load, 0 to 1000 thousandths of its core: from 850 on layers are lowered before
 * audio is lost, and from 950 on new peers are refused (CV_ERR_FULL).
 */
void cv_relay_set_load(struct cv_relay *relay, int64_t now_us, unsigned permille);

/* --- what control is told --- */

enum cv_relay_event_type {
    CV_RELAY_PEER,    /* state: of the connection of a participant */
    CV_RELAY_SLOTS,   /* slots: what feeds the participant's slots, all of them */
    CV_RELAY_SPEAKER, /* speaker: who is loudest in a meeting */
    CV_RELAY_WATCHED, /* watched: what of the participant's sources anybody looks at */
};

/* Whether what a slot shall show is there. */
enum cv_slot_state {
    CV_SLOT_OFF, /* nothing wanted, or the source sends nothing */
    CV_SLOT_LIVE,
    CV_SLOT_STARVED, /* the connection has no room for it now */
};

struct cv_relay_slot {
    char mid[CV_SDP_MAX_NAME_CHARS + 1];
    struct cv_id participant; /* empty: fed by nobody */
    uint32_t source;          /* enum cv_source_kind */
    uint32_t state;           /* enum cv_slot_state */
};

struct cv_relay_event {
    enum cv_relay_event_type type;
    struct cv_id meeting;
    struct cv_id participant; /* empty for speaker */
    char session[CV_RELAY_SESSION_CHARS + 1];
    union {
        struct {
            uint32_t state;  /* enum cv_transport_state */
            uint32_t reason; /* enum cv_transport_reason */
            uint32_t tcp;    /* path, where connected */
        } peer;
        struct {
            size_t count;
            struct cv_relay_slot items[CV_RELAY_MAX_SLOTS];
        } slots;
        struct cv_id speaker; /* empty: nobody */
        struct {
            uint32_t camera; /* bit n: the nth encoding of the camera, in the order of the offer */
            uint32_t screen;
        } watched;
    };
};

/* The next thing to tell; false when there is nothing. Later news replace earlier of their kind. */
bool cv_relay_next_event(struct cv_relay *relay, struct cv_relay_event *ret_event);

/* Control was started again and knows nothing: what holds now is told once more. */
void cv_relay_tell_again(struct cv_relay *relay);

/* --- figures --- */

struct cv_relay_counters {
    size_t rooms;
    size_t peers;
    uint64_t packets_in;  /* RTP, decrypted */
    uint64_t packets_out; /* RTP, sent; retransmissions and probes too */
    uint64_t bytes_out;
    uint64_t retransmitted;
    uint64_t requested; /* packets missing from what is sent to us, asked for at least once */
    uint64_t repaired;  /* of those, the ones that came */
    uint64_t given_up;  /* missing packets that are waited for no more */
    uint64_t key_frames_asked;
    uint64_t refused;                       /* offers, for want of room */
    uint64_t strangers;                     /* datagrams of nobody */
    struct cv_transport_counters transport; /* of all peers, past ones too */
};
/* Connections of participants: as the counters say, at no cost. */
size_t cv_relay_peers(const struct cv_relay *relay);
void cv_relay_counters(const struct cv_relay *relay, struct cv_relay_counters *ret_counters);

/* Of one participant's connection, for the call data record. */
struct cv_relay_stats {
    uint64_t packets_received;
    uint64_t packets_lost;
    uint64_t bytes_received;
    uint64_t packets_sent;
    uint64_t bytes_sent;
    uint32_t round_trip_us;
    int64_t estimate_bps; /* of the way to it */
};
enum cv_err cv_relay_stats(const struct cv_relay *relay, const struct cv_id *participant,
                           struct cv_relay_stats *ret_stats);

/* A participant that is here, with what control needs to speak of its connection. */
struct cv_relay_known {
    struct cv_relay_peer_config config;
    char ufrag[CV_ICE_UFRAG_CHARS + 1]; /* ours, by which the present ICE session is known */
    uint32_t rid_count;                 /* encodings of the camera, in the order of the offer */
    char rids[CV_SDP_MAX_RIDS][CV_SDP_MAX_NAME_CHARS + 1];
};

/*
 * The participants that were here at the last cv_relay_tell_again, each once; who leaves before it
 * is told of is left out. False: that were all.
 */
bool cv_relay_next_peer(struct cv_relay *relay, struct cv_relay_known *ret_known);

#endif
