/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay and its clients in virtual time, over links with delay, loss, disorder, a rate and a
 * queue: everything follows from the seed.
 */
#ifndef CV_TEST_MEDIA_NET_H
#define CV_TEST_MEDIA_NET_H

#include "client.h"

enum { NET_CLIENTS = 220, NET_STEP_US = 1000, NET_WORKERS = 2 };

struct net_link {
    int64_t delay_us;
    int64_t jitter_us; /* added at random: datagrams overtake each other */
    unsigned loss_permille;
    int64_t rate_bps; /* 0: as fast as you like */
    int64_t queue_us; /* how long the queue may be before it drops */
    int64_t busy_until_us;
};

/* What a client does by itself every 20 ms, and its links. */
struct net_client {
    bool used;
    struct client client;
    struct cv_id meeting;
    struct cv_id participant;
    char session[8];
    unsigned worker;
    struct net_link up, down;
    bool speaks; /* sends sound */
    uint8_t level;
    bool films;            /* sends pictures: 25 a second */
    unsigned films_layers; /* bit by bit: the encodings that are on */
    unsigned can_film;     /* bit by bit: the encodings that its camera is large enough for */
    bool obeys;            /* films what is watched, as the relay says */
    bool shares;           /* sends its screen */
    uint64_t frames;
    /* The newest of each event. */
    struct cv_relay_event peer, slots, watched;
    unsigned slots_events, watched_events;
    struct net *net;
};

struct net {
    struct cv_seeded seeded;
    int64_t now_us;
    size_t workers;
    struct cv_relay *relays[NET_WORKERS];
    struct cv_dtls_identity *identities[NET_WORKERS + 1];
    struct net_client clients[NET_CLIENTS];
    size_t client_count;  /* places in use, or once in use */
    struct cv_id meeting; /* of those who come next */
    struct cv_relay_event speaker;
    struct net_datagram *first; /* on their way */
    size_t bridged;
    unsigned lost_records; /* bits of enum cv_bridge_type: they find the ring full */
    uint16_t told_source;  /* the newest that the first relay told the second of */
    size_t joined;         /* how many names were given */
    size_t refuse_after;   /* datagrams that a flush takes; 0: any number */
    size_t taken;
};

/* `workers` relays, with one meeting at first. */
void net_open(struct net *net, uint64_t seed, size_t workers);
void net_close(struct net *net);

/* A participant who offers `audio` and `video` slots; it is connected when this returns. */
struct net_client *net_join(struct net *net, unsigned worker, size_t audio_slots,
                            size_t video_slots, bool sends);
/* The same with a name and a session of one's own choice, and without waiting. */
struct net_client *net_add(struct net *net, unsigned worker, const char *participant,
                           const struct client_config *config);
void net_offer(struct net *net, struct net_client *who, const char *ufrag,
               const struct cv_relay_peer_config *config);
/* Without a goodbye. */
void net_vanish(struct net *net, struct net_client *who);

/* Wants the cameras of others in the first slots: a list of clients that ends with NULL. */
void net_want(struct net *net, struct net_client *who, int width, int height, ...);

/* The slot of this MID, which there is. */
struct client_slot *net_slot(struct net_client *who, const char *mid);

/* Someone who speaks and films, with three slots of each kind. */
struct net_client *net_talker(struct net *net, unsigned worker);

/* What the slot of this MID shows, as control was told; there is one. */
const struct cv_relay_slot *net_told(const struct net_client *who, const char *mid);
/* By that and by what arrives it shows this one. */
void net_assert_shows(struct net_client *who, const char *mid, const struct net_client *whom);

void net_run(struct net *net, int64_t for_us);

/* No client saw the relay break a promise. */
void net_check(struct net *net);

#endif
