/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the relay is made of, and how it hangs together; see media/relay.h for what it is.
 *
 *     relay ──► room ──► source ──► encoding ──► slots that are fed by it ─┐
 *       │         └────► peer ──► stream (what it sends) ──► encoding      │
 *       │                  └────► slot (what it receives) ◄────────────────┘
 *       └── by path, by ICE user name, by participant ──► peer
 *
 * A packet goes from left to right in cv_relay_input, up to a queue of the peer that shall get it;
 * from the queue to the network in cv_relay_flush.
 */
#ifndef CV_MEDIA_RELAY_STATE_H
#define CV_MEDIA_RELAY_STATE_H

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/prefetch.h"
#include "media/bridge.h"
#include "media/bwe.h"
#include "media/history.h"
#include "media/nack.h"
#include "media/pacer.h"
#include "media/receive_stats.h"
#include "media/relay.h"
#include "media/rewrite.h"
#include "media/rtp.h"
#include "media/speaker.h"

enum {
    CV_CNAME_BYTES = 12,      /* RFC 7022 section 4.2: 96 random bits */
    CV_ENCODING_MAX = 3,      /* simulcast streams of one source */
    CV_PEER_MAX_STREAMS = 24, /* SSRCs that one peer may send */
    CV_PEER_MAX_QUEUE = 1024, /* packets that wait to be sent to one peer; a power of two */
    CV_PEER_FIRST_QUEUE = 16,
    CV_SLOT_FIRST_SENT = 128, /* records of what a slot sent; powers of two */
    CV_SLOT_LAST_SENT = 1024,
    CV_SLOT_RUNS = 8, /* sources whose packets a slot may still be asked for */
};

/*
 * A frame that many receive waits this long for its last packet: then each gets its packets as one
 * segmented send, which costs the kernel little more than one packet, and the work for each peer is
 * done with its state at hand. Browsers send a frame's packets in bursts.
 */
#define CV_HOLD_US (1 * CV_US_PER_MS)
enum {
    CV_HOLD_AUDIENCE = 8,
    CV_EVEN_PACKETS = 24, /* of a frame, that are made equal at its end: see CV_EVEN_BYTES */
};

/* What one stream may have, and a second of it at once: far above what browsers send. */
enum { CV_SOUND_MAX_BPS = 2000000, CV_PICTURES_MAX_BPS = 30000000 };

/* Thousandths of a core, see cv_relay_set_load. */
enum { CV_LOAD_HEAVY = 850, CV_LOAD_FULL = 950 };

/* 0: as much as everybody wants; 1: less; 2: as little as can be, and nobody new. */
static inline unsigned cv_load_level(unsigned permille) {
    return (permille >= CV_LOAD_HEAVY) + (permille >= CV_LOAD_FULL);
}

#define CV_KEY_FRAME_REPEAT_US (500 * CV_US_PER_MS)
/* Without a packet for so long an encoding is over; a screen may stand still. */
#define CV_ENCODING_LIVE_US (1500 * CV_US_PER_MS)
#define CV_SCREEN_LIVE_US (5 * CV_US_PER_S)
#define CV_WATCH_OFF_US CV_US_PER_S /* how long nobody has to look */
#define CV_REPORT_US CV_US_PER_S
#define CV_TWCC_REPORT_US (50 * CV_US_PER_MS)
#define CV_ANNOUNCE_US (2 * CV_US_PER_S)
/* A source of another worker is over when nothing was heard of it for so long: its end was lost. */
#define CV_UNHEARD_US (5 * CV_ANNOUNCE_US)
#define CV_ALLOCATE_US (200 * CV_US_PER_MS)
#define CV_METER_US (500 * CV_US_PER_MS)

/* --- what is sent in a room --- */

