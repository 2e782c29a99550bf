/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor and the processes that it starts say to each other over their channels
 * (ipc/channel.h). The supervisor opens, while it may, whatever they need, keeps it open, and hands
 * it to each process that it starts: so a restart leaves no gap in which nobody listens.
 *
 * It also makes, for each worker, the channel between it and control (ipc/relay.h), and gives both
 * their ends; when either is started again, both get a fresh one.
 */
#ifndef CV_APP_HANDOVER_H
#define CV_APP_HANDOVER_H

#include "base/addr.h"

struct cv_resources;
struct cv_socket;

/* The descriptor on which a process finds its channel to the supervisor. */
enum { CV_HANDOVER_FD = 3 };

enum cv_handover_type {
    /* supervisor to control */
    CV_HANDOVER_RESOURCE = 1, /* struct cv_handover_resource, one fd */
    CV_HANDOVER_LISTENER,     /* struct cv_handover_listener, one fd */
    CV_HANDOVER_WORKER,       /* struct cv_handover_worker, one fd; also when it was started anew */
    CV_HANDOVER_START,        /* struct cv_handover_start: that was all */
    CV_HANDOVER_RELOAD,       /* the resources before it are new: read them again */
    CV_HANDOVER_DRAIN,        /* finish and exit */
    /* supervisor to worker */
    /* struct cv_handover_worker_start; its eventfd; its listeners follow */
    CV_HANDOVER_WORKER_START,
    /* struct cv_handover_bridge; a ring in, one out (ipc/ring.h), and the other one's eventfd */
    CV_HANDOVER_BRIDGE,
    CV_HANDOVER_CONTROL_END, /* one fd: the channel to control */
    /* control to supervisor */
    CV_HANDOVER_READY,
    CV_HANDOVER_RELOADED,
    /* control and workers to supervisor: its loop turns. Control's feeds the watchdog of systemd; a
     * worker says it every CV_SILENCE_WORD_US (app/silence.h). */
    CV_HANDOVER_ALIVE,
};

/* Files and folders, by what they are for. Descriptors of files are read from the start. */
enum cv_resource {
    CV_RESOURCE_CONFIG,      /* text of conclave.yaml; empty: the embedded default */
    CV_RESOURCE_CERTIFICATE, /* PEM, a copy in memory */
    CV_RESOURCE_KEY,         /* PEM, a copy in memory */
    CV_RESOURCE_TURN_SECRET, /* a copy in memory */
    CV_RESOURCE_WEB_ROOT,    /* folder */
    CV_RESOURCE_COUNTRIES,
    CV_RESOURCE_NETWORKS,
    CV_RESOURCE_LOCK, /* of the data folder: held, not read */
    CV_RESOURCE_COUNT,
};

struct cv_handover_resource {
    uint32_t resource; /* enum cv_resource */
};

enum cv_handover_listener_kind {
    CV_HANDOVER_HTTPS,
    CV_HANDOVER_HTTP,    /* plain, for a reverse proxy */
    CV_HANDOVER_CONTROL, /* DATA/control.sock */
    CV_HANDOVER_STUN,    /* UDP */
    CV_HANDOVER_MEDIA,   /* UDP, of a worker */
    CV_HANDOVER_MEDIA_TCP,
};

struct cv_handover_listener {
    uint32_t kind;
    uint32_t is_unix;
    struct cv_addr addr; /* as bound, with the real port */
};

/*
 * The channel to a media worker (ipc/relay.h). Those that are there come before the start; one that
 * comes later is in place of the one of the same number.
 */
struct cv_handover_worker {
    uint32_t index; /* from 0, below CV_RELAY_MAX_WORKERS */
    uint32_t port;  /* UDP; and TCP, with `tcp` */
    uint32_t tcp;
    uint32_t hung; /* how often one in this place was killed because it hung */
};

struct cv_handover_start {
    uint32_t announce; /* print where to find the server */
    uint32_t https_port;
    uint32_t stun_port;     /* 0: no STUN */
    int64_t alive_every_us; /* how often CV_HANDOVER_ALIVE is wanted; 0: never */
};

struct cv_handover_worker_start {
    uint32_t worker; /* from 0 */
    uint32_t listeners;
    uint32_t log_level;
    uint32_t log_json;
    uint32_t log_personal_data;
};

/* To another worker, in place of the one that was there. */
struct cv_handover_bridge {
    uint32_t worker;
};

/* One message; descriptors are duplicated on the way. As cv_ipc_send. */
enum cv_err cv_handover_send(int channel, enum cv_handover_type type, struct cv_slice payload,
                             const int *fds, size_t fd_count);

/* A message without content. */
enum cv_err cv_handover_tell(int channel, enum cv_handover_type type);

enum cv_err cv_handover_listener(int channel, const struct cv_socket *socket);

/* To control. */
enum cv_err cv_handover_resources(int channel, const struct cv_resources *resources);

#endif
