/* SPDX-License-Identifier: Apache-2.0 */
#include "app/store_gate.h"

static enum cv_err submit(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context) {
    struct cv_store_gate *gate = CV_CONTAINER_OF(store, struct cv_store_gate, store);
    return gate->inner ? cv_store_submit(gate->inner, ops, count, done, context) : CV_ERR_STORE;
}

static void stats(struct cv_store *store, struct cv_store_stats *ret_stats) {
    struct cv_store_gate *gate = CV_CONTAINER_OF(store, struct cv_store_gate, store);
    if (gate->inner) {
        cv_store_stats(gate->inner, ret_stats);
    } else {
        *ret_stats = (struct cv_store_stats){.fault = CV_STORE_FAULT_OTHER};
    }
}

static struct cv_store *close_inner(struct cv_store *store) {
    cv_store_gate_close(CV_CONTAINER_OF(store, struct cv_store_gate, store));
    return NULL;
}

static const struct cv_store_interface interface = {
    .submit = submit, .stats = stats, .close = close_inner};

void cv_store_gate_init(struct cv_store_gate *gate, struct cv_store *inner) {
    gate->store.interface = &interface;
    gate->inner = inner;
}

void cv_store_gate_close(struct cv_store_gate *gate) {
    gate->inner = cv_store_close(gate->inner);
}
