/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This server as a target (docs/protocol.md): everybody comes in by a link, offers a connection to
 * the relay, and wants the cameras of all who publish.
 */
#include "load/load_private.h"
#include "load/websocket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    HOST_BYTES = 256,
    TOKEN_BYTES = 128,
    TYPE_BYTES = 32,
    ACK_EVERY = 32, /* messages; and each quarter of a second */
    TILE_WIDTH = 1280,
    TILE_HEIGHT = 720,
    AUDIO_SLOTS = 5,
    MAX_VIDEO_SLOTS = 40,
    SENDING_LINES = 4,
};

#define ACK_US (200 * CV_US_PER_MS)
#define SESSION "load"

struct place {
    struct cv_load_member *member;
    struct cv_load_websocket *websocket;
    struct cv_timer ack_timer;
    uint64_t sent, received, acknowledged;
    char id[64]; /* of the participant; "" before its welcome */
    bool answered;
    bool over;
};

struct room {
    struct cv_load *load;
    SSL_CTX *tls;
    char host[HOST_BYTES];
    struct cv_addr addr;
    char token[TOKEN_BYTES], host_token[TOKEN_BYTES];
};

/* --- messages out --- */

static void send_json(struct place *place, json_t *message) {
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text && !place->over)
        cv_load_websocket_send(place->websocket, cv_slice_str(text));
    free(text);
    json_decref(message);
}

/* Takes over `message`, which may be NULL: then nothing happens. */
static void command(struct place *place, json_t *message) {
    if (!message)
        return;
    json_object_set_new(message, "seq", json_integer((json_int_t)++place->sent));
    json_object_set_new(message, "ack", json_integer((json_int_t)place->received));
    place->acknowledged = place->received;
    send_json(place, message);
}

static void acknowledge(struct place *place) {
    if (place->acknowledged != place->received)
        send_json(place,
                  json_pack("{s:s, s:I}", "type", "ack", "ack", (json_int_t)place->received));
    place->acknowledged = place->received;
}

static void on_ack_timer(struct cv_timer *timer) {
    acknowledge(CV_CONTAINER_OF(timer, struct place, ack_timer));
}

static void fail(struct place *place, const char *reason) {
    cv_load_member_failed(place->member, reason);
}

/* --- the connection to the relay --- */

static unsigned video_slots(const struct cv_load *load) {
    unsigned slots = load->options->video_slots;
    if (!slots)
        slots = load->options->video ? load->options->publishers : 0;
    return slots < MAX_VIDEO_SLOTS ? slots : MAX_VIDEO_SLOTS;
}

static void offer(struct place *place) {
    static const enum cv_media_kind sending[SENDING_LINES] = {CV_MEDIA_AUDIO, CV_MEDIA_VIDEO,
                                                              CV_MEDIA_VIDEO, CV_MEDIA_AUDIO};
    struct cv_load_member *member = place->member;
    struct cv_load_description *ours = &member->ours;
    uint32_t ssrc = cv_random_u32(member->load->net.random) & 0x7fffff00;
    *ours = (struct cv_load_description){.is_offer = true};
    for (uint32_t i = 0; i < SENDING_LINES; i++)
        cv_load_add_line(ours, sending[i], CV_LOAD_SENDS, ssrc + 2 * i);
    unsigned audio = member->receives && member->load->options->audio ? AUDIO_SLOTS : 0;
    unsigned video = member->receives ? video_slots(member->load) : 0;
    for (unsigned i = 0; i < audio; i++)
        cv_load_add_line(ours, CV_MEDIA_AUDIO, CV_LOAD_RECEIVES, 0);
    for (unsigned i = 0; i < video; i++)
        cv_load_add_line(ours, CV_MEDIA_VIDEO, CV_LOAD_RECEIVES, 0);
    cv_load_peer_describe(member->peer, ours);
    struct cv_buf text = {0};
    if (!cv_load_write_description(ours, &text) && cv_buf_cstr(&text))
        command(place, json_pack("{s:s, s:s, s:{s:s, s:s}}", "type", "relay", "session", SESSION,
                                 "description", "type", "offer", "sdp", cv_buf_cstr(&text)));
    cv_buf_release(&text);
}

