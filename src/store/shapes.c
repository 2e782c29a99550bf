/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of shape.h: every struct and every operation of port/store.h. */
#include "store/shape.h"

/* Where: a member of a struct, or of an operation's input. */
#define AT(type, member) .name = #member, .offset = offsetof(type, member)
#define OF(op, member) .name = #member, .offset = offsetof(struct cv_store_op, op.member)
/* What. */
#define TEXT(bytes) .type = CV_FIELD_TEXT, .max = (bytes)
#define BLOB(bytes) .type = CV_FIELD_BLOB, .max = (bytes)
#define HASH .type = CV_FIELD_HASH
#define CURSOR .type = CV_FIELD_CURSOR
#define ID .type = CV_FIELD_ID
#define CHARS(bytes) .type = CV_FIELD_CHARS, .max = (bytes)-1
#define TIME .type = CV_FIELD_TIME
#define COARSE .type = CV_FIELD_COARSE
#define END .type = CV_FIELD_END
#define INT64 .type = CV_FIELD_INT64
#define INT32(most) .type = CV_FIELD_INT32, .max = (most)
#define UINT32 .type = CV_FIELD_UINT32
#define DOUBLE .type = CV_FIELD_DOUBLE
#define BOOL .type = CV_FIELD_BOOL
#define ENUM(count, names) .type = CV_FIELD_ENUM, .max = (count), .enum_name = (names)
#define STRUCT(of) .type = CV_FIELD_STRUCT, .shape = &(of)
#define REQUIRED .required = true

#define FIELDS(table) .fields = (table), .count = sizeof(table) / sizeof *(table)
#define SHAPE(name, type, table) const struct cv_shape name = {FIELDS(table), .size = sizeof(type)}

static const char *account_role_name(unsigned role) {
    return role == CV_STORE_ACCOUNT_ADMIN ? "admin" : "user";
}

/* Only ever compared within the store. */
static const char *when_name(unsigned when) {
    static const char *const names[] = {"upcoming", "past", "rooms"};
    return names[when];
}

static const struct cv_field user[] = {
    {AT(struct cv_store_user, id), ID, REQUIRED},
    {AT(struct cv_store_user, name), TEXT(CV_STORE_NAME_MAX_BYTES), REQUIRED},
    {AT(struct cv_store_user, email), TEXT(CV_STORE_EMAIL_MAX_BYTES), REQUIRED},
    {AT(struct cv_store_user, role), ENUM(CV_STORE_ACCOUNT_ROLE_COUNT, account_role_name)},
    {AT(struct cv_store_user, password_hash), TEXT(CV_STORE_PASSWORD_HASH_MAX_BYTES), REQUIRED},
    {AT(struct cv_store_user, created_at_us), TIME, REQUIRED},
};
SHAPE(cv_shape_user, struct cv_store_user, user);

static const struct cv_field session[] = {
    {AT(struct cv_store_session, token_hash), HASH, REQUIRED},
    {AT(struct cv_store_session, user), ID, REQUIRED},
    {AT(struct cv_store_session, created_at_us), TIME, REQUIRED},
    {AT(struct cv_store_session, expires_at_us), TIME, REQUIRED},
    {AT(struct cv_store_session, seen_at_us), COARSE},
};
SHAPE(cv_shape_session, struct cv_store_session, session);

static const struct cv_field schedule[] = {
    {AT(struct cv_policy_schedule, kind), ENUM(CV_KIND_COUNT, cv_meeting_kind_name)},
    {AT(struct cv_policy_schedule, created_at_us), TIME, REQUIRED},
    {AT(struct cv_policy_schedule, starts_at_us), TIME},
    {AT(struct cv_policy_schedule, duration_us), INT64},
    {AT(struct cv_policy_schedule, ended_at_us), TIME},
};
static SHAPE(shape_schedule, struct cv_policy_schedule, schedule);

