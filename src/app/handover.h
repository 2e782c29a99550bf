/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What supervisor and control say to each other over their channel (ipc/channel.h). The supervisor
 * opens, while it may, whatever control needs, keeps it open, and hands it to each control process
 * that it starts: so a restart leaves no gap in which nobody listens.
 */
#ifndef CV_APP_HANDOVER_H
#define CV_APP_HANDOVER_H

#include "base/addr.h"

/* The descriptor on which a control process finds its channel. */
enum { CV_HANDOVER_FD = 3 };

enum cv_handover_type {
    /* supervisor to control */
    CV_HANDOVER_RESOURCE = 1, /* struct cv_handover_resource, one fd */
    CV_HANDOVER_LISTENER,     /* struct cv_handover_listener, one fd */
    CV_HANDOVER_WORKER,       /* struct cv_handover_worker, one fd; also when it was started anew */
    CV_HANDOVER_START,        /* struct cv_handover_start: that was all */
    CV_HANDOVER_RELOAD,       /* the resources before it are new: read them again */
    CV_HANDOVER_DRAIN,        /* finish and exit */
    /* control to supervisor */
    CV_HANDOVER_READY,
    CV_HANDOVER_RELOADED,
    CV_HANDOVER_ALIVE, /* its loop turns: feeds the watchdog */
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
};

struct cv_handover_start {
    uint32_t announce;  /* print where to find the server */
    uint32_t restarted; /* a control process was there before */
    uint32_t https_port;
    uint32_t stun_port;     /* 0: no STUN */
    int64_t alive_every_us; /* how often CV_HANDOVER_ALIVE is wanted; 0: never */
};

#endif
