/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's parts, and what each file of it does. */
#ifndef CV_WORKER_WORKER_PRIVATE_H
#define CV_WORKER_WORKER_PRIVATE_H

#include "io/udp.h"
#include "ipc/relay.h"
#include "ipc/ring.h"
#include "worker/tcp.h"
#include "worker/worker.h"

enum {
    WORKER_MAX_SOCKETS = 32,
    WORKER_MAX_LINKS = 64, /* addresses of ours that peers use */
    WORKER_ARENA_BYTES = 256 * 1024,
};

struct worker_udp {
    struct cv_worker *worker;
    struct cv_udp *udp;
};

/* A way by which a peer reaches us: a socket, and the address of ours behind it. */
struct worker_link {
    struct worker_udp *socket;
    struct cv_addr local; /* CV_ADDR_NONE: as the kernel chooses */
};

/* What a flush has collected and not yet sent: runs for one socket, and the bytes of them. */
struct worker_egress {
    uint8_t *arena;
    size_t used;
    struct worker_udp *socket; /* of all the runs */
    struct cv_udp_run runs[CV_UDP_BATCH];
    size_t count;
    struct cv_ice_path path; /* of the last run */
    bool ended;              /* its last datagram is a shorter one */
};

/* The channel to control. */
struct worker_control {
    struct cv_watch watch;
    bool connected;
    bool greeted; /* by hello, and told who is here */
    bool telling; /* that is under way */
    bool load_due;
    bool pending; /* `message` waits for room */
    struct cv_ipc_relay_message message;
    struct cv_buf sdp; /* of the message */
    struct cv_buf space;
};

/* The way to another worker and from it; zeroed: none. */
struct worker_bridge {
    bool open;
    bool written; /* since it was last looked whether the other one sleeps */
    int wake_fd;
    struct cv_ring *in;
    struct cv_ring *out;
};

struct cv_worker {
    struct cv_loop *loop;
    struct cv_worker_config config;
    struct cv_relay *relay; /* NULL until control has said hello */
    struct cv_addr addresses[CV_IPC_RELAY_MAX_ADDRESSES];
    struct worker_udp sockets[WORKER_MAX_SOCKETS];
    size_t socket_count;
    struct worker_link links[WORKER_MAX_LINKS];
    size_t link_count;
    struct worker_egress egress;
    struct cv_worker_tcp *tcp;
    struct worker_control control;
    struct worker_bridge bridges[CV_RELAY_MAX_WORKERS];
    unsigned bridge_end;  /* past the last one that ever was open */
    struct cv_watch wake; /* others wake us by this eventfd */
    uint64_t unsent;      /* datagrams for links that are gone */
    uint64_t bridge_in, bridge_out, bridge_dropped, bridge_bad;

    struct cv_deferred flush;
    struct cv_timer tick;
    struct cv_timer second;
    int64_t cpu_us; /* of this process, at the last second */
    int64_t measured_us;
    unsigned load_permille;
    size_t peers;        /* at the last second */
    int64_t tidy_due_us; /* when memory is to be given back; 0: nothing has changed */
};

/* --- worker.c --- */
/* Makes the relay, as control said it shall be. CV_ERR_MEMORY. */
enum cv_err worker_begin(struct cv_worker *worker, const struct cv_ipc_relay_hello *hello);
/* Something was given to the relay: it is flushed at the end of the turn. */
void worker_flush_soon(struct cv_worker *worker);
void worker_io_counters(const struct cv_worker *worker, struct cv_ipc_relay_io *ret_io);

/* --- egress.c --- */
enum cv_err worker_egress_init(struct worker_egress *egress);
void worker_egress_release(struct worker_egress *egress);
/* Sends all that the relay has to send. */
void worker_egress_flush(struct cv_worker *worker, int64_t now_us);

/* --- bridge.c --- */
/* Takes the eventfd over, when it succeeds. */
enum cv_err worker_bridge_init(struct cv_worker *worker, int wake_fd);
void worker_bridge_release(struct cv_worker *worker);
/* Gives the relay what the others sent, a bounded number of records. */
void worker_bridge_drain(struct cv_worker *worker, int64_t now_us);
void worker_bridge_put(struct cv_worker *worker, unsigned to, struct cv_slice head,
                       struct cv_slice body);
/* At the end of a turn: wakes whom something was written for, and sees whether we may sleep. */
void worker_bridge_rest(struct cv_worker *worker);

/* --- control_end.c --- */
void worker_control_close(struct cv_worker *worker);
/* Tells control what there is to tell, as far as it takes it. */
void worker_control_pump(struct cv_worker *worker);

#endif
