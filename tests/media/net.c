/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include "media/bridge.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 1700, SDP_ROOM = 65536, SOUND_US = 20000, FRAME_US = 40000, REPORT_US = 500000 };

struct net_datagram {
    struct net_datagram *next;
    int64_t at_us;
    struct net_client *client;
    bool up;
    size_t size;
    uint8_t data[];
};

static void queue(struct net *net, struct net_datagram *datagram) {
    struct net_datagram **place = &net->first;
    while (*place && (*place)->at_us <= datagram->at_us)
        place = &(*place)->next;
    datagram->next = *place;
    *place = datagram;
}

static void send_over(struct net *net, struct net_link *link, struct net_client *who, bool up,
                      const uint8_t *data, size_t size) {
    int64_t start_us = link->busy_until_us > net->now_us ? link->busy_until_us : net->now_us;
    if (cv_seeded_below(&net->seeded, 1000) < link->loss_permille ||
        (link->rate_bps && start_us - net->now_us > link->queue_us))
        return;
    if (link->rate_bps)
        link->busy_until_us = start_us + (int64_t)(size + 28) * 8 * CV_US_PER_S / link->rate_bps;
    struct net_datagram *datagram = malloc(sizeof *datagram + size);
    assert_non_null(datagram);
    *datagram = (struct net_datagram){.client = who, .up = up, .size = size};
    datagram->at_us = (link->rate_bps ? link->busy_until_us : net->now_us) + link->delay_us;
    if (link->jitter_us)
        datagram->at_us += cv_seeded_below(&net->seeded, (uint32_t)link->jitter_us);
    memcpy(datagram->data, data, size);
    queue(net, datagram);
}

static void client_output(void *context, const uint8_t *data, size_t size) {
    struct net_client *who = context;
    send_over(who->net, &who->up, who, true, data, size);
}

/* --- what the relay puts out --- */

static uint8_t space[4096];

static uint8_t *room(void *context, size_t capacity) {
    struct net *net = context;
    assert_true(capacity <= sizeof space);
    return net->refuse_after && net->taken >= net->refuse_after ? NULL : space;
}

static void commit(void *context, const struct cv_ice_path *path, size_t size) {
    struct net *net = context;
    if (size == 0)
        return;
    net->taken++;
    assert_true(size <= 1500);
    for (size_t i = 0; i < net->client_count; i++) {
        struct net_client *who = &net->clients[i];
        if (who->used && cv_addr_eq(&who->client.path.remote, &path->remote))
            send_over(net, &who->down, who, false, space, size);
    }
}

static void bridge(void *context, unsigned worker, struct cv_slice head, struct cv_slice body) {
    struct net *net = context;
    uint8_t record[CV_RELAY_BRIDGE_BYTES];
    assert_true(head.size + body.size <= sizeof record);
    if (worker >= net->workers)
        return;
    memcpy(record, head.data, head.size);
    if (body.size > 0)
        memcpy(record + head.size, body.data, body.size);
    net->bridged++;
    struct cv_bridge_record told;
    assert_int_equal(cv_bridge_read(cv_slice_of(record, head.size + body.size), &told), CV_OK);
    if (net->lost_records >> told.type & 1)
        return;
    if (worker == 1 && told.type == CV_BRIDGE_THERE)
        net->told_source = told.source;
    unsigned from = worker == 0 ? 1 : 0; /* there are two */
    assert_int_equal(cv_relay_bridge_input(net->relays[worker], net->now_us, from,
                                           cv_slice_of(record, head.size + body.size)),
                     CV_OK);
}

static struct net_client *by_event(struct net *net, const struct cv_relay_event *event) {
    for (size_t i = 0; i < net->client_count; i++)
        if (net->clients[i].used && cv_id_eq(&net->clients[i].participant, &event->participant) &&
            strcmp(net->clients[i].session, event->session) == 0)
            return &net->clients[i];
    return NULL;
}

static void take_events(struct net *net, struct cv_relay *relay) {
    struct cv_relay_event event;
    while (cv_relay_next_event(relay, &event)) {
        struct net_client *who = by_event(net, &event);
        assert_true(!who || cv_id_eq(&event.meeting, &who->meeting));
        if (event.type == CV_RELAY_SPEAKER) {
            net->speaker = event;
        } else if (who && event.type == CV_RELAY_PEER) {
            who->peer = event;
        } else if (who && event.type == CV_RELAY_SLOTS) {
            who->slots = event;
            who->slots_events++;
        } else if (who && event.type == CV_RELAY_WATCHED) {
            who->watched = event;
            who->watched_events++;
            if (who->obeys)
                who->films_layers = event.watched.camera;
        }
    }
}

