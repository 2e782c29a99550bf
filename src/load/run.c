/* SPDX-License-Identifier: Apache-2.0 */
#include "io/clock.h"
#include "io/random.h"
#include "load/load_private.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK_US (5 * CV_US_PER_MS)
#define FILL_US (30 * CV_US_PER_S)  /* for those who joined to get their first packet */
#define PHASE_STEP_US INT64_C(7919) /* a prime: publishers' rhythms don't fall together */

static void enter(struct cv_load *load, enum cv_load_phase phase) {
    load->phase = phase;
    load->phase_at_us = load->next_join_us = cv_clock_monotonic_us();
}

void cv_load_problem(struct cv_load *load, const char *format, ...) {
    va_list args;
    if (load->broken)
        return;
    load->broken = true;
    va_start(args, format);
    vsnprintf(load->error, CV_LOAD_ERROR_BYTES, format, args);
    va_end(args);
    cv_loop_stop(load->net.loop);
}

void cv_load_opened(struct cv_load *load) {
    enter(load, CV_LOAD_PUBLISHING);
}

void cv_load_member_failed(struct cv_load_member *member, const char *reason) {
    if (member->failed)
        return;
    member->failed = true;
    cv_load_source_stop(&member->source);
    if (member->publishes)
        cv_load_problem(member->load, "publisher %u: %s", member->person, reason);
    else if (member->load->options->verbose)
        fprintf(stderr, "participant %u: %s\n", member->person, reason);
}

static void on_connected(void *context, struct cv_load_peer *peer) {
    struct cv_load_member *member = context;
    const struct cv_load_options *options = member->load->options;
    member->connected = true;
    if (!member->publishes)
        return;
    const struct cv_load_source_config config = {
        .peer = peer,
        .loop = member->load->net.loop,
        .number = member->person,
        .audio = options->audio,
        .video = options->video,
        .video_bps = options->video_bps,
        .film = options->film ? &member->load->film : NULL,
    };
    cv_load_source_start(&member->source, &config, member->person * PHASE_STEP_US);
}

static void on_media(void *context, struct cv_load_peer *peer) {
    struct cv_load_member *member = context;
    member->has_media = true;
    cv_histogram_add(&member->load->joins, cv_clock_monotonic_us() - member->begun_at_us);
}

static void on_failed(void *context, struct cv_load_peer *peer, const char *reason) {
    cv_load_member_failed(context, reason);
}

void cv_load_member_start(struct cv_load_member *member) {
    if (cv_load_peer_start(member->peer, &member->ours, &member->theirs))
        cv_load_member_failed(member, "no way to the addresses in the server's description");
}

static void begin(struct cv_load *load) {
    struct cv_load_member *member = &load->members[load->begun++];
    const struct cv_load_peer_handlers handlers = {member, on_connected, on_media, on_failed};
    unsigned every = load->options->verify_every;
    bool verify = member->receives && every > 0 && !load->options->film && load->begun % every == 0;
    member->begun_at_us = cv_clock_monotonic_us();
    if (cv_load_peer_new(&load->net, verify, &handlers, &member->peer))
        cv_load_problem(load, "participant %u: no socket: %m", member->person);
    else
        load->target->join(member);
}

/* Whether all of the first `count` members have come as far as they should, or failed. */
static bool all_there(const struct cv_load *load, size_t count, bool with_media) {
    for (size_t i = 0; i < count; i++) {
        const struct cv_load_member *member = &load->members[i];
        bool there = with_media && member->receives ? member->has_media : member->connected;
        if (!there && !member->failed)
            return false;
    }
    return true;
}

static void join_until(struct cv_load *load, size_t count, int64_t now_us) {
    while (load->begun < count && now_us >= load->next_join_us && !load->broken) {
        load->next_join_us += (int64_t)((double)CV_US_PER_S / load->options->joins_per_s);
        begin(load);
    }
}

static int64_t own_cpu_ns(void) {
    struct cv_cost cost;
    return cv_cost_read(getpid(), &cost) ? 0 : cost.cpu_ns;
}

static void begin_steady(struct cv_load *load) {
    for (size_t i = 0; i < load->member_count; i++)
        cv_load_peer_mark(load->members[i].peer);
    load->sent_before = cv_load_packets_sent(load);
    load->net.measuring = true;
    load->own_cpu_ns = own_cpu_ns();
    if (load->options->server && cv_cost_read(load->options->server, &load->before))
        cv_load_problem(load, "process %d can't be looked at", load->options->server);
    enter(load, CV_LOAD_STEADY);
}

static void end_steady(struct cv_load *load) {
    if (load->options->server && cv_cost_read(load->options->server, &load->after))
        cv_load_problem(load, "process %d is gone", load->options->server);
    load->own_cpu_ns = own_cpu_ns() - load->own_cpu_ns;
    load->steady_us = cv_clock_monotonic_us() - load->phase_at_us;
    load->net.measuring = false;
    enter(load, CV_LOAD_DONE);
    cv_loop_stop(load->net.loop);
}