/* The cameras of all publishers but itself, as far as there are slots. */
static void want(struct place *place) {
    struct cv_load_member *member = place->member;
    const struct cv_load *load = member->load;
    json_t *slots = json_array();
    unsigned next = 0;
    for (size_t i = 0; i < load->begun && i < load->publishing; i++) {
        const struct place *other = load->members[i].signalling;
        if (!other || other == place || !other->id[0])
            continue;
        while (next < member->ours.line_count &&
               (member->ours.lines[next].kind != CV_MEDIA_VIDEO ||
                member->ours.lines[next].direction != CV_LOAD_RECEIVES))
            next++;
        if (next == member->ours.line_count)
            break;
        json_array_append_new(slots, json_pack("{s:s, s:s, s:s, s:i, s:i, s:b}", "mid",
                                               member->ours.lines[next++].mid, "participant",
                                               other->id, "source", "camera", "width", TILE_WIDTH,
                                               "height", TILE_HEIGHT, "stage", false));
    }
    command(place,
            json_pack("{s:s, s:s, s:o}", "type", "want", "session", SESSION, "slots", slots));
}

static void want_all(const struct cv_load *load) {
    for (size_t i = 0; i < load->begun; i++) {
        struct place *place = load->members[i].signalling;
        if (place && place->answered && place->member->receives && load->options->video)
            want(place);
    }
}

/* --- messages in --- */

static void enter_relay(struct place *place, const json_t *meeting) {
    const char *mode = json_string_value(json_object_get(meeting, "mode"));
    if (place->member->ours.line_count == 0 && mode && strcmp(mode, "relayed") == 0)
        offer(place);
}

static void take_welcome(struct place *place, const json_t *message) {
    const json_t *meeting = json_object_get(message, "meeting");
    const char *id = json_string_value(json_object_get(json_object_get(message, "you"), "id"));
    const char *presence =
        json_string_value(json_object_get(json_object_get(message, "you"), "presence"));
    if (!id || !presence || strcmp(presence, "present") != 0) {
        fail(place, "it has to wait in the lobby: switch that off, or give the host's link");
        return;
    }
    snprintf(place->id, sizeof place->id, "%s", id);
    if (place->member == &place->member->load->members[0]) {
        /* The host opens the door, and sends the meeting through the server from the start. */
        command(place, json_pack("{s:s, s:b}", "type", "lobby", "enabled", false));
        command(place, json_pack("{s:s, s:b}", "type", "mode", "relayed", true));
    }
    const struct cv_load_options *options = place->member->load->options;
    if (place->member->publishes)
        command(place, json_pack("{s:s, s:b, s:b, s:b}", "type", "media", "audio", options->audio,
                                 "video", options->video, "screen", false));
    enter_relay(place, meeting);
    if (place->member->publishes)
        want_all(place->member->load);
}

static void take_answer(struct place *place, const json_t *message) {
    struct cv_load_member *member = place->member;
    const char *sdp =
        json_string_value(json_object_get(json_object_get(message, "description"), "sdp"));
    if (place->answered)
        return;
    if (!sdp || cv_load_read_description(cv_slice_str(sdp), false, &member->theirs)) {
        fail(place, "a description that can't be read");
        return;
    }
    place->answered = true;
    if (member->receives && member->load->options->video)
        want(place);
    cv_load_member_start(member);
}

static void say_why(struct place *place, const json_t *message) {
    char reason[CV_LOAD_ERROR_BYTES];
    const char *code = json_string_value(json_object_get(message, "code"));
    const char *text = json_string_value(json_object_get(message, "message"));
    snprintf(reason, sizeof reason, "%s: %s", code ? code : "refused", text ? text : "");
    fail(place, reason);
}

static void take_message(struct place *place, const char *type, const json_t *message) {
    if (strcmp(type, "welcome") == 0)
        take_welcome(place, message);
    else if (strcmp(type, "meeting") == 0)
        enter_relay(place, message);
    else if (strcmp(type, "relay") == 0)
        take_answer(place, message);
    else
        say_why(place, message);
}

/* The text member `name` of a message, without parsing it: names come in any order, once. */
static bool peek_text(struct cv_slice text, const char *name, char *out, size_t capacity) {
    const char *at = memmem(text.data, text.size, name, strlen(name));
    if (!at)
        return false;
    at += strlen(name);
    const char *end = memchr(at, '"', (size_t)((const char *)text.data + text.size - at));
    if (!end || (size_t)(end - at) >= capacity)
        return false;
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return true;
}

/*
 * In a large meeting nearly all messages say who came, and there are as many as there are pairs of
 * participants: only the few that matter here are parsed. `type` is the first member of each.
 */