static const struct cv_field meeting_record[] = {
    {AT(struct cv_meeting_record, id), ID, REQUIRED},
    {AT(struct cv_meeting_record, schedule), STRUCT(shape_schedule)},
    {AT(struct cv_meeting_record, topology), ENUM(CV_TOPOLOGY_COUNT, cv_topology_name)},
    {AT(struct cv_meeting_record, owned), BOOL},
    {AT(struct cv_meeting_record, lobby), BOOL},
    {AT(struct cv_meeting_record, locked), BOOL},
    {AT(struct cv_meeting_record, mode), ENUM(CV_CALL_MODE_COUNT, cv_call_mode_name)},
    {AT(struct cv_meeting_record, relay_asked), BOOL},
    {AT(struct cv_meeting_record, session), UINT32},
    {AT(struct cv_meeting_record, session_started_at_us), TIME},
    {AT(struct cv_meeting_record, session_ended_at_us), TIME},
    {AT(struct cv_meeting_record, title), CHARS(CV_TITLE_BYTES), REQUIRED},
};
static SHAPE(shape_meeting_record, struct cv_meeting_record, meeting_record);

static const struct cv_field meeting[] = {
    {AT(struct cv_store_meeting, record), STRUCT(shape_meeting_record)},
    {AT(struct cv_store_meeting, owner), ID},
    {AT(struct cv_store_meeting, owner_name), TEXT(CV_STORE_NAME_MAX_BYTES)},
    {AT(struct cv_store_meeting, time_zone), TEXT(CV_STORE_TIME_ZONE_MAX_BYTES)},
    {AT(struct cv_store_meeting, closes_at_us), END},
};
SHAPE(cv_shape_meeting, struct cv_store_meeting, meeting);

static const struct cv_field link_fields[] = {
    {AT(struct cv_store_link, id), ID, REQUIRED},
    {AT(struct cv_store_link, meeting), ID, REQUIRED},
    {AT(struct cv_store_link, secret_hash), HASH, REQUIRED},
    {AT(struct cv_store_link, role), ENUM(CV_ROLE_COUNT, cv_role_name)},
    {AT(struct cv_store_link, label), TEXT(CV_STORE_NAME_MAX_BYTES)},
    {AT(struct cv_store_link, shared), BOOL},
    {AT(struct cv_store_link, created_at_us), TIME, REQUIRED},
    {AT(struct cv_store_link, revoked_at_us), TIME},
    {AT(struct cv_store_link, used_at_us), COARSE},
    {AT(struct cv_store_link, via), ENUM(CV_VIA_COUNT, cv_via_name)},
    {AT(struct cv_store_link, expires_at_us), TIME},
};
SHAPE(cv_shape_link, struct cv_store_link, link_fields);

static const struct cv_field participant[] = {
    {AT(struct cv_participant_record, id), ID, REQUIRED},
    {AT(struct cv_participant_record, link), ID},
    {AT(struct cv_participant_record, account), ID},
    {AT(struct cv_participant_record, shared), BOOL},
    {AT(struct cv_participant_record, hide_address), BOOL},
    {AT(struct cv_participant_record, via), ENUM(CV_VIA_COUNT, cv_via_name)},
    {AT(struct cv_participant_record, hand), BOOL},
    {AT(struct cv_participant_record, silenced), UINT32},
    {AT(struct cv_participant_record, own_role), ENUM(CV_ROLE_COUNT, cv_role_name)},
    {AT(struct cv_participant_record, role), ENUM(CV_ROLE_COUNT, cv_role_name)},
    {AT(struct cv_participant_record, session), UINT32},
    {AT(struct cv_participant_record, came_at_us), TIME, REQUIRED},
    {AT(struct cv_participant_record, joined_at_us), TIME},
    {AT(struct cv_participant_record, until_us), TIME},
    {AT(struct cv_participant_record, left_at_us), TIME},
    {AT(struct cv_participant_record, gone), ENUM(CV_GONE_COUNT, cv_gone_name)},
    {AT(struct cv_participant_record, name), CHARS(CV_NAME_BYTES), REQUIRED},
};
SHAPE(cv_shape_participant, struct cv_participant_record, participant);