static void on_tick(struct cv_timer *timer) {
    struct cv_load *load = CV_CONTAINER_OF(timer, struct cv_load, timer);
    int64_t now_us = cv_clock_monotonic_us(), elapsed_us = now_us - load->phase_at_us;
    switch (load->phase) {
    case CV_LOAD_OPENING:
        if (elapsed_us > FILL_US)
            cv_load_problem(load, "the server made no meeting");
        break;
    case CV_LOAD_PUBLISHING:
        join_until(load, load->publishing, now_us);
        if (load->begun == load->publishing && all_there(load, load->publishing, false))
            enter(load, CV_LOAD_JOINING);
        else if (elapsed_us > FILL_US)
            cv_load_problem(load, "the publishers did not get in");
        break;
    case CV_LOAD_JOINING:
        join_until(load, load->member_count, now_us);
        if (load->begun == load->member_count)
            enter(load, CV_LOAD_FILLING);
        break;
    case CV_LOAD_FILLING:
        if (all_there(load, load->member_count, true) || elapsed_us > FILL_US)
            enter(load, CV_LOAD_WARMING);
        break;
    case CV_LOAD_WARMING:
        if (elapsed_us >= load->options->warm_up_us)
            begin_steady(load);
        break;
    case CV_LOAD_STEADY:
        if (elapsed_us >= load->options->steady_us)
            end_steady(load);
        break;
    case CV_LOAD_DONE:
        return;
    }
    if (load->phase != CV_LOAD_DONE)
        (void)cv_loop_timer_set(load->net.loop, timer, now_us + TICK_US);
}

/* The host of "scheme://host:port/..." as an address of ours would reach it: where we are seen. */
static enum cv_err find_local(struct cv_load *load) {
    char host[256] = "";
    const char *url = load->options->url ? load->options->url : "";
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    struct sockaddr_in local;
    socklen_t size = sizeof local;
    if (load->options->kind == CV_LOAD_FLOOR)
        cv_addr_format_host(&load->options->address, host);
    else if (sscanf(url, "%*[a-z]://%255[^:/]", host) != 1)
        return CV_ERR_SYNTAX;
    if (getaddrinfo(host, "9", &hints, &found) != 0)
        return CV_ERR_NOT_FOUND;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0 &&
                getsockname(fd, (struct sockaddr *)&local, &size) == 0;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(found);
    if (good)
        load->net.local = cv_addr_v4((const uint8_t *)&local.sin_addr, 0);
    return good ? CV_OK : CV_ERR_SYSTEM;
}

static enum cv_err make_members(struct cv_load *load) {
    const struct cv_load_options *options = load->options;
    bool halves = options->meeting && load->target->splits;
    load->publishing = options->publishers;
    load->member_count =
        options->publishers + options->subscribers + (halves ? options->publishers : 0);
    load->members = calloc(load->member_count, sizeof *load->members);
    if (!load->members)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < load->member_count; i++) {
        struct cv_load_member *member = &load->members[i];
        member->load = load;
        member->publishes = i < options->publishers;
        member->receives = !member->publishes || (options->meeting && !halves);
        /* The receiving halves come behind the publishers, in their order. */
        member->person =
            (unsigned)(halves && i >= options->publishers ? i - options->publishers : i);
    }
    return CV_OK;
}

static enum cv_err set_up(struct cv_load *load) {
    static const struct cv_load_target *const targets[] = {
        [CV_LOAD_CONCLAVE] = &cv_load_target_conclave,
        [CV_LOAD_JANUS] = &cv_load_target_janus,
        [CV_LOAD_FLOOR] = &cv_load_target_floor,
    };
    load->target = targets[load->options->kind];
    load->timer.call = on_tick;
    load->net.random = cv_random_system();
    load->net.latency = &load->latency;
    load->net.identity = cv_dtls_identity_new(cv_clock_wall_us());
    enum cv_err err = load->net.identity ? cv_loop_new(&load->net.loop) : CV_ERR_MEMORY;
    if (!err)
        err = cv_load_inbox_open(&load->net.inbox, load->net.loop, cv_load_peer_receive);
    if (!err)
        err = make_members(load);
    if (!err && load->options->film && cv_film_open(load->options->film, &load->film)) {
        snprintf(load->error, CV_LOAD_ERROR_BYTES, "%s is no IVF file with VP8",
                 load->options->film);
        return CV_ERR_SYNTAX;
    }
    if (!err && find_local(load)) {
        snprintf(load->error, CV_LOAD_ERROR_BYTES, "there is no way (over IPv4) to %s",
                 load->options->url);
        return CV_ERR_NOT_FOUND;
    }
    if (err)
        snprintf(load->error, CV_LOAD_ERROR_BYTES, "out of memory");
    return err;
}

static void tear_down(struct cv_load *load) {
    for (size_t i = 0; i < load->member_count && load->members; i++) {
        cv_load_source_stop(&load->members[i].source);
        load->members[i].peer = cv_load_peer_free(load->members[i].peer);
    }
    if (load->net.loop && load->target)
        load->target->close(load);
    free(load->members);
    cv_film_release(&load->film);
    cv_load_inbox_close(&load->net.inbox);
    cv_loop_free(load->net.loop);
    cv_dtls_identity_free(load->net.identity);
}

enum cv_err cv_load_run(const struct cv_load_options *options, json_t **ret_result,
                        char error[static CV_LOAD_ERROR_BYTES]) {
    struct cv_load *load = calloc(1, sizeof *load);
    if (!load)
        return CV_ERR_MEMORY;
    load->options = options;
    load->error = error;
    enum cv_err err = set_up(load);
    if (!err && options->server && cv_cost_read(options->server, &load->empty))
        cv_load_problem(load, "process %d can't be looked at", options->server);
    enter(load, CV_LOAD_OPENING);
    if (!err && !load->broken)
        err = load->target->open(load);
    if (!err && !load->broken) {
        on_tick(&load->timer);
        err = cv_loop_run(load->net.loop);
    }
    if (load->broken)
        err = CV_ERR_STATE;
    if (!err)
        *ret_result = cv_load_report(load);
    tear_down(load);
    free(load);
    return err;
}