static void on_text(void *context, struct cv_slice text) {
    static const char *const wanted[] = {"welcome", "meeting",    "relay", "refused",
                                         "closed",  "relay_gone", "error"};
    struct place *place = context;
    char type[TYPE_BYTES];
    if (!peek_text(text, "\"type\":\"", type, sizeof type))
        return;
    if (memmem(text.data, text.size, "\"seq\":", 6)) {
        place->received++;
        if (place->received - place->acknowledged >= ACK_EVERY)
            acknowledge(place);
        else if (!cv_timer_is_set(&place->ack_timer))
            (void)cv_loop_timer_set(place->member->load->net.loop, &place->ack_timer,
                                    cv_loop_now_us(place->member->load->net.loop) + ACK_US);
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strcmp(type, wanted[i]) == 0) {
            json_t *message = json_loadb((const char *)text.data, text.size, 0, NULL);
            if (message)
                take_message(place, type, message);
            json_decref(message);
        }
}

static void on_open(void *context) {
    struct place *place = context;
    struct cv_load_member *member = place->member;
    const struct room *room = member->load->room;
    bool host = member == &member->load->members[0] && room->host_token[0];
    char name[32];
    snprintf(name, sizeof name, "%s %u", member->publishes ? "Publisher" : "Subscriber",
             member->person);
    send_json(place, json_pack("{s:s, s:i, s:s, s:s}", "type", "hello", "version", 1, "link",
                               host ? room->host_token : room->token, "name", name));
}

static void on_close(void *context, const char *reason) {
    struct place *place = context;
    place->over = true;
    fail(place, reason);
}

static void join(struct cv_load_member *member) {
    const struct room *room = member->load->room;
    struct place *place = calloc(1, sizeof *place);
    if (!place) {
        cv_load_problem(member->load, "out of memory");
        return;
    }
    place->member = member;
    place->ack_timer.call = on_ack_timer;
    member->signalling = place;
    const struct cv_load_websocket_config config = {
        .loop = member->load->net.loop,
        .tls = room->tls,
        .addr = room->addr,
        .host = room->host,
        .path = "/api/v1/signal",
        .protocol = "conclave.v1",
        .handlers = {place, on_open, on_text, on_close},
    };
    if (cv_load_websocket_new(&config, &place->websocket)) {
        place->over = true;
        fail(place, "no connection to the server");
    }
}

/* --- the meeting --- */

static bool copy_part(const char *from, size_t size, char *to, size_t capacity) {
    if (size == 0 || size >= capacity)
        return false;
    memcpy(to, from, size);
    to[size] = '\0';
    return true;
}

/* "https://HOST/j#TOKEN" */
static bool read_link(const char *link, char host[static HOST_BYTES],
                      char token[static TOKEN_BYTES]) {
    static const char scheme[] = "https://";
    const char *hash = strchr(link, '#');
    if (strncmp(link, scheme, sizeof scheme - 1) != 0 || !hash)
        return false;
    link += sizeof scheme - 1;
    return copy_part(link, strcspn(link, "/"), host, HOST_BYTES) &&
           copy_part(hash + 1, strlen(hash + 1), token, TOKEN_BYTES);
}

static enum cv_err find_host(struct room *room) {
    char name[HOST_BYTES];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    snprintf(name, sizeof name, "%s", room->host);
    char *port = strchr(name, ':');
    if (port)
        *port++ = '\0';
    if (getaddrinfo(name, port ? port : "443", &hints, &found) != 0)
        return CV_ERR_NOT_FOUND;
    const struct sockaddr_in *addr = (const void *)found->ai_addr;
    room->addr = cv_addr_v4((const uint8_t *)&addr->sin_addr, ntohs(addr->sin_port));
    freeaddrinfo(found);
    return CV_OK;
}

static enum cv_err open_room(struct cv_load *load) {
    char host[HOST_BYTES];
    struct room *room = calloc(1, sizeof *room);
    if (!room)
        return CV_ERR_MEMORY;
    load->room = room;
    room->load = load;
    room->tls = cv_load_websocket_tls(load->options->insecure);
    if (!room->tls)
        return CV_ERR_MEMORY;
    if (!read_link(load->options->url, room->host, room->token) ||
        (load->options->host_url && !read_link(load->options->host_url, host, room->host_token)))
        cv_load_problem(load, "a link to a meeting looks like https://HOST/j#...");
    else if (find_host(room))
        cv_load_problem(load, "%s has no IPv4 address", room->host);
    else
        cv_load_opened(load);
    return CV_OK;
}

static void close_room(struct cv_load *load) {
    struct room *room = load->room;
    for (size_t i = 0; i < load->member_count; i++) {
        struct place *place = load->members[i].signalling;
        if (!place)
            continue;
        cv_loop_timer_cancel(load->net.loop, &place->ack_timer);
        cv_load_websocket_free(place->websocket);
        free(place);
    }
    if (room)
        SSL_CTX_free(room->tls);
    free(room);
}

const struct cv_load_target cv_load_target_conclave = {
    .name = "conclave", .open = open_room, .join = join, .close = close_room};