static const struct cv_field attachment[] = {
    {AT(struct cv_store_attachment, resume_hash), HASH},
    {AT(struct cv_store_attachment, resume_old_hash), HASH},
    {AT(struct cv_store_attachment, address), TEXT(CV_STORE_ADDRESS_MAX_BYTES)},
    {AT(struct cv_store_attachment, country), TEXT(CV_STORE_COUNTRY_MAX_BYTES)},
    {AT(struct cv_store_attachment, network), TEXT(CV_STORE_NETWORK_MAX_BYTES)},
};
SHAPE(cv_shape_attachment, struct cv_store_attachment, attachment);

static const struct cv_field stay[] = {
    {AT(struct cv_stay, participant), STRUCT(cv_shape_participant)},
    {AT(struct cv_stay, attachment), STRUCT(cv_shape_attachment)},
};
SHAPE(cv_shape_stay, struct cv_stay, stay);

static const struct cv_field block[] = {
    {AT(struct cv_block_record, link), ID},
    {AT(struct cv_block_record, participant), ID},
    {AT(struct cv_block_record, session), UINT32},
    {AT(struct cv_block_record, at_us), TIME, REQUIRED},
};
SHAPE(cv_shape_block, struct cv_block_record, block);

static const struct cv_field mode[] = {
    {AT(struct cv_mode_record, session), UINT32},
    {AT(struct cv_mode_record, mode), ENUM(CV_CALL_MODE_COUNT, cv_call_mode_name)},
    {AT(struct cv_mode_record, at_us), TIME, REQUIRED},
};
SHAPE(cv_shape_mode, struct cv_mode_record, mode);

static const struct cv_field connection[] = {
    {AT(struct cv_connection_record, participant), ID, REQUIRED},
    {AT(struct cv_connection_record, peer), ID},
    {AT(struct cv_connection_record, state),
     ENUM(CV_CONNECTION_STATE_COUNT, cv_connection_state_name)},
    {AT(struct cv_connection_record, path), ENUM(CV_PATH_COUNT, cv_connection_path_name)},
    {AT(struct cv_connection_record, at_us), TIME, REQUIRED},
};
SHAPE(cv_shape_connection, struct cv_connection_record, connection);

static const struct cv_field media_stats[] = {
    {AT(struct cv_media_stats, packets_sent), INT64},
    {AT(struct cv_media_stats, packets_received), INT64},
    {AT(struct cv_media_stats, packets_lost), INT64},
    {AT(struct cv_media_stats, bytes_sent), INT64},
    {AT(struct cv_media_stats, bytes_received), INT64},
    {AT(struct cv_media_stats, jitter_ms), DOUBLE},
    {AT(struct cv_media_stats, rtt_ms), DOUBLE},
};
static SHAPE(shape_media_stats, struct cv_media_stats, media_stats);

static const struct cv_field stats[] = {
    {AT(struct cv_stats_record, participant), ID, REQUIRED},
    {AT(struct cv_stats_record, peer), ID},
    {AT(struct cv_stats_record, audio), STRUCT(shape_media_stats)},
    {AT(struct cv_stats_record, video), STRUCT(shape_media_stats)},
    {AT(struct cv_stats_record, at_us), TIME, REQUIRED},
};
SHAPE(cv_shape_stats, struct cv_stats_record, stats);

static const struct cv_field record[] = {
    {AT(struct cv_store_record, meeting), ID},
    {AT(struct cv_store_record, session), UINT32},
    {AT(struct cv_store_record, title), TEXT(CV_TITLE_BYTES)},
    {AT(struct cv_store_record, started_at_us), TIME},
    {AT(struct cv_store_record, ended_at_us), TIME},
};
SHAPE(cv_shape_record, struct cv_store_record, record);

/* Results: offsets from struct cv_store_result. */
#define RESULT(result, member)                                                                     \
    .name = #member, .offset = offsetof(struct cv_store_result, result.member)
#define RESULT_SHAPE(name, table) SHAPE(name, struct cv_store_result, table)

static const struct cv_field found_session[] = {
    {RESULT(session, session), STRUCT(cv_shape_session)},
    {RESULT(session, user), STRUCT(cv_shape_user)},
};
RESULT_SHAPE(cv_shape_found_session, found_session);