/* One stream of a source: the only one, or one of its simulcast streams. */
struct cv_encoding {
    struct cv_source *source;
    uint32_t id; /* of this relay, never used again */
    uint8_t index;
    uint8_t epoch; /* changes when its numbers begin anew */
    bool key_frame_wanted;
    uint16_t width, height;
    int64_t key_frame_asked_us;
    int64_t seen_us;  /* the newest packet; 0: none */
    uint64_t highest; /* number of the newest packet */
    /* A moment of this relay's clock and the RTP time that belongs to it. */
    bool has_clock;
    uint32_t clock_timestamp;
    int64_t clock_us;
    struct cv_history *history; /* video */
    struct cv_svc *svc;         /* once a dependency descriptor came; NULL */
    struct cv_slot **slots;     /* fed by it, or waiting for its key frame */
    size_t slot_count, slot_capacity;
    uint64_t workers; /* others that want it */
    /*
     * What a receiver takes that gets all layers up to a bound, over the last full interval;
     * without a dependency descriptor all spatial layers are one.
     */
    uint32_t bound_bytes[CV_SVC_BOUNDS];
    uint32_t bound_bps[CV_SVC_BOUNDS];
    int64_t metered_us;
    int64_t allowance_bytes; /* that may come at once, see cv_encoding_take */
    int64_t allowed_us;
    int64_t unwatched_since_us; /* 0: somebody looks */
};

/* What one participant sends of one kind. */
struct cv_source {
    struct cv_list in_room;
    struct cv_room *room;
    struct cv_peer *peer; /* NULL: one of another worker */
    struct cv_id participant;
    enum cv_source_kind kind;
    uint8_t worker;   /* of its peer */
    uint16_t number;  /* by which workers speak of it; of its worker */
    int64_t heard_us; /* of another worker: when that spoke of it last */
    uint32_t csrc;
    uint32_t voice; /* of the room's cv_speaker; CV_SPEAKER_NONE */
    bool allowed;
    uint8_t encoding_count;
    uint8_t watched; /* bits of encodings, as control knows it */
    struct cv_encoding encodings[CV_ENCODING_MAX];
};

static inline bool cv_source_is_video(const struct cv_source *source) {
    return source->kind == CV_SOURCE_CAMERA || source->kind == CV_SOURCE_SCREEN;
}

struct cv_room {
    struct cv_relay *relay;
    struct cv_id meeting;
    struct cv_list peers;   /* cv_peer.in_room: those that take part */
    struct cv_list sources; /* cv_source.in_room */
    size_t members;         /* peers of this meeting, connected or not, and over */
    struct cv_history_budget budget;
    struct cv_speaker *speaker;
    struct cv_source **voices; /* by the number that `speaker` gave them */
    size_t voice_capacity;
    struct cv_source *loudest[CV_RELAY_LOUDEST]; /* by place */
    struct cv_id active;                         /* speaker, as control knows it */
    struct cv_heap_node deadline;
    struct cv_list eventful; /* in relay->eventful_rooms while the speaker is to be told */
    uint64_t workers;        /* of the meeting, without this one */
    int64_t announce_due_us; /* what they were told is told again, if there are any */
    int64_t watch_due_us;    /* nobody may look at a source of another worker any more; 0: no */
};

/* --- what a peer sends --- */

/* A media line that the peer sends on, as agreed. */
struct cv_line {
    char mid[CV_SDP_MAX_NAME_CHARS + 1];
    enum cv_source_kind kind;
    struct cv_line_codec {
        uint8_t codec; /* enum cv_codec */
        uint8_t payload_type;
        uint8_t rtx_payload_type;
        uint8_t feedback;
    } codecs[CV_SDP_MAX_CODECS];
    uint8_t codec_count;
    uint8_t rid_count;
    uint8_t ssrc_count;
    char rids[CV_ENCODING_MAX][CV_SDP_MAX_NAME_CHARS + 1];
    struct cv_sdp_source ssrcs[CV_ENCODING_MAX];
};

/* One SSRC that the peer sends. */
struct cv_stream {
    uint32_t ssrc;
    bool is_rtx;
    const struct cv_line *line;
    struct cv_source *source;
    uint8_t encoding;
    uint64_t highest; /* sequence number, extended; 0: none yet */
    struct cv_receive_stats stats;
    struct cv_nack *nack; /* video with NACK; NULL */
    uint64_t seen[16];    /* of the last 1024 numbers: a retransmission may come twice */
};

/* --- what a peer receives --- */

enum cv_queued_kind {
    CV_QUEUED_MEDIA,
    CV_QUEUED_REPAIR, /* asked for again */
};

