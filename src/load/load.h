/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load tool behind `conclave load`: any number of made-up participants with real connections
 * (ICE, DTLS, SRTP) in one meeting of a server, and what that costs and brings. One thread, one
 * loop; it measures this server, and others beside it.
 */
#ifndef CV_LOAD_LOAD_H
#define CV_LOAD_LOAD_H

#include "base/addr.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

enum cv_load_kind {
    CV_LOAD_CONCLAVE, /* joins by links, over the WebSocket and the relay */
    CV_LOAD_JANUS,    /* a room of Janus' videoroom plugin, over its HTTP API */
    CV_LOAD_FLOOR,    /* no signalling: a plan with addresses and keys, for bench/floor.c */
};

enum { CV_LOAD_ERROR_BYTES = 256, CV_LOAD_MAX_MEMBERS = 5000 };

struct cv_load_options {
    enum cv_load_kind kind;
    const char *url;        /* conclave: a link to the meeting; janus: "http://HOST:8088/janus" */
    const char *host_url;   /* conclave: the host's link, for the first to enter; may be NULL */
    const char *plan;       /* floor: the file (or FIFO) that the plan is written to */
    struct cv_addr address; /* floor: where the loop listens */
    bool insecure;          /* takes any TLS certificate */
    unsigned publishers;
    unsigned subscribers;
    bool meeting; /* publishers receive one another too */
    bool audio;
    bool video;
    int64_t video_bps;
    const char *film;      /* an IVF file to show; nothing is verified then. May be NULL */
    unsigned video_slots;  /* conclave: that each who receives offers; 0: as many as are needed */
    unsigned verify_every; /* one in so many who receive decrypts and compares all; 0: none */
    double joins_per_s;
    int64_t warm_up_us;
    int64_t steady_us;
    bool verbose; /* says on standard error why participants failed */
    pid_t server; /* whose processes are weighed; 0: nobody's */
};

/*
 * Runs it all and gives one JSON object, the caller's to json_decref (conclave(1) names the
 * options). An error says why in one line: the run could not be made. Participants that failed are
 * no error but a figure.
 */
enum cv_err cv_load_run(const struct cv_load_options *options, json_t **ret_result,
                        char error[static CV_LOAD_ERROR_BYTES]);

#endif