static void flush(struct net *net) {
    const struct cv_relay_output output = {net, room, commit, bridge};
    for (size_t i = 0; i < net->workers; i++) {
        if (cv_relay_deadline(net->relays[i]) <= net->now_us)
            cv_relay_tick(net->relays[i], net->now_us);
        net->taken = 0;
        cv_relay_flush(net->relays[i], net->now_us, &output);
        take_events(net, net->relays[i]);
    }
}

/* --- what clients do --- */

static void film(struct net *net, struct net_client *who) {
    static const size_t packets[] = {1, 2, 4}, bytes[] = {500, 800, 1000};
    struct client *client = &who->client;
    size_t layers = client->config.simulcast ? CLIENT_ENCODINGS : 1;
    if (client->config.layered && who->films_layers) {
        client_send_layers(client, net->now_us, &client->video[0], packets[2], bytes[2], false);
        return;
    }
    for (size_t i = 0; i < layers; i++)
        if ((who->films_layers & who->can_film) >> i & 1)
            client_send_frame(client, net->now_us, &client->video[i],
                              packets[client->config.simulcast ? i : 2],
                              bytes[client->config.simulcast ? i : 2], false);
}

static void act(struct net *net, struct net_client *who) {
    struct client *client = &who->client;
    int64_t phase_us = net->now_us + client->config.id * 3000; /* not all at once */
    client_tick(client, net->now_us);
    if (!client->connected)
        return;
    if (who->speaks && phase_us % SOUND_US == 0)
        client_send_audio(client, net->now_us, who->level);
    if (phase_us % FRAME_US == 0) {
        if (who->films)
            film(net, who);
        if (who->shares)
            client_send_frame(client, net->now_us, &client->screen, 3, 1000, false);
    }
    if (phase_us % REPORT_US == 0) {
        client_send_sender_report(client, net->now_us, &client->audio, 48000);
        for (size_t i = 0; i < CLIENT_ENCODINGS; i++)
            client_send_sender_report(client, net->now_us, &client->video[i], 90000);
    }
}

static void deliver(struct net *net) {
    while (net->first && net->first->at_us <= net->now_us) {
        struct net_datagram *datagram = net->first;
        net->first = datagram->next;
        struct net_client *who = datagram->client;
        if (who->used && datagram->up)
            cv_relay_input(net->relays[who->worker], net->now_us, &who->client.path, datagram->data,
                           datagram->size);
        else if (who->used)
            client_input(&who->client, net->now_us, datagram->data, datagram->size);
        free(datagram);
    }
}

void net_run(struct net *net, int64_t for_us) {
    int64_t until_us = net->now_us + for_us;
    while (net->now_us < until_us) {
        net->now_us += NET_STEP_US;
        deliver(net);
        for (size_t i = 0; i < net->client_count; i++)
            if (net->clients[i].used)
                act(net, &net->clients[i]);
        deliver(net);
        flush(net);
    }
}

/* --- coming and going --- */

void net_open(struct net *net, uint64_t seed, size_t workers) {
    static const struct cv_addr address = {{10, 0, 1, 1}, 4000, CV_ADDR_V4};
    memset(net, 0, sizeof *net);
    net->seeded.state = seed;
    net->now_us = 1000 * CV_US_PER_S;
    net->workers = workers;
    net->meeting = (struct cv_id){"meeting"};
    for (size_t i = 0; i <= workers; i++)
        net->identities[i] = cv_dtls_identity_new(INT64_C(1767225600) * CV_US_PER_S);
    for (size_t i = 0; i < workers; i++) {
        const struct cv_relay_config config = {
            .identity = net->identities[i],
            .addresses = &address,
            .address_count = 1,
            .worker = (uint8_t)i,
            .random = cv_seeded_random(&net->seeded),
            .limits = {.peers = 1000,
                       .peers_per_room = 1000,
                       .room_bytes = 16 << 20,
                       .peer_max_bps = 20000000},
        };
        net->relays[i] = cv_relay_new(&config, net->now_us);
        assert_non_null(net->relays[i]);
    }
}

void net_close(struct net *net) {
    while (net->first) {
        struct net_datagram *datagram = net->first;
        net->first = datagram->next;
        free(datagram);
    }
    for (size_t i = 0; i < net->client_count; i++)
        if (net->clients[i].used)
            client_release(&net->clients[i].client);
    for (size_t i = 0; i < net->workers; i++)
        net->relays[i] = cv_relay_free(net->relays[i]);
    for (size_t i = 0; i <= net->workers; i++)
        net->identities[i] = cv_dtls_identity_free(net->identities[i]);
}

