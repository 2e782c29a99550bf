/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

void sim_client_init(struct sim_client *client, unsigned number, const struct cv_id *link) {
    *client = (struct sim_client){.number = number, .link = *link};
}

static void forget_sent(struct sim_client *client, uint64_t up_to) {
    while (client->acked_out < up_to) {
        struct sim_sent *sent = &client->sent[++client->acked_out % SIM_UNACKED];
        free(sent->text);
        sent->text = NULL;
    }
}

static void forget_session(struct sim_client *client) {
    forget_sent(client, client->last_out);
    sim_picture_forget(&client->picture);
    client->last_in = client->acked_out = client->last_out = 0;
}

static void drop_connection(struct sim_client *client) {
    if (client->pipes) {
        client->pipes->broken = true;
        client->pipes = sim_pipes_let_go(client->pipes);
    }
}

void sim_client_vanish(struct sim_client *client) {
    drop_connection(client);
    forget_session(client);
    client->state = SIM_OUT;
    client->id = (struct cv_id){{0}};
}

void sim_client_release(struct sim_client *client) {
    sim_client_vanish(client);
}

static void put(struct sim_client *client, const char *frame) {
    sim_pipe_put(&client->pipes->to_server, cv_slice_str(frame));
}

void sim_client_connect(struct sim_client *client, struct sim_server *server, bool forget) {
    struct sim_pipes *pipes = sim_server_connect(server);
    if (!pipes)
        return;
    drop_connection(client);
    client->pipes = pipes;
    char hello[256];
    if (forget)
        forget_session(client);
    if (cv_id_empty(&client->id))
        snprintf(hello, sizeof hello,
                 "{\"type\":\"hello\",\"version\":1,\"link\":\"%s\",\"name\":\"%u-%u\"}",
                 client->link.text, client->number, ++client->names);
    else if (!client->picture.knows)
        snprintf(hello, sizeof hello, "{\"type\":\"hello\",\"version\":1,\"resume\":\"%s\"}",
                 client->id.text);
    else
        snprintf(hello, sizeof hello,
                 "{\"type\":\"hello\",\"version\":1,\"resume\":\"%s\",\"ack\":%llu}",
                 client->id.text, (unsigned long long)client->last_in);
    put(client, hello);
    client->state = SIM_HELLO;
}

static void send_numbered(struct sim_client *client, uint64_t seq) {
    char *frame = NULL;
    SIM_CHECK(asprintf(&frame, "{\"seq\":%llu,%s", (unsigned long long)seq,
                       client->sent[seq % SIM_UNACKED].text) > 0);
    put(client, frame);
    free(frame);
}

static void send_command(struct sim_client *client, const char *body, unsigned name) {
    if (client->last_out - client->acked_out >= SIM_UNACKED / 2)
        return;
    struct sim_sent *sent = &client->sent[++client->last_out % SIM_UNACKED];
    sent->name = name;
    SIM_CHECK(asprintf(&sent->text, "\"ack\":%llu,%s}", (unsigned long long)client->last_in, body) >
              0);
    send_numbered(client, client->last_out);
}

void sim_client_acknowledge(struct sim_client *client) {
    char ack[64];
    if (client->state != SIM_IN)
        return;
    snprintf(ack, sizeof ack, "{\"type\":\"ack\",\"ack\":%llu}",
             (unsigned long long)client->last_in);
    put(client, ack);
}

/* Somebody it sees, or nobody. */
static const char *pick(json_t *people, struct cv_seeded *seeded) {
    size_t size = json_object_size(people);
    if (!size)
        return "pnobody";
    void *iter = json_object_iter(people);
    for (uint32_t n = cv_seeded_below(seeded, (uint32_t)size); n > 0; n--)
        iter = json_object_iter_next(people, iter);
    return json_object_iter_key(iter);
}

