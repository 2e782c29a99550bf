/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of port/store.h on tables in memory, said as plainly as possible. */
#ifndef CV_STORE_MEMORY_OPS_H
#define CV_STORE_MEMORY_OPS_H

#include "store/memory_db.h"

struct cv_memory_run {
    struct cv_memory_db *db;
    const struct cv_store_op *op;
    struct cv_store_result *result;
    struct cv_arena *arena; /* for what the result points to */
};

typedef enum cv_err cv_memory_op_fn(struct cv_memory_run *run);

cv_memory_op_fn cv_memory_user_create, cv_memory_user_by_email, cv_memory_user_list,
    cv_memory_user_count, cv_memory_user_set_password, cv_memory_user_delete, cv_memory_setup_put,
    cv_memory_setup_check, cv_memory_setup_finish, cv_memory_session_create, cv_memory_session_find,
    cv_memory_session_touch, cv_memory_session_delete, cv_memory_session_delete_all,
    cv_memory_expire, cv_memory_idempotency_claim;

cv_memory_op_fn cv_memory_meeting_create, cv_memory_meeting_get, cv_memory_meeting_save,
    cv_memory_meeting_set_time_zone, cv_memory_meeting_list, cv_memory_meeting_delete,
    cv_memory_meeting_purge, cv_memory_link_create, cv_memory_link_resolve, cv_memory_link_list,
    cv_memory_link_revoke, cv_memory_link_touch;

cv_memory_op_fn cv_memory_meeting_load, cv_memory_participant_save, cv_memory_participant_resume,
    cv_memory_participant_address, cv_memory_block_save, cv_memory_block_list, cv_memory_mode_add,
    cv_memory_connection_add, cv_memory_stats_save, cv_memory_record_list, cv_memory_record_purge,
    cv_memory_record_trim;

/* Shared between the files. */

/* By struct cv_memory_mode: of the same session. */
cv_memory_match_fn cv_match_mode;
cv_memory_match_fn cv_match_user, cv_match_meeting, cv_match_participant; /* by struct cv_id */

/* With all that belongs to it. */
enum cv_err cv_memory_drop_meeting(struct cv_memory_db *db, size_t index);
enum cv_err cv_memory_drop_participant(struct cv_memory_db *db, size_t index);

/* The call of this meeting and session, or NULL. */
const struct cv_store_record *cv_memory_call(const struct cv_memory_db *db,
                                             const struct cv_id *meeting, uint32_t session);

/* A meeting as results have it: with its owner's name and the times of its session. */
enum cv_err cv_memory_show_meeting(const struct cv_memory_db *db,
                                   const struct cv_store_meeting *stored, struct cv_arena *arena,
                                   struct cv_store_meeting *ret_meeting);

/* Stays of a session, or with session 0 those who have not left, by their arrival. */
struct cv_memory_stays {
    const struct cv_participant_record *participants;
    const struct cv_store_attachment *attachments;
    size_t count;
};
bool cv_memory_is_among(const struct cv_stay *stay, const struct cv_id *meeting, uint32_t session);
enum cv_err cv_memory_show_stays(struct cv_memory_run *run, const struct cv_id *meeting,
                                 uint32_t session, struct cv_memory_stays *ret_stays);

/* Somebody is in or waits. */
bool cv_memory_is_there(const struct cv_memory_db *db, const struct cv_id *meeting);

#endif
