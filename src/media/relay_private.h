/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the relay offer each other, over the state in media/relay_state.h. */
#ifndef CV_MEDIA_RELAY_PRIVATE_H
#define CV_MEDIA_RELAY_PRIVATE_H

#include "media/relay_state.h"

/* --- room.c --- */

/* The room of a meeting, made when it isn't there; NULL without memory. */
struct cv_room *cv_room_open(struct cv_relay *relay, const struct cv_id *meeting);
/* Control is to be told who is loudest. */
void cv_room_tell_speaker(struct cv_room *room);
/* Frees the room if nobody is in it. */
void cv_room_leave(struct cv_room *room, int64_t now_us);
struct cv_room *cv_room_free(struct cv_room *room);
struct cv_source *cv_room_find(const struct cv_room *room, const struct cv_id *participant,
                               enum cv_source_kind kind);
/* The sources have changed: each slot that wanted one of this participant looks again. */
void cv_room_resolve(struct cv_room *room, const struct cv_id *participant, int64_t now_us);
/* An audio packet came: who is loudest may have changed. */
void cv_room_heard(struct cv_room *room, struct cv_source *source, const struct cv_packet *packet,
                   int64_t now_us);
void cv_room_tick(struct cv_room *room, int64_t now_us);
void cv_room_schedule(struct cv_room *room);
/* What the loudest and the active speaker mean for one peer. */
void cv_peer_feed_audio(struct cv_peer *peer, int64_t now_us);
void cv_peer_follow(struct cv_peer *peer, int64_t now_us);

/* --- source.c --- */

/* In the room at once; NULL without memory. */
struct cv_source *cv_source_new(struct cv_room *room, const struct cv_id *participant,
                                enum cv_source_kind kind, size_t encoding_count, uint32_t csrc);
/* Takes it out of the room and off the slots that it feeds. */
struct cv_source *cv_source_free(struct cv_source *source, int64_t now_us);
void cv_source_allow(struct cv_source *source, bool allowed);
/* Gives back what of it is too old to be asked for again, should it have stopped. */
void cv_source_expire(struct cv_source *source, int64_t now_us);
/* Another SSRC takes the encoding over: its numbers begin anew. */
void cv_encoding_restart(struct cv_encoding *encoding, int64_t now_us);
bool cv_encoding_is_live(const struct cv_encoding *encoding, int64_t now_us);
/*
 * A packet of a stream, to all that want it; its reference stays the caller's. `number` and
 * `encoding` of the packet are set here, from the low bits that the caller gives.
 */
void cv_encoding_deliver(struct cv_encoding *encoding, struct cv_packet *packet, int64_t now_us);
/*
 * Whether a packet of this size is within what a stream of its kind may have: one participant's
 * flood must not become everybody's.
 */
bool cv_encoding_take(struct cv_encoding *encoding, size_t bytes, int64_t now_us);
/* A sequence number of the encoding, extended by its rollovers; for one near the newest. */
uint64_t cv_encoding_number(const struct cv_encoding *encoding, uint16_t sequence);
enum cv_err cv_encoding_add(struct cv_encoding *encoding, struct cv_slot *slot);
void cv_encoding_remove(struct cv_encoding *encoding, struct cv_slot *slot);
void cv_encoding_ask_key_frame(struct cv_encoding *encoding, int64_t now_us);
/* The moment at which what has this RTP time was captured, on this relay's clock. */
int64_t cv_encoding_captured_us(const struct cv_encoding *encoding, uint32_t timestamp);
void cv_encoding_set_clock(struct cv_encoding *encoding, uint32_t timestamp, int64_t at_us);
/* What of a source somebody looks at, told to control after a while. */
void cv_source_watch(struct cv_source *source, int64_t now_us);
int64_t cv_source_watch_deadline(const struct cv_source *source);

/* --- stream.c --- */