struct cv_queued {
    struct cv_packet *packet; /* a reference */
    uint8_t slot;
    uint8_t kind;      /* enum cv_queued_kind */
    uint16_t sequence; /* REPAIR: of the slot's stream */
};

/* What a slot sent, by the sequence number modulo the size of the ring. */
struct cv_slot_sent {
    uint16_t sequence; /* of the packet in the history of its encoding */
    uint16_t sent_ms;
    uint16_t picture_id;
    uint8_t tl0;
    uint8_t run : 4;   /* index into cv_slot.runs, and CV_SLOT_UNSENT */
    uint8_t bound : 4; /* that the slot had: see media/svc.h */
};
enum { CV_SLOT_UNSENT = 0xf };

/* A media line that the peer receives on. */
struct cv_slot {
    /* What every packet for it touches, in few lines of the cache. */
    struct cv_peer *peer;
    struct cv_encoding *current; /* what is sent */
    uint8_t index;
    bool video;
    uint8_t temporal, target_temporal;
    uint8_t spatial, target_spatial;
    uint8_t run; /* index into runs */
    /* As agreed. By enum cv_codec: 0 where they don't take it. */
    uint8_t id_twcc, id_send_time, id_audio_level, id_orientation, id_dependency;
    uint8_t payload_types[CV_CODEC_RTX];
    uint8_t rtx_payload_types[CV_CODEC_RTX];
    uint16_t next_rtx_sequence;
    uint32_t ssrc, rtx_ssrc;
    uint32_t csrc;
    uint32_t frame_timestamp; /* of the newest packet that layers were chosen for */
    /* For retransmissions. */
    uint16_t sent_size;
    uint16_t sent_end; /* the newest sequence number in it, plus one */
    struct cv_slot_sent *sent;
    /* For sender reports. */
    uint32_t packets, bytes;
    int64_t sent_us; /* the newest packet */
    struct cv_rewrite rewrite;
    struct cv_slot_run {
        struct cv_history *history; /* a reference; NULL: none */
        uint32_t timestamp_offset;
        uint32_t csrc;
        uint16_t frame_offset;
    } runs[CV_SLOT_RUNS];
    uint64_t last_report_ntp;
    uint32_t base_timestamp; /* RTP time of this relay's time 0 */
    char mid[CV_SDP_MAX_NAME_CHARS + 1];
    bool offered; /* in the newest offer; of others nothing is sent */
    bool answers_nack[CV_CODEC_RTX];
    /* What it shall show. */
    struct cv_id wanted;
    enum cv_source_kind wanted_kind;
    uint16_t width, height;
    bool stage;
    /* What it shows. */
    struct cv_source *source;
    struct cv_encoding *target; /* what shall be: from its next key frame on; NULL: nothing */
    struct cv_encoding *wished; /* what would be best; it may not be sent at present */
    bool starved;
    uint8_t told_state; /* enum cv_slot_state, as control knows it */
};

/* An address that a peer was checked from. */
struct cv_peer_path {
    struct cv_ice_path path; /* the key in relay->paths */
    struct cv_peer *peer;
    int64_t checked_us; /* 0: free */
};

/* What waits to be sent. */
struct cv_queue {
    struct cv_queued *items; /* a ring */
    uint16_t first, count, capacity;
    uint32_t bytes; /* of payloads */
};

