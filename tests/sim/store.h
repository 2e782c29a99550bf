/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store for simulated meetings: it keeps what the effects of a meeting save, in two steps like a
 * real one. What is written is lost in a crash until it is committed.
 */
#ifndef CV_SIM_STORE_H
#define CV_SIM_STORE_H

#include "meeting/meeting.h"

struct sim_rows {
    struct cv_meeting_record meeting;
    struct cv_participant_record *participants;
    size_t participant_count;
    struct cv_block_record *blocks;
    size_t block_count;
};

struct sim_store {
    struct sim_rows committed;
    struct cv_effect *written; /* not committed yet, in order */
    size_t written_count;
};

void sim_store_init(struct sim_store *store, const struct cv_meeting_record *meeting);
void sim_store_release(struct sim_store *store);

/* Writes the effect if it is one that saves something, and says whether it was. */
bool sim_store_write(struct sim_store *store, const struct cv_effect *effect);
void sim_store_commit(struct sim_store *store);
void sim_store_crash(struct sim_store *store);

/* NULL when it is unknown, or was never in. */
const struct cv_participant_record *sim_store_find(const struct sim_store *store,
                                                   const struct cv_id *participant);

/* The meeting as it would be after a crash now. */
struct cv_meeting *sim_store_restore(const struct sim_store *store,
                                     const struct cv_meeting_rules *rules, int64_t now_us);

#endif