void cv_peer_input_rtp(struct cv_peer *peer, int64_t now_us, uint8_t *data, size_t size);
struct cv_stream *cv_peer_find_stream(const struct cv_peer *peer, uint32_t ssrc);
/* The SSRC of an encoding; 0: not known yet. */
uint32_t cv_peer_encoding_ssrc(const struct cv_peer *peer, const struct cv_encoding *encoding);
/* The stream at this place of the list, or all. */
void cv_peer_drop_stream(struct cv_peer *peer, size_t place);
void cv_peer_drop_streams(struct cv_peer *peer);
/* Adds what was repaired of it. */
void cv_stream_add_counters(const struct cv_stream *stream, struct cv_relay_counters *sum);

/* --- feedback.c --- */

void cv_peer_input_rtcp(struct cv_peer *peer, int64_t now_us, struct cv_slice compound);

/* --- report.c --- */

/* RTCP that is due: at most one datagram; 0 when there is none (more). */
size_t cv_peer_write_rtcp(struct cv_peer *peer, int64_t now_us, uint8_t *data, size_t capacity);
/* Marks what has fallen due. */
void cv_peer_tick_reports(struct cv_peer *peer, int64_t now_us);
int64_t cv_peer_report_deadline(const struct cv_peer *peer);

/* A packet in the form in which it is passed on; NULL without memory. */
struct cv_packet *cv_packet_read(struct cv_encoding *encoding, enum cv_codec codec,
                                 const struct cv_rtp *rtp,
                                 const struct cv_rtp_extensions *extensions, int64_t now_us);

/* --- slot.c --- */

void cv_slot_init(struct cv_slot *slot, struct cv_peer *peer, struct cv_random random);
void cv_slot_release(struct cv_slot *slot, int64_t now_us);
/* The encoding begins anew: what was shown of it is over. */
void cv_slot_lose(struct cv_slot *slot, const struct cv_encoding *encoding);
/* What feeds it; NULL: nothing. */
void cv_slot_set_source(struct cv_slot *slot, struct cv_source *source, int64_t now_us);
/*
 * Which encoding and layers of its source are to be sent, NULL: none; and which one would be, were
 * it there.
 */
void cv_slot_set_target(struct cv_slot *slot, struct cv_encoding *target,
                        struct cv_encoding *wished, uint8_t spatial, uint8_t temporal,
                        int64_t now_us);
/* Changes over to the encoding of this packet, if it is one to change to and may be started at. */
bool cv_slot_switch(struct cv_slot *slot, const struct cv_packet *packet, int64_t now_us);
/* Notes what was sent, so that it can be again. */
void cv_slot_remember(struct cv_slot *slot, const struct cv_packet *packet,
                      const struct cv_rewritten *out, int64_t now_us);
enum cv_slot_state cv_slot_state(const struct cv_slot *slot);
/* Whether the slot has something to tell since it was last told. */
void cv_slot_changed(struct cv_slot *slot);
/* Puts a packet into the queue of the slot's peer, with a reference of its own. */
void cv_slot_queue(struct cv_slot *slot, struct cv_packet *packet, enum cv_queued_kind kind,
                   uint16_t sequence);
/* NACK of a receiver. */
void cv_slot_repair(struct cv_slot *slot, uint16_t sequence, int64_t now_us);

/* --- send.c --- */

/* Sends what is queued and may go now; false: the output has no room. */
bool cv_peer_send_queues(struct cv_peer *peer, int64_t now_us,
                         const struct cv_relay_output *output);
void cv_peer_drop_queues(struct cv_peer *peer);
/* When more of it may go, CV_TIME_NEVER: not before something else happens. */
int64_t cv_peer_send_deadline(const struct cv_peer *peer);

/* --- quality.c --- */

/* Shares what the peer's path has room for among its video slots. */
void cv_peer_allocate(struct cv_peer *peer, int64_t now_us);

/* --- span.c --- */

