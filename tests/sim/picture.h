/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture that a client has of a meeting: the snapshot it was given, and what it was told
 * since. Strict: a message that tells of somebody who isn't in the picture, or that should not have
 * come, ends the simulation.
 */
#ifndef CV_SIM_PICTURE_H
#define CV_SIM_PICTURE_H

#include "base/id.h"

#include <jansson.h>

/* Zero-initialised is empty. */
struct sim_picture {
    bool knows; /* has had a snapshot, which is … */
    bool waits; /* … only that it waits, or all the rest */
    struct cv_id you;
    json_t *facts;    /* title, locked … */
    json_t *people;   /* id -> participant */
    json_t *waiting;  /* id -> participant, for moderators; else NULL */
    unsigned signals; /* received */
};

/* The string of that name, which has to be there. */
const char *sim_text(const json_t *object, const char *name);

void sim_picture_forget(struct sim_picture *picture);
/* Begins anew with the snapshot of `welcome` or `admitted`. */
void sim_picture_show(struct sim_picture *picture, const json_t *message);
void sim_picture_event(struct sim_picture *picture, const char *type, json_t *message);
/* Ends the simulation if they differ. */
void sim_picture_compare(const struct sim_picture *a, const struct sim_picture *b);

#endif