static const struct cv_field found_link[] = {
    {RESULT(link, link), STRUCT(cv_shape_link)},
    {RESULT(link, meeting), STRUCT(cv_shape_meeting)},
};
RESULT_SHAPE(cv_shape_found_link, found_link);

static const struct cv_field user_count[] = {
    {RESULT(user_count, admins), INT64},
};
RESULT_SHAPE(cv_shape_user_count, user_count);

static const struct cv_field idempotency[] = {
    {RESULT(idempotency, request_hash), HASH},
    {RESULT(idempotency, answer), BLOB(CV_STORE_ANSWER_MAX_BYTES)},
};
RESULT_SHAPE(cv_shape_idempotency, idempotency);

/* Operations. */
#define WHOLE(op, as, shape) .name = (as), .offset = offsetof(struct cv_store_op, op), STRUCT(shape)
static const struct cv_field user_create[] = {{WHOLE(user_create, "user", cv_shape_user)}};
static const struct cv_field user_by_email[] = {
    {OF(user_by_email, email), TEXT(CV_STORE_EMAIL_MAX_BYTES), REQUIRED}};
static const struct cv_field user_list[] = {
    {OF(user_list, cursor), CURSOR},
    {OF(user_list, limit), INT32(CV_STORE_PAGE_MAX)},
};
static const struct cv_field user_set_password[] = {
    {OF(user_set_password, id), ID, REQUIRED},
    {OF(user_set_password, password_hash), TEXT(CV_STORE_PASSWORD_HASH_MAX_BYTES), REQUIRED},
};
static const struct cv_field user_delete[] = {{OF(user_delete, id), ID, REQUIRED}};

static const struct cv_field setup_put[] = {
    {OF(setup_put, token_hash), HASH, REQUIRED},
    {OF(setup_put, created_at_us), TIME, REQUIRED},
    {OF(setup_put, expires_at_us), TIME},
};
static const struct cv_field setup_check[] = {
    {OF(setup_check, token_hash), HASH, REQUIRED},
    {OF(setup_check, now_us), TIME, REQUIRED},
};
static const struct cv_field setup_finish[] = {
    {OF(setup_finish, token_hash), HASH, REQUIRED},
    {OF(setup_finish, now_us), TIME, REQUIRED},
    {OF(setup_finish, user), STRUCT(cv_shape_user)},
};

static const struct cv_field session_create[] = {
    {WHOLE(session_create, "session", cv_shape_session)}};
static const struct cv_field session_find[] = {
    {OF(session_find, token_hash), HASH, REQUIRED},
    {OF(session_find, now_us), TIME, REQUIRED},
};
static const struct cv_field session_touch[] = {
    {OF(session_touch, token_hash), HASH, REQUIRED},
    {OF(session_touch, seen_at_us), COARSE, REQUIRED},
};
static const struct cv_field session_delete[] = {{OF(session_delete, token_hash), HASH, REQUIRED}};
static const struct cv_field session_delete_all[] = {
    {OF(session_delete_all, user), ID, REQUIRED},
    {OF(session_delete_all, except_hash), HASH},
};

static const struct cv_field meeting_create[] = {
    {WHOLE(meeting_create, "meeting", cv_shape_meeting)}};
static const struct cv_field meeting_get[] = {{OF(meeting_get, id), ID, REQUIRED}};
static const struct cv_field meeting_save[] = {
    {OF(meeting_save, record), STRUCT(shape_meeting_record)},
    {OF(meeting_save, closes_at_us), END},
};
static const struct cv_field meeting_set_time_zone[] = {
    {OF(meeting_set_time_zone, id), ID, REQUIRED},
    {OF(meeting_set_time_zone, time_zone), TEXT(CV_STORE_TIME_ZONE_MAX_BYTES)},
};
static const struct cv_field meeting_list[] = {
    {OF(meeting_list, owner), ID, REQUIRED},
    {OF(meeting_list, when), ENUM(CV_STORE_WHEN_COUNT, when_name)},
    {OF(meeting_list, now_us), TIME, REQUIRED},
    {OF(meeting_list, cursor), CURSOR},
    {OF(meeting_list, limit), INT32(CV_STORE_PAGE_MAX)},
};
static const struct cv_field meeting_delete[] = {{OF(meeting_delete, id), ID, REQUIRED}};
static const struct cv_field meeting_purge[] = {{OF(meeting_purge, now_us), TIME, REQUIRED}};