void sim_client_act(struct sim_client *client, struct cv_seeded *seeded) {
    if (client->state != SIM_IN)
        return;
    /* Each ends with the name of the field that says whom. */
    static const char *const with_person[] = {
        "\"type\":\"mute\",\"kind\":\"video\",\"participant\"",
        "\"type\":\"remove\",\"participant\"",
        "\"type\":\"role\",\"role\":\"moderator\",\"participant\"",
        "\"type\":\"role\",\"role\":\"participant\",\"participant\"",
        "\"type\":\"signal\",\"session\":\"s\",\"candidate\":null,\"to\"",
        "\"type\":\"signal\",\"session\":\"s\",\"candidate\":{\"candidate\":\"c\"},\"to\"",
        "\"type\":\"signal\",\"session\":\"s\",\"candidate\":{\"candidate\":\"\"},\"to\"",
        "\"type\":\"connection\",\"state\":\"connected\",\"path\":\"host\",\"peer\"",
        "\"type\":\"pass\",\"channel\":\"chat\",\"data\":\"hello\",\"to\"",
        "\"type\":\"stats\",\"audio\":{\"packets_sent\":1},\"video\":{},\"peer\"",
    };
    static const char *const with_waiting[] = {
        "\"type\":\"admit\",\"participant\"",
        "\"type\":\"deny\",\"participant\"",
        "\"type\":\"remove\",\"block\":true,\"participant\"",
        "\"type\":\"signal\",\"session\":\"s\",\"candidate\":null,\"to\"",
    };
    static const char *const alone[] = {
        "\"type\":\"media\",\"audio\":true,\"video\":true,\"screen\":false",
        "\"type\":\"media\",\"audio\":false,\"video\":true,\"screen\":true",
        "\"type\":\"hand\",\"raised\":true",
        "\"type\":\"hand\",\"raised\":false",
        "\"type\":\"lock\",\"locked\":true",
        "\"type\":\"lock\",\"locked\":false",
        "\"type\":\"lobby\",\"enabled\":true",
        "\"type\":\"lobby\",\"enabled\":false",
        "\"type\":\"admit\",\"participant\":\"all\"",
        "\"type\":\"mode\",\"relayed\":true",
        "\"type\":\"mode\",\"relayed\":false",
        "\"type\":\"pass\",\"to\":\"all\",\"channel\":\"control\",\"data\":\"\"",
        "\"type\":\"want\",\"session\":\"s\",\"slots\":[]",
    };
#define PICK(list) list[cv_seeded_below(seeded, sizeof list / sizeof *list)]
    char body[256];
    uint32_t what = cv_seeded_below(seeded, 100);
    if (what < 45) {
        snprintf(body, sizeof body, "%s:\"%s\"", PICK(with_person),
                 pick(client->picture.people, seeded));
        send_command(client, body, 0);
    } else if (what < 60) {
        snprintf(body, sizeof body, "%s:\"%s\"", PICK(with_waiting),
                 pick(client->picture.waiting, seeded));
        send_command(client, body, 0);
    } else if (what < 90) {
        send_command(client, PICK(alone), 0);
    } else if (what < 98 && !client->picture.waits) { /* a rename is never refused then */
        unsigned name = ++client->names;
        snprintf(body, sizeof body, "\"type\":\"rename\",\"name\":\"%u-%u\"", client->number, name);
        send_command(client, body, name);
    } else if (what < 99) {
        send_command(client, "\"type\":\"leave\"", 0);
    } else if (cv_seeded_below(seeded, 4) == 0) {
        send_command(client, "\"type\":\"end\"", 0);
    }
}

static void on_ack(struct sim_client *client, uint64_t ack) {
    SIM_CHECK(ack <= client->last_out);
    for (uint64_t seq = client->acked_out + 1; seq <= ack; seq++)
        if (client->sent[seq % SIM_UNACKED].name)
            client->acked_name = client->sent[seq % SIM_UNACKED].name;
    forget_sent(client, ack);
}

