/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as the parts of control see it: they outlive it at the end, when its last answers make
 * some of them ask again. Once the gate is closed they are told that the store has failed.
 */
#ifndef CV_APP_STORE_GATE_H
#define CV_APP_STORE_GATE_H

#include "port/store.h"

struct cv_store_gate {
    struct cv_store store; /* what the parts are given */
    struct cv_store *inner;
};

/* Takes the store over. */
void cv_store_gate_init(struct cv_store_gate *gate, struct cv_store *inner);
/* Closes the store behind it; harmless when that has been done, or on a zeroed gate. */
void cv_store_gate_close(struct cv_store_gate *gate);

#endif
