/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Janus (the videoroom plugin, over its HTTP API) as a target: one session, in which each
 * connection is a handle; events of all handles come by one long poll.
 */
#include "load/http.h"
#include "load/load_private.h"

#include <stdio.h>
#include <stdlib.h>

enum { URL_BYTES = 512, ROOM = 4711, FIRST_FEED = 1000 };

struct room {
    struct cv_load *load;
    struct cv_load_http *http;
    char session_url[URL_BYTES];
    char handle_url[URL_BYTES]; /* of the handle that made the room */
};

struct handle {
    struct cv_load_member *member;
    json_int_t id;
    char url[URL_BYTES];
};

/* Janus wants a name for each request; nothing here depends on it. */
static json_t *request(const char *verb) {
    static unsigned long number;
    char name[32];
    snprintf(name, sizeof name, "load%lu", ++number);
    return json_pack("{s:s, s:s}", "janus", verb, "transaction", name);
}

static bool is_success(const json_t *answer) {
    const char *verb = json_string_value(json_object_get(answer, "janus"));
    return verb && (strcmp(verb, "success") == 0 || strcmp(verb, "ack") == 0);
}

static json_int_t data_id(const json_t *answer) {
    return json_integer_value(json_object_get(json_object_get(answer, "data"), "id"));
}

static const json_t *plugin_data(const json_t *event) {
    return json_object_get(json_object_get(event, "plugindata"), "data");
}

static void post(struct room *room, const char *url, json_t *body, cv_load_http_done *done,
                 void *context) {
    if (!body || cv_load_http_send(room->http, url, body, done, context))
        cv_load_problem(room->load, "out of memory");
    json_decref(body);
}

static bool read_jsep(const json_t *event, bool is_offer, struct cv_load_description *ret) {
    const char *sdp = json_string_value(json_object_get(json_object_get(event, "jsep"), "sdp"));
    return sdp && cv_load_read_description(cv_slice_str(sdp), is_offer, ret) == CV_OK;
}

static json_t *write_jsep(const struct cv_load_description *description) {
    struct cv_buf text = {0};
    json_t *jsep = NULL;
    if (!cv_load_write_description(description, &text) && cv_buf_cstr(&text))
        jsep = json_pack("{s:s, s:s}", "type", description->is_offer ? "offer" : "answer", "sdp",
                         cv_buf_cstr(&text));
    cv_buf_release(&text);
    return jsep;
}

static void on_started(void *context, long status, const json_t *answer) {
    struct handle *handle = context;
    if (is_success(answer))
        cv_load_member_start(handle->member);
    else
        cv_load_member_failed(handle->member, "Janus refused the answer");
}

/* Janus offers what it sends; we take all of it. */
static void answer_offer(struct handle *handle) {
    struct cv_load_member *member = handle->member;
    member->ours = (struct cv_load_description){.line_count = member->theirs.line_count};
    for (size_t i = 0; i < member->theirs.line_count; i++) {
        const struct cv_load_line *line = &member->theirs.lines[i];
        member->ours.lines[i] = *line;
        member->ours.lines[i].direction = CV_LOAD_RECEIVES;
        member->ours.lines[i].ssrc = 0;
        member->ours.lines[i].extensions = (struct cv_rtp_extension_map){0};
    }
    cv_load_peer_describe(member->peer, &member->ours);
    json_t *message = request("message");
    json_object_set_new(message, "body", json_pack("{s:s}", "request", "start"));
    json_object_set_new(message, "jsep", write_jsep(&member->ours));
    post(member->load->room, handle->url, message, on_started, handle);
}

static void on_event(struct handle *handle, const json_t *event) {
    struct cv_load_member *member = handle->member;
    const json_t *data = plugin_data(event);
    const char *error = json_string_value(json_object_get(data, "error"));
    const char *verb = json_string_value(json_object_get(event, "janus"));
    if (error)
        cv_load_member_failed(member, error);
    else if (verb && strcmp(verb, "hangup") == 0)
        cv_load_member_failed(member, "Janus hung up");
    else if (json_object_get(event, "jsep") &&
             !read_jsep(event, !member->publishes, &member->theirs))
        cv_load_member_failed(member, "a description that can't be read");
    else if (json_object_get(event, "jsep") && member->publishes)
        cv_load_member_start(member);
    else if (json_object_get(event, "jsep"))
        answer_offer(handle);
}

static void dispatch(struct room *room, const json_t *event) {
    json_int_t sender = json_integer_value(json_object_get(event, "sender"));
    for (size_t i = 0; i < room->load->begun && sender; i++) {
        struct handle *handle = room->load->members[i].signalling;
        if (handle && handle->id == sender)
            on_event(handle, event);
    }
}

static void poll_events(struct room *room);

static void on_events(void *context, long status, const json_t *answer) {
    struct room *room = context;
    size_t i;
    const json_t *event;
    if (status != 200) {
        cv_load_problem(room->load, "Janus ended the session (status %ld)", status);
        return;
    }
    json_array_foreach(answer, i, event) {
        dispatch(room, event);
    }
    if (!room->load->broken)
        poll_events(room);
}

