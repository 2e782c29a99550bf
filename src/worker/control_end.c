/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The talk with control. What control asks is done at once; what there is to tell waits where it
 * is made, and the channel takes one message after the other as it has room. Without control,
 * nothing is kept for it: the one that comes next asks who is here.
 */
#include "base/log.h"
#include "worker/worker_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { MESSAGES_PER_TURN = 16, ANSWER_BYTES = 64 * 1024 };

void worker_control_close(struct cv_worker *worker) {
    struct worker_control *control = &worker->control;
    if (!control->connected) {
        return;
    }
    int fd = control->watch.fd;
    cv_loop_unwatch(worker->loop, &control->watch);
    close(fd);
    *control = (struct worker_control){.sdp = control->sdp, .space = control->space};
}

/* --- telling --- */

static void prepare(struct worker_control *control, enum cv_ipc_relay_type type) {
    cv_ipc_relay_init(&control->message, type);
    control->pending = true;
}

/* Makes the next message, if there is anything to say. */
static void next_message(struct cv_worker *worker) {
    struct worker_control *control = &worker->control;
    struct cv_ipc_relay_message *message = &control->message;
    if (control->telling) {
        prepare(control, CV_IPC_RELAY_KNOWN);
        if (!cv_relay_next_peer(worker->relay, &message->known)) {
            prepare(control, CV_IPC_RELAY_READY);
            control->telling = false;
            control->greeted = true;
        }
    } else if (control->greeted) {
        prepare(control, CV_IPC_RELAY_EVENT);
        if (cv_relay_next_event(worker->relay, &message->event)) {
            return;
        }
        control->pending = control->load_due;
        if (control->load_due) {
            prepare(control, CV_IPC_RELAY_LOAD);
            message->load.permille = worker->load_permille;
            cv_relay_counters(worker->relay, &message->load.counters);
            worker_io_counters(worker, &message->load.io);
            control->load_due = false;
        }
    }
}

void worker_control_pump(struct cv_worker *worker) {
    struct worker_control *control = &worker->control;
    while (control->connected) {
        if (!control->pending) {
            next_message(worker);
        }
        if (!control->pending) {
            break;
        }
        enum cv_err err = cv_ipc_relay_send(control->watch.fd, &control->message);
        if (err == CV_ERR_AGAIN) { /* until it is taken, control's own messages wait too */
            cv_loop_watch_change(worker->loop, &control->watch, EPOLLOUT);
            return;
        }
        if (err == CV_ERR_CLOSED || err == CV_ERR_SYSTEM) {
            worker_control_close(worker);
            return;
        }
        control->pending = false;
    }
    if (control->connected) {
        cv_loop_watch_change(worker->loop, &control->watch, EPOLLIN);
    }
}

/* --- hearing --- */

static void on_hello(struct cv_worker *worker, const struct cv_ipc_relay_hello *hello) {
    struct worker_control *control = &worker->control;
    if (!worker->relay && worker_begin(worker, hello)) {
        CV_LOG(CV_LOG_ERROR, "no memory for a relay");
        return;
    }
    cv_relay_tell_again(worker->relay);
    control->telling = true;
    control->greeted = false;
}

/* The space for an answer's SDP. */
static struct cv_buf *answer_space(struct worker_control *control) {
    control->sdp.limit_bytes = ANSWER_BYTES;
    cv_buf_clear(&control->sdp);
    return &control->sdp;
}

static struct cv_ipc_relay_answer *answer(struct worker_control *control, uint32_t request,
                                          enum cv_err err) {
    prepare(control, CV_IPC_RELAY_ANSWER);
    control->message.answer.request = request;
    control->message.answer.err = (uint32_t)err;
    if (!err) {
        control->message.sdp = cv_buf_slice(&control->sdp);
    }
    return &control->message.answer;
}

static void on_restart(struct cv_worker *worker, const struct cv_ipc_relay_restart *restart) {
    struct cv_buf *space = answer_space(&worker->control);
    enum cv_err err = cv_relay_restart(worker->relay, cv_loop_now_us(worker->loop),
                                       &restart->participant, cv_slice_str(restart->ufrag), space);
    answer(&worker->control, restart->request, err);
}

