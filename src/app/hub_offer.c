/* SPDX-License-Identifier: Apache-2.0 */
/* An offer to the relay, from its choice of a worker to the answer; and ICE restarts. */
#include "app/hub_private.h"
#include "app/whip_sdp.h"

#include <stdlib.h>

/* An offer under way. */
struct request {
    struct cv_hub *hub;
    struct cv_relay_peer_config peer;
    char rids[CV_SDP_MAX_RIDS][CV_SDP_MAX_NAME_CHARS + 1];
    size_t rid_count;
    struct cv_buf sdp; /* for a second try elsewhere */
    uint64_t tried;    /* workers that had no room */
    cv_workers_answer_fn *answered;
    void *context;
};

static void refuse(struct hub_seat *seat, const struct request *request, enum cv_err err,
                   const char *problem) {
    const char *code = "lost";
    const char *message = "The server could not connect you; connect again.";
    if (err == CV_ERR_FULL) {
        code = "full";
        message = "The server has no room for another connection now.";
    } else if (err <= CV_ERR_SYNTAX && err > CV_ERR_DENIED) {
        code = "bad-offer";
        message = *problem ? problem : "The server can't answer this offer.";
    }
    hub_seat_push(seat, cv_signal_encode_relay_gone(request->peer.session, code, message));
}

/* By the user name that the server answers with, an ICE session is known. */
static void take_ufrag(struct hub_seat *seat, struct cv_slice sdp) {
    struct cv_slice ufrag;
    struct cv_slice pwd;
    char *kept = seat->relay.ufrag;
    kept[0] = 0;
    if (!cv_whip_credentials(sdp, &ufrag, &pwd) && ufrag.size < sizeof seat->relay.ufrag) {
        memcpy(kept, ufrag.data, ufrag.size);
        kept[ufrag.size] = 0;
    }
}

static void take_answer(struct hub_seat *seat, const struct request *request, struct cv_slice sdp) {
    struct hub_relay *relay = &seat->relay;
    bool same = !strcmp(relay->session, request->peer.session);
    memcpy(relay->session, request->peer.session, sizeof relay->session);
    take_ufrag(seat, sdp);
    memcpy(relay->rids, request->rids, sizeof relay->rids);
    relay->rid_count = request->rid_count;
    if (!same) {
        relay->connected = false;
        hub_relay_record(seat, CV_CONNECTION_CONNECTING, CV_PATH_UNKNOWN);
    }
}

static void finish(struct request *request, enum cv_err err, const char *problem,
                   struct cv_slice sdp) {
    struct hub_seat *seat =
        hub_relay_find(request->hub, &request->peer.meeting, &request->peer.participant);
    if (seat && !err && seat->relay.worker < 0) {
        err = CV_ERR_CLOSED; /* given up meanwhile, and the worker was told */
    }
    if (seat && err && !seat->relay.session[0]) {
        hub_relay_forget(seat); /* nothing came of it */
        hub_relay_tell_span(seat->room);
    }
    if (seat && !err) {
        take_answer(seat, request, sdp);
        hub_relay_tell_span_anew(seat->room, (unsigned)seat->relay.worker);
    }
    if (request->answered) {
        request->answered(request->context, seat ? err : CV_ERR_CLOSED, problem, sdp);
    } else if (seat) {
        if (err) {
            refuse(seat, request, err, problem);
        } else {
            hub_seat_push(seat, cv_signal_encode_relay(request->peer.session, sdp));
        }
        hub_seat_flush(seat);
    }
    cv_buf_release(&request->sdp);
    free(request);
}

static void send_offer(struct request *request, struct hub_seat *seat);

static void on_answer(void *context, enum cv_err err, const char *problem, struct cv_slice sdp) {
    struct request *request = context;
    struct hub_seat *seat =
        hub_relay_find(request->hub, &request->peer.meeting, &request->peer.participant);
    bool settled = seat && seat->relay.session[0]; /* what it has is where it is */
    if (err == CV_ERR_FULL && seat && !settled && seat->relay.worker >= 0) {
        request->tried |= UINT64_C(1) << seat->relay.worker;
        seat->relay.worker = -1;
        if (cv_workers_choose(request->hub->deps.workers, 0, request->tried) >= 0) {
            send_offer(request, seat);
            return;
        }
    }
    if (err == CV_ERR_TIMEOUT && seat && !settled) {
        hub_relay_close(seat); /* should the worker come round, it is not to keep it */
    }
    finish(request, err, problem, sdp);
}