static const struct cv_field link_create[] = {{WHOLE(link_create, "link", cv_shape_link)}};
static const struct cv_field link_resolve[] = {{OF(link_resolve, secret_hash), HASH, REQUIRED}};
static const struct cv_field link_list[] = {{OF(link_list, meeting), ID, REQUIRED}};
static const struct cv_field link_revoke[] = {
    {OF(link_revoke, meeting), ID, REQUIRED},
    {OF(link_revoke, id), ID, REQUIRED},
    {OF(link_revoke, revoked_at_us), TIME, REQUIRED},
};
static const struct cv_field link_touch[] = {
    {OF(link_touch, id), ID, REQUIRED},
    {OF(link_touch, used_at_us), COARSE, REQUIRED},
};

static const struct cv_field participant_save[] = {
    {OF(participant_save, meeting), ID, REQUIRED},
    {OF(participant_save, record), STRUCT(cv_shape_participant)},
};
static const struct cv_field participant_resume[] = {
    {OF(participant_resume, id), ID, REQUIRED},
    {OF(participant_resume, resume_hash), HASH},
    {OF(participant_resume, resume_old_hash), HASH},
};
static const struct cv_field participant_address[] = {
    {OF(participant_address, id), ID, REQUIRED},
    {OF(participant_address, address), TEXT(CV_STORE_ADDRESS_MAX_BYTES)},
    {OF(participant_address, country), TEXT(CV_STORE_COUNTRY_MAX_BYTES)},
    {OF(participant_address, network), TEXT(CV_STORE_NETWORK_MAX_BYTES)},
};
static const struct cv_field block_save[] = {
    {OF(block_save, meeting), ID, REQUIRED},
    {OF(block_save, record), STRUCT(cv_shape_block)},
};
static const struct cv_field block_list[] = {{OF(block_list, meeting), ID, REQUIRED}};
static const struct cv_field mode_add[] = {
    {OF(mode_add, meeting), ID, REQUIRED},
    {OF(mode_add, record), STRUCT(cv_shape_mode)},
};
static const struct cv_field connection_add[] = {
    {WHOLE(connection_add, "connection", cv_shape_connection)}};
static const struct cv_field stats_save[] = {{WHOLE(stats_save, "stats", cv_shape_stats)}};
static const struct cv_field record_list[] = {
    {OF(record_list, meeting), ID},    {OF(record_list, owner), ID},
    {OF(record_list, from_us), TIME},  {OF(record_list, until_us), TIME},
    {OF(record_list, cursor), CURSOR}, {OF(record_list, limit), INT32(CV_STORE_PAGE_MAX)},
};

static const struct cv_field record_purge[] = {{OF(record_purge, before_us), TIME, REQUIRED}};
static const struct cv_field record_trim[] = {{OF(record_trim, count), INT32(UINT16_MAX)}};
static const struct cv_field expire[] = {{OF(expire, now_us), TIME, REQUIRED}};

static const struct cv_field idempotency_claim[] = {
    {OF(idempotency_claim, owner), ID},
    {OF(idempotency_claim, meeting), ID},
    {OF(idempotency_claim, key_hash), HASH, REQUIRED},
    {OF(idempotency_claim, request_hash), HASH, REQUIRED},
    {OF(idempotency_claim, answer), BLOB(CV_STORE_ANSWER_MAX_BYTES)},
    {OF(idempotency_claim, created_at_us), TIME, REQUIRED},
    {OF(idempotency_claim, expires_at_us), TIME, REQUIRED},
};

#define INPUT(table) .input = {FIELDS(table), .size = sizeof(struct cv_store_op)}
#define WRITES .writes = true
#define ERASES .writes = true, .erases = true