static void on_offer(struct cv_worker *worker, const struct cv_ipc_relay_message *asked) {
    struct worker_control *control = &worker->control;
    struct cv_sdp_problem problem = {0};
    struct cv_buf *space = answer_space(control);
    enum cv_err err = cv_relay_offer(worker->relay, cv_loop_now_us(worker->loop),
                                     &asked->offer.peer, asked->sdp, space, &problem);
    struct cv_ipc_relay_answer *answered = answer(control, asked->offer.request, err);
    if (err && problem.text && problem.line) {
        snprintf(answered->problem, sizeof answered->problem, "line %zu: %s", problem.line,
                 problem.text);
    } else if (err && problem.text) {
        snprintf(answered->problem, sizeof answered->problem, "%s", problem.text);
    }
}

static void on_ask_stats(struct cv_worker *worker, const struct cv_id *participant) {
    struct worker_control *control = &worker->control;
    prepare(control, CV_IPC_RELAY_STATS);
    control->message.stats.participant = *participant;
    if (cv_relay_stats(worker->relay, participant, &control->message.stats.stats)) {
        control->pending = false; /* it is gone: control hears of that too */
    }
}

/* Everything but hello needs the relay that hello makes. */
static void on_asked(struct cv_worker *worker, const struct cv_ipc_relay_message *asked) {
    int64_t now_us = cv_loop_now_us(worker->loop);
    switch (asked->type) {
    case CV_IPC_RELAY_OFFER:
        on_offer(worker, asked);
        break;
    case CV_IPC_RELAY_RESTART:
        on_restart(worker, &asked->restart);
        break;
    case CV_IPC_RELAY_CLOSE:
        cv_relay_close(worker->relay, now_us, &asked->participant);
        break;
    case CV_IPC_RELAY_WANT:
        /* Who left meanwhile wants nothing any more. */
        (void)cv_relay_want(worker->relay, now_us, &asked->want.participant, asked->want.items,
                            asked->want.count);
        break;
    case CV_IPC_RELAY_ALLOW:
        cv_relay_allow(worker->relay, &asked->allow.participant, asked->allow.audio,
                       asked->allow.video, asked->allow.screen);
        break;
    case CV_IPC_RELAY_SPAN:
        /* Nobody of the meeting is here any more, or nobody was let in. */
        (void)cv_relay_span(worker->relay, now_us, &asked->span.meeting, asked->span.workers);
        break;
    case CV_IPC_RELAY_ASK_STATS:
        on_ask_stats(worker, &asked->participant);
        break;
    default:
        break;
    }
}

static void on_channel(struct cv_watch *watch, uint32_t events) {
    struct worker_control *control = CV_CONTAINER_OF(watch, struct worker_control, watch);
    struct cv_worker *worker = CV_CONTAINER_OF(control, struct cv_worker, control);
    worker_flush_soon(worker);
    if (control->pending || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        return; /* there is room again: the flush tells on */
    }
    for (int i = 0; i < MESSAGES_PER_TURN && !control->pending; i++) {
        static struct cv_ipc_relay_message asked;
        struct cv_ipc_message message;
        enum cv_err err = cv_ipc_receive(watch->fd, &control->space, &message);
        if (err == CV_ERR_AGAIN) {
            return;
        }
        if (err == CV_ERR_CLOSED || err == CV_ERR_SYSTEM) {
            worker_control_close(worker);
            return;
        }
        if (!err) {
            cv_ipc_close_fds(&message); /* control has none to give */
            err = cv_ipc_relay_read(&message, CV_IPC_RELAY_CONTROL, &asked);
        }
        if (err) {
            CV_LOG(CV_LOG_WARNING, "a message of control can't be read",
                   CV_LOG_TEXT("reason", cv_err_name(err)));
        } else if (asked.type == CV_IPC_RELAY_HELLO) {
            on_hello(worker, &asked.hello);
        } else if (worker->relay) {
            on_asked(worker, &asked);
        }
    }
}

enum cv_err cv_worker_set_control(struct cv_worker *worker, int fd) {
    struct worker_control *control = &worker->control;
    worker_control_close(worker);
    int flags = fcntl(fd, F_GETFL);
    enum cv_err err = flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0
                          ? CV_ERR_SYSTEM
                          : cv_loop_watch(worker->loop, &control->watch, fd, EPOLLIN, on_channel);
    if (err) {
        close(fd);
        return err;
    }
    control->connected = true;
    return CV_OK;
}