struct cv_peer {
    /* What every packet for it touches, in few lines of the cache. */
    struct cv_relay *relay;
    struct cv_transport *transport;
    struct cv_bwe *bwe;
    bool dirty;   /* in relay->dirty */
    bool stirred; /* since the last flush more has happened than packets to forward */
    bool paced;   /* pictures wait for the pacer */
    uint16_t next_twcc;
    struct cv_queue sound, pictures; /* sound never waits for the pacer */
    struct cv_pacer pacer;
    struct cv_heap_node deadline;
    struct cv_relay_stats stats;
    size_t slot_count;
    struct cv_slot *slots[CV_RELAY_MAX_SLOTS];
    /* Whose it is. */
    struct cv_list in_relay;
    struct cv_list in_room;
    struct cv_list eventful; /* in relay->eventful while there is something to tell */
    struct cv_list untold;   /* in relay->untold */
    struct cv_room *room;
    struct cv_relay_peer_config config;
    struct cv_peer *successor; /* of the same participant, not connected yet */
    bool is_successor;
    bool active; /* takes part in the room */
    bool over;   /* waits for its last output and event */
    bool tell_state, tell_slots, tell_watched;
    enum cv_transport_state state; /* as it was last acted upon */
    struct cv_fingerprint remote_fingerprint;
    char remote_ufrag[CV_ICE_MAX_UFRAG_CHARS + 1];
    uint64_t sdp_session, sdp_version;
    char ufrags[2][CV_ICE_UFRAG_CHARS + 1]; /* keys in relay->ufrags: the present and the last */
    struct cv_buf fragment_head;            /* of the newest answer, see cv_sdp_write_head */
    struct cv_peer_path paths[CV_ICE_MAX_PATHS];
    /* What it sends. */
    struct cv_rtp_extension_map extensions;
    struct cv_line lines[CV_SOURCE_KIND_COUNT]; /* by kind; without codecs: none */
    struct cv_source *sources[CV_SOURCE_KIND_COUNT];
    struct cv_stream *streams[CV_PEER_MAX_STREAMS];
    size_t stream_count;
    struct cv_twcc_recorder *twcc;
    int64_t twcc_due_us;
    uint32_t report_ssrc;
    int64_t report_due_us;
    bool feedback_due; /* key frames or NACKs to ask for */
    bool reports_due;
    size_t report_slot; /* the next to report of */
    bool twcc_due;
    bool has_sender_clock;
    int64_t sender_clock_us; /* this relay's clock less the peer's NTP clock, at the least */
    /* What it receives. */
    int64_t allocated_bps; /* what the last allocation had to share */
    int64_t remb_bps;
    int64_t remb_at_us;
    int64_t allocate_due_us;
    int64_t repair_budget_bytes;
    int64_t repair_filled_us;
    uint32_t round_trip_us; /* of receiver reports */
    uint32_t reported_loss_permille;
};

/* Sources by number, of one worker. */
struct cv_source_table {
    struct cv_source **items;
    size_t capacity;
    size_t next; /* where to look for a free number */
};

/* Records that wait for the next flush. */
struct cv_bridge_queue {
    struct cv_bridge_item {
        uint64_t workers;
        struct cv_packet *packet; /* a reference; its data follow the head */
        size_t head_size;
        uint8_t head[CV_BRIDGE_HEAD_BYTES];
    } * items;
    size_t count, capacity;
};

/* Those with something to flush, each once, by the order in which they got it. */
struct cv_dirty {
    struct cv_peer **items; /* a ring with room for all peers; NULL: gone meanwhile */
    size_t first, count, capacity;
};

struct cv_relay {
    struct cv_relay_config config;
    struct cv_packet_pool pool;
    struct cv_map participants; /* id -> cv_peer */
    struct cv_map ufrags;       /* -> cv_peer */
    struct cv_map paths;        /* -> cv_peer_path */
    struct cv_map rooms;        /* id -> cv_room */
    struct cv_list peers;
    size_t all_peers;
    size_t peer_count; /* without those that are over */
    struct cv_dirty dirty;
    bool woken;            /* something became dirty since the last flush */
    int64_t held_until_us; /* see CV_HOLD_US; 0: nothing is held */
    struct cv_list eventful;
    struct cv_list eventful_rooms;
    struct cv_list untold; /* peers, from cv_relay_tell_again to cv_relay_next_peer */
    struct cv_heap peer_deadlines;
    struct cv_heap room_deadlines;
    uint32_t next_encoding;
    struct cv_source_table sources[CV_RELAY_MAX_WORKERS]; /* by worker; this one too */
    struct cv_bridge_queue bridge;
    unsigned load_permille;
    struct cv_relay_counters counters;
    char cname[2 * CV_CNAME_BYTES + 1]; /* in hexadecimal */
};

/* --- relay.c --- */

/* The connection of this participant, the room of this meeting; NULL: there is none. */
struct cv_peer *cv_relay_find(const struct cv_relay *relay, const struct cv_id *participant);
struct cv_room *cv_relay_find_room(const struct cv_relay *relay, const struct cv_id *meeting);

#endif
