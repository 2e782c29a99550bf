/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/worker_private.h"

#include "base/log.h"
#include "base/time.h"
#include "io/clock.h"
#include "media/transport.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* --- in --- */

void worker_flush_soon(struct cv_worker *worker) {
    cv_loop_defer(worker->loop, &worker->flush);
}

/* The link of a socket and an address of ours; without a place for it, the socket's own, by which
 * the kernel chooses the address. */
static uint32_t find_link(struct cv_worker *worker, struct worker_udp *socket,
                          const struct cv_addr *local) {
    uint32_t fallback = 0;
    for (uint32_t i = 0; i < worker->link_count; i++) {
        const struct worker_link *link = &worker->links[i];
        if (link->socket == socket && cv_addr_eq(&link->local, local)) {
            return i;
        }
        if (link->socket == socket && link->local.family == CV_ADDR_NONE) {
            fallback = i;
        }
    }
    if (worker->link_count == WORKER_MAX_LINKS) {
        return fallback;
    }
    worker->links[worker->link_count] = (struct worker_link){socket, *local};
    return (uint32_t)worker->link_count++;
}

static void on_datagrams(void *context, struct cv_udp *udp, const struct cv_datagram *datagrams,
                         size_t count) {
    struct worker_udp *socket = context;
    struct cv_worker *worker = socket->worker;
    (void)udp;
    if (!worker->relay) {
        return;
    }
    int64_t now_us = cv_loop_now_us(worker->loop);
    struct cv_addr local = {0};
    uint32_t link = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (link == UINT32_MAX || !cv_addr_eq(&local, &datagrams[i].local)) {
            local = datagrams[i].local;
            link = find_link(worker, socket, &local);
        }
        const struct cv_ice_path path = {.remote = datagrams[i].peer, .link = link};
        cv_relay_input(worker->relay, now_us, &path, datagrams[i].data, datagrams[i].size);
    }
    worker_flush_soon(worker);
}

static void on_tcp_datagram(void *context, const struct cv_ice_path *path, uint8_t *datagram,
                            size_t size) {
    struct cv_worker *worker = context;
    if (worker->relay) {
        cv_relay_input(worker->relay, cv_loop_now_us(worker->loop), path, datagram, size);
        worker_flush_soon(worker);
    }
}

/* --- out --- */

static void on_flush(struct cv_deferred *deferred) {
    struct cv_worker *worker = CV_CONTAINER_OF(deferred, struct cv_worker, flush);
    worker_bridge_drain(worker, cv_loop_now_us(worker->loop));
    if (worker->relay) {
        worker_egress_flush(worker, cv_loop_now_us(worker->loop));
        int64_t deadline_us = cv_relay_deadline(worker->relay);
        if (deadline_us == CV_TIME_NEVER) {
            cv_loop_timer_cancel(worker->loop, &worker->tick);
        } else {
            cv_loop_timer_set(worker->loop, &worker->tick, deadline_us);
        }
    }
    worker_bridge_rest(worker);
    worker_control_pump(worker);
}

static void on_tick(struct cv_timer *timer) {
    struct cv_worker *worker = CV_CONTAINER_OF(timer, struct cv_worker, tick);
    cv_relay_tick(worker->relay, cv_loop_now_us(worker->loop));
    worker_flush_soon(worker);
}

/* --- load --- */

static int64_t cpu_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * CV_US_PER_S + time.tv_nsec / 1000;
}

/*
 * When a rush of people is over, their handshakes are forgotten, most of what a connection takes;
 * malloc keeps it for the next rush, but for the system it is as if it were in use.
 */
static void tidy_memory(struct cv_worker *worker, int64_t now_us) {
    size_t peers = cv_relay_peers(worker->relay);
    if (peers != worker->peers)
        worker->tidy_due_us = now_us + CV_TRANSPORT_LINGER_US + CV_US_PER_S;
    worker->peers = peers;
    if (worker->tidy_due_us && now_us >= worker->tidy_due_us) {
        worker->tidy_due_us = 0;
        malloc_trim(0);
    }
}

static void on_second(struct cv_timer *timer) {
    struct cv_worker *worker = CV_CONTAINER_OF(timer, struct cv_worker, second);
    int64_t now_us = cv_clock_monotonic_us();
    int64_t used_us = cpu_us();
    int64_t permille = (used_us - worker->cpu_us) * 1000 / (now_us - worker->measured_us + 1);
    worker->load_permille = permille > 1000 ? 1000 : (unsigned)permille;
    worker->cpu_us = used_us;
    worker->measured_us = now_us;
    if (worker->relay) {
        cv_relay_set_load(worker->relay, cv_loop_now_us(worker->loop), worker->load_permille);
        tidy_memory(worker, now_us);
        worker->control.load_due = true;
        worker_flush_soon(worker);
    }
    cv_loop_timer_set(worker->loop, timer, now_us + CV_US_PER_S);
}