/* Under a number of its worker, the lowest that is free for -1; false when there is none. */
bool cv_source_enter(struct cv_source *source, int number);
void cv_source_leave(struct cv_source *source);
/* What other workers are told with the next flush, in this order. */
void cv_bridge_there(struct cv_source *source, uint64_t workers);
void cv_bridge_gone(struct cv_source *source);
void cv_bridge_packet(struct cv_encoding *encoding, struct cv_packet *packet);
void cv_bridge_clock(struct cv_encoding *encoding);
void cv_bridge_want(struct cv_source *source);
void cv_bridge_key(struct cv_encoding *encoding);
void cv_bridge_flush(struct cv_relay *relay, const struct cv_relay_output *output);
void cv_bridge_release(struct cv_relay *relay);
void cv_room_announce(struct cv_room *room, uint64_t workers, int64_t now_us);

static inline struct cv_queue *cv_slot_queue_of(const struct cv_slot *slot) {
    return slot->video ? &slot->peer->pictures : &slot->peer->sound;
}

/* Where the next one will stand; of a queue that has room. */
static inline struct cv_queued *cv_queue_end(const struct cv_queue *queue) {
    return &queue->items[(queue->first + queue->count) & (queue->capacity - 1u)];
}

/* --- fetch.c --- */

/* The `i`th of the encoding's slots is being served: those behind it will be. */
void cv_encoding_fetch(const struct cv_encoding *encoding, size_t i);

/* Sending to it comes soon. Steps from 0 on; what one asks for is there by the next. */
enum { CV_PEER_FETCH_STEPS = 5 };
void cv_peer_fetch(const struct cv_peer *peer, unsigned step);

/* --- relay_flush.c --- */

/* Room for one peer more in relay->dirty. CV_ERR_MEMORY. */
enum cv_err cv_relay_expect_peer(struct cv_relay *relay);
/* As cv_peer_wake for whom there is only something to forward: nothing else is looked at then. */
void cv_peer_wake_to_send(struct cv_peer *peer);
/* It is about to be freed. */
void cv_peer_forget_flush(struct cv_peer *peer);

/* --- peer.c --- */

struct cv_peer *cv_peer_new(struct cv_relay *relay, struct cv_room *room,
                            const struct cv_relay_peer_config *config);
/* At once, without goodbye. */
struct cv_peer *cv_peer_free(struct cv_peer *peer, int64_t now_us);
/* Says goodbye, and is freed when all of it is out. */
void cv_peer_end(struct cv_peer *peer, int64_t now_us, bool tell);
void cv_peer_input(struct cv_peer *peer, int64_t now_us, const struct cv_ice_path *path,
                   uint8_t *datagram, size_t size);
/* Acts on what has become of the transport. */
void cv_peer_follow_transport(struct cv_peer *peer, int64_t now_us);
void cv_peer_tick(struct cv_peer *peer, int64_t now_us);
/* Sets the peer's deadline anew. */
void cv_peer_schedule(struct cv_peer *peer, int64_t now_us);
void cv_peer_wake(struct cv_peer *peer);
/* After such a flush: only when to send on can have become sooner. */
void cv_peer_schedule_sending(struct cv_peer *peer, int64_t now_us);
/* Something to tell control. */
void cv_peer_tell(struct cv_peer *peer);
enum cv_err cv_peer_name(struct cv_peer *peer);
/* Adds what its transport and its streams counted. */
void cv_peer_add_counters(const struct cv_peer *peer, struct cv_relay_counters *sum);

/* --- agreed.c --- */

/* What they send, by the order of their lines: see enum cv_source_kind. */
void cv_peer_take_lines(struct cv_peer *peer, const struct cv_sdp_session *session);
/* What they receive. Lines keep their slot by MID; slots that aren't offered any more go quiet. */
enum cv_err cv_peer_take_slots(struct cv_peer *peer, const struct cv_sdp_session *session,
                               int64_t now_us);
/* Puts the sources of an active peer's lines into the room. */
void cv_peer_open_sources(struct cv_peer *peer, int64_t now_us);
/* What may be sent, by the peer's configuration. */
void cv_peer_allow(struct cv_peer *peer);
/* What the participant wanted of the connection that this one replaces. */
void cv_peer_inherit(struct cv_peer *peer, const struct cv_peer *old);

#endif