struct net_client *net_add(struct net *net, unsigned worker, const char *participant,
                           const struct client_config *config) {
    size_t place = 0;
    while (net->clients[place].used)
        assert_true(++place < NET_CLIENTS);
    if (place == net->client_count)
        net->client_count++;
    struct net_client *who = &net->clients[place];
    *who = (struct net_client){.used = true, .worker = worker, .meeting = net->meeting, .net = net};
    struct client_config own = *config;
    own.id = (uint8_t)(place + 1);
    own.identity = net->identities[net->workers];
    own.random = cv_seeded_random(&net->seeded);
    client_init(&who->client, &own);
    who->client.output = client_output;
    who->client.context = who;
    who->level = 30;
    who->films_layers = who->can_film = 7;
    who->up.delay_us = who->down.delay_us = 10000;
    snprintf(who->participant.text, sizeof who->participant.text, "%s", participant);
    snprintf(who->session, sizeof who->session, "s%zu", place);
    return who;
}

void net_offer(struct net *net, struct net_client *who, const char *ufrag,
               const struct cv_relay_peer_config *config) {
    struct cv_relay_peer_config full =
        config ? *config
               : (struct cv_relay_peer_config){.audio = true, .video = true, .screen = true};
    char *sdp = malloc(SDP_ROOM);
    struct cv_buf answer = {0};
    struct cv_sdp_problem problem;
    assert_non_null(sdp);
    full.meeting = who->meeting;
    full.participant = who->participant;
    snprintf(full.session, sizeof full.session, "%s", who->session);
    size_t size = client_offer(&who->client, ufrag, sdp, SDP_ROOM);
    enum cv_err err = cv_relay_offer(net->relays[who->worker], net->now_us, &full,
                                     cv_slice_of(sdp, size), &answer, &problem);
    assert_int_equal(err, CV_OK);
    client_answer(&who->client, cv_buf_slice(&answer));
    cv_buf_release(&answer);
    free(sdp);
}

struct net_client *net_join(struct net *net, unsigned worker, size_t audio_slots,
                            size_t video_slots, bool sends) {
    const struct client_config config = {
        .audio_slots = audio_slots,
        .video_slots = video_slots,
        .simulcast = true,
        .twcc = true,
        .sends = sends,
    };
    char name[16];
    snprintf(name, sizeof name, "p%zu", net->joined++);
    struct net_client *who = net_add(net, worker, name, &config);
    net_offer(net, who, "brow", NULL);
    for (int i = 0; i < 500 && !who->client.connected; i++)
        net_run(net, NET_STEP_US);
    assert_true(who->client.connected);
    return who;
}

struct net_client *net_talker(struct net *net, unsigned worker) {
    struct net_client *who = net_join(net, worker, 3, 3, true);
    who->speaks = who->films = true;
    return who;
}

const struct cv_relay_slot *net_told(const struct net_client *who, const char *mid) {
    for (size_t i = 0; i < who->slots.slots.count; i++)
        if (strcmp(who->slots.slots.items[i].mid, mid) == 0)
            return &who->slots.slots.items[i];
    fail_msg("nothing told of %s", mid);
    return NULL;
}

void net_assert_shows(struct net_client *who, const char *mid, const struct net_client *whom) {
    const struct cv_relay_slot *item = net_told(who, mid);
    assert_string_equal(item->participant.text, whom->participant.text);
    assert_int_equal(item->state, CV_SLOT_LIVE);
    assert_int_equal(net_slot(who, mid)->sender, whom->client.config.id);
}

void net_vanish(struct net *net, struct net_client *who) {
    for (struct net_datagram **place = &net->first; *place;) {
        struct net_datagram *datagram = *place;
        if (datagram->client != who) {
            place = &datagram->next;
            continue;
        }
        *place = datagram->next;
        free(datagram);
    }
    client_release(&who->client);
    who->used = false;
}

void net_want(struct net *net, struct net_client *who, int width, int height, ...) {
    struct cv_relay_want wants[CLIENT_MAX_SLOTS] = {0};
    size_t count = 0;
    const struct net_client *other;
    va_list others;
    va_start(others, height);
    while ((other = va_arg(others, const struct net_client *))) {
        snprintf(wants[count].mid, sizeof wants[count].mid, "v%zu", count);
        wants[count].participant = other->participant;
        wants[count].source = CV_SOURCE_CAMERA;
        wants[count].width = (uint16_t)width;
        wants[count].height = (uint16_t)height;
        count++;
    }
    va_end(others);
    assert_int_equal(
        cv_relay_want(net->relays[who->worker], net->now_us, &who->participant, wants, count),
        CV_OK);
}

void net_check(struct net *net) {
    for (size_t i = 0; i < net->client_count; i++) {
        const struct client *client = &net->clients[i].client;
        if (net->clients[i].used && client->violations > 0)
            fail_msg("client %zu saw %s (and %u violations in all)", i, client->violation,
                     client->violations);
    }
}

struct client_slot *net_slot(struct net_client *who, const char *mid) {
    for (size_t i = 0; i < who->client.slot_count; i++)
        if (strcmp(who->client.slots[i].mid, mid) == 0)
            return &who->client.slots[i];
    fail_msg("no slot %s", mid);
    return NULL;
}