static void send_offer(struct request *request, struct hub_seat *seat) {
    struct cv_workers *workers = request->hub->deps.workers;
    int worker = seat->relay.worker;
    if (worker < 0) {
        worker = cv_workers_choose(workers, hub_relay_workers(seat->room), request->tried);
    }
    if (worker < 0) { /* where none was ready, one will be soon */
        finish(request, request->tried ? CV_ERR_FULL : CV_ERR_CLOSED, "",
               (struct cv_slice){NULL, 0});
        return;
    }
    seat->relay.worker = worker;
    seat->relay.silenced = cv_meeting_find(seat->room->meeting, &seat->id)->record.silenced;
    request->peer.audio = !(seat->relay.silenced & 1U << CV_PART_AUDIO);
    request->peer.video = !(seat->relay.silenced & 1U << CV_PART_VIDEO);
    request->peer.screen = !(seat->relay.silenced & 1U << CV_PART_SCREEN);
    struct hub_room *room = seat->room;
    cv_workers_offer(workers, (unsigned)worker, &request->peer, cv_buf_slice(&request->sdp),
                     on_answer, request);
    hub_relay_tell_span(room); /* a worker knows of the meeting by its first offer */
}

/* The encodings that an offer names, "a=rid:NAME send": all that control looks at in an SDP. */
static size_t read_rids(struct cv_slice sdp,
                        char rids[CV_SDP_MAX_RIDS][CV_SDP_MAX_NAME_CHARS + 1]) {
    static const char start[] = "\na=rid:";
    const uint8_t *at = sdp.data;
    const uint8_t *end = sdp.data + sdp.size;
    size_t count = 0;
    while (count < CV_SDP_MAX_RIDS &&
           (at = memmem(at, (size_t)(end - at), start, sizeof start - 1))) {
        at += sizeof start - 1;
        size_t size = 0;
        while (at + size < end && at[size] > ' ' && at[size] < 0x7f) {
            size++;
        }
        if (size && size <= CV_SDP_MAX_NAME_CHARS && cv_id_chars(cv_slice_of(at, size))) {
            memcpy(rids[count], at, size);
            rids[count++][size] = 0;
        }
    }
    return count;
}

static bool may_offer(struct hub_seat *seat) {
    return cv_rate_take(&seat->relay.offers, cv_loop_now_us(seat->room->hub->deps.loop),
                        10 * CV_US_PER_S, HUB_OFFERS_PER_10_S, 1);
}

void hub_relay_offer(struct hub_seat *seat, struct cv_slice session, struct cv_slice sdp,
                     cv_workers_answer_fn *answered, void *context) {
    struct cv_hub *hub = seat->room->hub;
    struct request *request = calloc(1, sizeof *request);
    if (!request || cv_buf_append(&request->sdp, sdp.data, sdp.size)) {
        free(request);
        if (answered) {
            answered(context, CV_ERR_MEMORY, "", (struct cv_slice){NULL, 0});
        }
        return;
    }
    request->hub = hub;
    request->answered = answered;
    request->context = context;
    request->peer.meeting = seat->room->id;
    request->peer.participant = seat->id;
    request->peer.follows = seat->via == CV_VIA_WHEP;
    request->peer.only = seat->relay.only;
    memcpy(request->peer.session, session.data, session.size);
    request->rid_count = read_rids(sdp, request->rids);
    if (!may_offer(seat)) {
        finish(request, CV_ERR_FULL, "", (struct cv_slice){NULL, 0});
        return;
    }
    send_offer(request, seat);
}

/* --- ICE restarts --- */

struct restart {
    struct cv_hub *hub;
    struct cv_id meeting;
    struct cv_id participant;
    cv_workers_answer_fn *answered;
    void *context;
};

static void on_restarted(void *context, enum cv_err err, const char *problem,
                         struct cv_slice fragment) {
    struct restart *restart = context;
    struct hub_seat *seat = hub_relay_find(restart->hub, &restart->meeting, &restart->participant);
    if (seat && !err) {
        take_ufrag(seat, fragment);
    }
    restart->answered(restart->context, seat ? err : CV_ERR_NOT_FOUND, problem, fragment);
    free(restart);
}

void hub_relay_restart(struct hub_seat *seat, struct cv_slice remote_ufrag,
                       cv_workers_answer_fn *answered, void *context) {
    struct cv_hub *hub = seat->room->hub;
    struct restart *restart = calloc(1, sizeof *restart);
    enum cv_err err = !restart                  ? CV_ERR_MEMORY
                      : !seat->relay.session[0] ? CV_ERR_NOT_FOUND
                      : !may_offer(seat)        ? CV_ERR_FULL
                                                : CV_OK;
    if (err) {
        free(restart);
        answered(context, err, "", (struct cv_slice){NULL, 0});
        return;
    }
    *restart = (struct restart){hub, seat->room->id, seat->id, answered, context};
    cv_workers_restart(hub->deps.workers, (unsigned)seat->relay.worker, &seat->id, remote_ufrag,
                       on_restarted, restart);
}