static void poll_events(struct room *room) {
    char url[URL_BYTES + 16];
    snprintf(url, sizeof url, "%s?maxev=20", room->session_url);
    if (cv_load_http_send(room->http, url, NULL, on_events, room))
        cv_load_problem(room->load, "out of memory");
}

static void on_sent(void *context, long status, const json_t *answer) {
    struct handle *handle = context;
    if (!is_success(answer))
        cv_load_member_failed(handle->member, "Janus refused the request");
}

static void publish(struct handle *handle) {
    struct cv_load_member *member = handle->member;
    uint32_t ssrc = cv_random_u32(member->load->net.random) & 0x7fffffff;
    member->ours = (struct cv_load_description){.is_offer = true};
    if (member->load->options->audio)
        cv_load_add_line(&member->ours, CV_MEDIA_AUDIO, CV_LOAD_SENDS, ssrc);
    if (member->load->options->video)
        cv_load_add_line(&member->ours, CV_MEDIA_VIDEO, CV_LOAD_SENDS, ssrc + 1);
    cv_load_peer_describe(member->peer, &member->ours);
    json_t *message = request("message");
    json_object_set_new(message, "body",
                        json_pack("{s:s, s:s, s:i, s:i}", "request", "joinandconfigure", "ptype",
                                  "publisher", "room", ROOM, "id",
                                  FIRST_FEED + (int)member->person));
    json_object_set_new(message, "jsep", write_jsep(&member->ours));
    post(member->load->room, handle->url, message, on_sent, handle);
}

static void subscribe(struct handle *handle) {
    struct cv_load_member *member = handle->member;
    json_t *streams = json_array();
    for (unsigned i = 0; i < member->load->options->publishers; i++)
        if (i != member->person)
            json_array_append_new(streams, json_pack("{s:i}", "feed", FIRST_FEED + (int)i));
    json_t *message = request("message");
    json_object_set_new(message, "body",
                        json_pack("{s:s, s:s, s:i, s:o}", "request", "join", "ptype", "subscriber",
                                  "room", ROOM, "streams", streams));
    post(member->load->room, handle->url, message, on_sent, handle);
}

static void on_attached(void *context, long status, const json_t *answer) {
    struct handle *handle = context;
    const struct room *room = handle->member->load->room;
    if (!is_success(answer)) {
        cv_load_member_failed(handle->member, "Janus gave no handle");
        return;
    }
    handle->id = data_id(answer);
    snprintf(handle->url, sizeof handle->url, "%s/%lld", room->session_url, handle->id);
    if (handle->member->publishes)
        publish(handle);
    else
        subscribe(handle);
}

static json_t *attach_request(void) {
    json_t *attach = request("attach");
    json_object_set_new(attach, "plugin", json_string("janus.plugin.videoroom"));
    return attach;
}

static void join(struct cv_load_member *member) {
    struct room *room = member->load->room;
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle) {
        cv_load_problem(member->load, "out of memory");
        return;
    }
    handle->member = member;
    member->signalling = handle;
    post(room, room->session_url, attach_request(), on_attached, handle);
}

static void on_room(void *context, long status, const json_t *answer) {
    struct room *room = context;
    const char *error = json_string_value(json_object_get(plugin_data(answer), "error"));
    if (!is_success(answer) || error) {
        cv_load_problem(room->load, "Janus made no room: %s", error ? error : "no answer");
        return;
    }
    poll_events(room);
    cv_load_opened(room->load);
}

static void on_room_handle(void *context, long status, const json_t *answer) {
    struct room *room = context;
    if (!is_success(answer)) {
        cv_load_problem(room->load, "Janus gave no handle: is its videoroom plugin there?");
        return;
    }
    snprintf(room->handle_url, sizeof room->handle_url, "%s/%lld", room->session_url,
             data_id(answer));
    json_t *message = request("message");
    json_object_set_new(message, "body",
                        json_pack("{s:s, s:i, s:i, s:s, s:s}", "request", "create", "room", ROOM,
                                  "publishers", (int)room->load->options->publishers, "audiocodec",
                                  "opus", "videocodec", "vp8"));
    post(room, room->handle_url, message, on_room, room);
}

static void on_session(void *context, long status, const json_t *answer) {
    struct room *room = context;
    if (!is_success(answer)) {
        cv_load_problem(room->load, "no answer from Janus at %s", room->load->options->url);
        return;
    }
    snprintf(room->session_url, sizeof room->session_url, "%s/%lld", room->load->options->url,
             data_id(answer));
    post(room, room->session_url, attach_request(), on_room_handle, room);
}

static enum cv_err open_room(struct cv_load *load) {
    struct room *room = calloc(1, sizeof *room);
    if (!room)
        return CV_ERR_MEMORY;
    load->room = room;
    room->load = load;
    enum cv_err err = cv_load_http_new(load->net.loop, &room->http);
    if (!err)
        post(room, load->options->url, request("create"), on_session, room);
    return err;
}

static void close_room(struct cv_load *load) {
    struct room *room = load->room;
    for (size_t i = 0; i < load->member_count; i++)
        free(load->members[i].signalling);
    if (room)
        cv_load_http_free(room->http);
    free(room);
}

const struct cv_load_target cv_load_target_janus = {
    .name = "janus", .splits = true, .open = open_room, .join = join, .close = close_room};