static void on_welcome(struct sim_client *client, const json_t *message) {
    SIM_CHECK(client->state == SIM_HELLO);
    client->state = SIM_IN;
    const char *mode = sim_text(message, "mode");
    uint64_t ack = (uint64_t)json_integer_value(json_object_get(message, "ack"));
    SIM_CHECK(!cv_id_parse(cv_slice_str(sim_text(message, "resume")), &client->id));
    if (strcmp(mode, "full") == 0) {
        SIM_CHECK(client->picture.knows);
        on_ack(client, ack);
        for (uint64_t seq = client->acked_out + 1; seq <= client->last_out; seq++)
            send_numbered(client, seq);
        return;
    }
    SIM_CHECK(ack == 0);
    if (strcmp(mode, "new") == 0)
        client->acked_name = client->names;
    forget_session(client);
    sim_picture_show(&client->picture, message);
}

static void on_message(struct sim_client *client, json_t *message) {
    const char *type = sim_text(message, "type");
    const json_t *ack = json_object_get(message, "ack");
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(message, "seq"));
    if (strcmp(type, "refused") == 0)
        return;
    if (strcmp(type, "welcome") == 0) {
        on_welcome(client, message);
        return;
    }
    SIM_CHECK(client->state == SIM_IN);
    if (ack)
        on_ack(client, (uint64_t)json_integer_value(ack));
    if (strcmp(type, "ack") == 0 || seq <= client->last_in)
        return;
    SIM_CHECK(seq == client->last_in + 1);
    client->last_in = seq;
    sim_picture_event(&client->picture, type, message);
}

static void on_close(struct sim_client *client, int code) {
    bool may_resume = code == 0 || code == CV_CLOSE_SLOW || code == CV_CLOSE_FLOOD;
    bool was_in = !cv_id_empty(&client->id);
    drop_connection(client);
    if (may_resume && was_in) {
        client->state = SIM_LOST;
        return;
    }
    SIM_CHECK(code != CV_CLOSE_GAP && code != CV_CLOSE_MALFORMED);
    sim_client_vanish(client);
}

bool sim_client_read(struct sim_client *client) {
    if (!client->pipes)
        return false;
    if (client->pipes->broken) {
        on_close(client, 0);
        return true;
    }
    char *frame = sim_pipe_take(&client->pipes->to_client);
    if (frame) {
        json_t *message = json_loads(frame, JSON_REJECT_DUPLICATES, NULL);
        SIM_CHECK(message);
        on_message(client, message);
        json_decref(message);
        free(frame);
        return true;
    }
    if (!client->pipes->to_client.close_code)
        return false;
    on_close(client, client->pipes->to_client.close_code);
    return true;
}

/* What the server would show it, were it to enter now. */
static struct sim_picture true_picture(const struct sim_client *client,
                                       const struct sim_server *server) {
    const struct cv_signal_ice ice = {.expires_at_us = CV_TIME_NEVER};
    const struct cv_signal_welcome welcome = {.mode = CV_MODE_STATE,
                                              .meeting = server->meeting,
                                              .you = cv_meeting_find(server->meeting, &client->id),
                                              .resume = client->id.text,
                                              .ice = &ice,
                                              .now_us = server->now_us};
    struct cv_buf frame = {0};
    SIM_CHECK(welcome.you);
    SIM_CHECK(!cv_signal_encode_welcome(&welcome, &frame));
    json_t *message = json_loadb((const char *)frame.data, frame.size, 0, NULL);
    struct sim_picture picture = {0};
    sim_picture_show(&picture, message);
    json_decref(message);
    cv_buf_release(&frame);
    return picture;
}

void sim_client_compare(const struct sim_client *client, const struct sim_server *server) {
    if (client->state != SIM_IN || !sim_server_serves(server, &client->id))
        return;
    struct sim_picture truth = true_picture(client, server);
    sim_picture_compare(&client->picture, &truth);
    sim_picture_forget(&truth);
    SIM_CHECK(client->acked_out == client->last_out);
}

void sim_client_check_durable(const struct sim_client *client, const struct sim_server *server) {
    const struct cv_participant_record *row = sim_store_find(&server->store, &client->id);
    if (!row)
        return;
    unsigned number, name;
    SIM_CHECK(sscanf(row->name, "%u-%u", &number, &name) == 2);
    SIM_CHECK(number == client->number);
    SIM_CHECK(name >= client->acked_name);
}