void worker_io_counters(const struct cv_worker *worker, struct cv_ipc_relay_io *ret_io) {
    const struct cv_worker_tcp_counters *tcp = cv_worker_tcp_counters(worker->tcp);
    *ret_io = (struct cv_ipc_relay_io){
        .unsent = worker->unsent,
        .tcp_accepted = tcp->accepted,
        .tcp_refused = tcp->refused,
        .tcp_ended = tcp->ended,
        .tcp_dropped = tcp->dropped,
        .tcp_now = tcp->now,
        .bridge_in = worker->bridge_in,
        .bridge_out = worker->bridge_out,
        .bridge_dropped = worker->bridge_dropped,
        .bridge_bad = worker->bridge_bad,
    };
    for (size_t i = 0; i < worker->socket_count; i++) {
        const struct cv_udp_counters *udp = cv_udp_counters(worker->sockets[i].udp);
        ret_io->datagrams_in += udp->datagrams_in;
        ret_io->datagrams_out += udp->datagrams_out;
        ret_io->runs += udp->runs;
        ret_io->sends += udp->sends;
        ret_io->oversized += udp->oversized;
        ret_io->unsent += udp->unsent;
        ret_io->split += udp->split;
    }
}

/* --- life --- */

enum cv_err worker_begin(struct cv_worker *worker, const struct cv_ipc_relay_hello *hello) {
    memcpy(worker->addresses, hello->addresses, sizeof worker->addresses);
    const struct cv_relay_config config = {
        .identity = worker->config.identity,
        .addresses = worker->addresses,
        .address_count = hello->address_count,
        .tcp = hello->tcp,
        .worker = (uint8_t)worker->config.worker,
        .random = worker->config.random,
        .limits = hello->limits,
    };
    worker->relay = cv_relay_new(&config, cv_loop_now_us(worker->loop));
    return worker->relay ? CV_OK : CV_ERR_MEMORY;
}

enum cv_err cv_worker_new(struct cv_loop *loop, const struct cv_worker_config *config,
                          struct cv_worker **ret_worker) {
    struct cv_worker *worker = calloc(1, sizeof *worker);
    if (!worker) {
        return CV_ERR_MEMORY;
    }
    worker->loop = loop;
    worker->config = *config;
    worker->flush.call = on_flush;
    worker->tick.call = on_tick;
    worker->second.call = on_second;
    worker->cpu_us = cpu_us();
    worker->measured_us = cv_clock_monotonic_us();
    const struct cv_worker_tcp_handler handler = {worker, on_tcp_datagram};
    worker->tcp = cv_worker_tcp_new(loop, &handler);
    enum cv_err err = worker->tcp ? worker_egress_init(&worker->egress) : CV_ERR_MEMORY;
    if (!err) {
        err = worker_bridge_init(worker, config->wake_fd);
    }
    if (!err) {
        err = cv_loop_timer_set(loop, &worker->second, worker->measured_us + CV_US_PER_S);
    }
    if (err) {
        cv_worker_free(worker);
        return err;
    }
    *ret_worker = worker;
    return CV_OK;
}

struct cv_worker *cv_worker_free(struct cv_worker *worker) {
    if (!worker) {
        return NULL;
    }
    worker_control_close(worker);
    worker_bridge_release(worker);
    cv_buf_release(&worker->control.space);
    cv_buf_release(&worker->control.sdp);
    cv_loop_defer_cancel(worker->loop, &worker->flush);
    cv_loop_timer_cancel(worker->loop, &worker->tick);
    cv_loop_timer_cancel(worker->loop, &worker->second);
    for (size_t i = 0; i < worker->socket_count; i++) {
        cv_udp_free(worker->sockets[i].udp);
    }
    cv_worker_tcp_free(worker->tcp);
    worker_egress_release(&worker->egress);
    cv_relay_free(worker->relay);
    free(worker);
    return NULL;
}

enum cv_err cv_worker_add_udp(struct cv_worker *worker, int fd) {
    enum cv_err err = CV_ERR_LIMIT;
    if (worker->socket_count < WORKER_MAX_SOCKETS) {
        struct worker_udp *socket = &worker->sockets[worker->socket_count];
        const struct cv_udp_handler handler = {socket, on_datagrams};
        socket->worker = worker;
        err = cv_udp_new(worker->loop, fd, &handler, &socket->udp);
        if (!err) {
            worker->socket_count++;
            worker->links[worker->link_count++] = (struct worker_link){.socket = socket};
            return CV_OK;
        }
    }
    close(fd);
    return err;
}

enum cv_err cv_worker_add_tcp(struct cv_worker *worker, int fd) {
    enum cv_err err = cv_worker_tcp_listen(worker->tcp, fd);
    if (err) {
        close(fd);
    }
    return err;
}