static const struct cv_op_shape ops[CV_STORE_OP_KINDS] = {
    [CV_STORE_USER_CREATE] = {INPUT(user_create), WRITES},
    [CV_STORE_USER_BY_EMAIL] = {INPUT(user_by_email)},
    [CV_STORE_USER_LIST] = {INPUT(user_list)},
    [CV_STORE_USER_COUNT] = {.input = {.size = sizeof(struct cv_store_op)}},
    [CV_STORE_USER_SET_PASSWORD] = {INPUT(user_set_password), WRITES},
    [CV_STORE_USER_DELETE] = {INPUT(user_delete), ERASES},
    [CV_STORE_SETUP_PUT] = {INPUT(setup_put), WRITES},
    [CV_STORE_SETUP_CHECK] = {INPUT(setup_check)},
    [CV_STORE_SETUP_FINISH] = {INPUT(setup_finish), WRITES},
    [CV_STORE_SESSION_CREATE] = {INPUT(session_create), WRITES},
    [CV_STORE_SESSION_FIND] = {INPUT(session_find)},
    [CV_STORE_SESSION_TOUCH] = {INPUT(session_touch), WRITES},
    [CV_STORE_SESSION_DELETE] = {INPUT(session_delete), WRITES},
    [CV_STORE_SESSION_DELETE_ALL] = {INPUT(session_delete_all), WRITES},
    [CV_STORE_MEETING_CREATE] = {INPUT(meeting_create), WRITES},
    [CV_STORE_MEETING_GET] = {INPUT(meeting_get)},
    [CV_STORE_MEETING_SAVE] = {INPUT(meeting_save), WRITES},
    [CV_STORE_MEETING_SET_TIME_ZONE] = {INPUT(meeting_set_time_zone), WRITES},
    [CV_STORE_MEETING_LIST] = {INPUT(meeting_list)},
    [CV_STORE_MEETING_DELETE] = {INPUT(meeting_delete), ERASES},
    [CV_STORE_MEETING_PURGE] = {INPUT(meeting_purge), ERASES},
    [CV_STORE_MEETING_LOAD] = {.input = {.size = sizeof(struct cv_store_op)}},
    [CV_STORE_LINK_CREATE] = {INPUT(link_create), WRITES},
    [CV_STORE_LINK_RESOLVE] = {INPUT(link_resolve)},
    [CV_STORE_LINK_LIST] = {INPUT(link_list)},
    [CV_STORE_LINK_REVOKE] = {INPUT(link_revoke), WRITES},
    [CV_STORE_LINK_TOUCH] = {INPUT(link_touch), WRITES},
    [CV_STORE_PARTICIPANT_SAVE] = {INPUT(participant_save), WRITES},
    [CV_STORE_PARTICIPANT_RESUME] = {INPUT(participant_resume), WRITES},
    [CV_STORE_PARTICIPANT_ADDRESS] = {INPUT(participant_address), WRITES},
    [CV_STORE_BLOCK_SAVE] = {INPUT(block_save), WRITES},
    [CV_STORE_BLOCK_LIST] = {INPUT(block_list)},
    [CV_STORE_MODE_ADD] = {INPUT(mode_add), WRITES},
    [CV_STORE_CONNECTION_ADD] = {INPUT(connection_add), WRITES},
    [CV_STORE_STATS_SAVE] = {INPUT(stats_save), WRITES},
    [CV_STORE_RECORD_LIST] = {INPUT(record_list)},
    [CV_STORE_RECORD_PURGE] = {INPUT(record_purge), ERASES},
    [CV_STORE_RECORD_TRIM] = {INPUT(record_trim), ERASES},
    [CV_STORE_EXPIRE] = {INPUT(expire), ERASES},
    [CV_STORE_IDEMPOTENCY_CLAIM] = {INPUT(idempotency_claim), WRITES},
};

const struct cv_op_shape *cv_op_shape(enum cv_store_op_kind kind) {
    bool known = kind > 0 && kind < CV_STORE_OP_KINDS && ops[kind].input.size;
    return known ? &ops[kind] : NULL;
}
