/* SPDX-License-Identifier: Apache-2.0 */
/* The statements. Parameters and columns are named after the fields of port/store.h. */
#include "store/sqlite_ops.h"

#define RUN(text)                                                                                  \
    { .kind = CV_STEP_RUN, .sql = text }
#define CHANGE(error, text)                                                                        \
    { .kind = CV_STEP_CHANGE, .err = error, .sql = text }
#define ABSENT(error, text)                                                                        \
    { .kind = CV_STEP_ABSENT, .err = error, .sql = text }
#define PRESENT(error, text)                                                                       \
    { .kind = CV_STEP_PRESENT, .err = error, .sql = text }
#define READ(shape, text)                                                                          \
    { .kind = CV_STEP_READ, .err = CV_ERR_NOT_FOUND, .row = &shape, .sql = text }
#define CLAIM(shape, text)                                                                         \
    { .kind = CV_STEP_CLAIM, .err = CV_ERR_EXISTS, .row = &shape, .sql = text }
#define COUNT(text)                                                                                \
    { .kind = CV_STEP_COUNT, .sql = text }
#define ROWS(shape, params, text)                                                                  \
    { .kind = CV_STEP_ROWS, .row = &shape, .extra = params, .sql = text }

#define USER_COLUMNS "id, name, email, role, password_hash, created_at_us"

/* `p` stands before each name, so that two structs can be read from one row. */
#define MEETING_COLUMNS(p)                                                                         \
    "m.id AS " p "id, m.owner AS " p "owner, u.name AS " p "owner_name, m.kind AS " p "kind,"      \
    " m.title AS " p "title, m.created_at_us AS " p "created_at_us,"                               \
    " m.starts_at_us AS " p "starts_at_us, m.duration_us AS " p "duration_us,"                     \
    " m.time_zone AS " p "time_zone, m.closes_at_us AS " p "closes_at_us,"                         \
    " m.ended_at_us AS " p "ended_at_us, m.topology AS " p "topology, m.lobby AS " p "lobby,"      \
    " m.locked AS " p "locked, m.mode AS " p "mode, m.relay_asked AS " p "relay_asked,"            \
    " m.owner IS NOT NULL AS " p "owned, m.session AS " p "session,"                               \
    " CASE WHEN m.session > 0 THEN coalesce(c.started_at_us, m.created_at_us) END"                 \
    " AS " p "session_started_at_us,"                                                              \
    " CASE WHEN m.session > 0 AND c.session IS NULL THEN m.created_at_us ELSE c.ended_at_us END"   \
    " AS " p "session_ended_at_us"
#define MEETING_TABLES                                                                             \
    " meetings m LEFT JOIN users u ON u.id = m.owner"                                              \
    " LEFT JOIN calls c ON c.meeting = m.id AND c.session = m.session "
#define MEETING_ORDER "coalesce(m.starts_at_us, m.created_at_us)"
#define MEETING_OVER "(m.ended_at_us IS NOT NULL OR m.closes_at_us <= :now_us)"
#define MEETING_PAGE(kind, over, compare, direction)                                               \
    ROWS(cv_shape_meeting, &cv_shape_page,                                                         \
         "SELECT " MEETING_COLUMNS("") " FROM" MEETING_TABLES                                      \
                                       "WHERE m.owner = :owner AND " kind over                     \
                                       " AND (" MEETING_ORDER ", m.id) " compare " (:at_us, :id)"  \
                                       " ORDER BY " MEETING_ORDER " " direction                    \
                                       ", m.id " direction " LIMIT :most")

#define LINK_COLUMNS                                                                               \
    "id, meeting, role, label, shared, created_at_us, revoked_at_us, used_at_us,"                  \
    " via, expires_at_us"

#define PARTICIPANT_COLUMNS                                                                        \
    "id, link, account, shared, hide_address, own_role, role, session, came_at_us, joined_at_us,"  \
    " left_at_us, gone, name, via, hand, silenced, until_us, address, country, network"
#define NEVER_IN "(:left_at_us IS NOT NULL AND :joined_at_us IS NULL)"

#define RECORD_PAGE(of_meeting)                                                                    \
    ROWS(cv_shape_record, &cv_shape_page,                                                          \
         "SELECT c.meeting, c.session, m.title, c.started_at_us, c.ended_at_us"                    \
         " FROM calls c JOIN meetings m ON m.id = c.meeting"                                       \
         " WHERE " of_meeting " AND (:owner IS NULL OR m.owner = :owner)"                          \
         " AND (:from_us IS NULL OR c.started_at_us >= :from_us)"                                  \
         " AND (:until_us IS NULL OR c.started_at_us < :until_us)"                                 \
         " AND (c.started_at_us, c.meeting, c.session) < (:at_us, :id, :number)"                   \
         " ORDER BY c.started_at_us DESC, c.meeting DESC, c.session DESC LIMIT :most")

#define SETUP_TOKEN_GOOD                                                                           \
    PRESENT(CV_ERR_NOT_FOUND, "SELECT 1 FROM setup_token WHERE token_hash = :token_hash"           \
                              " AND (expires_at_us IS NULL OR expires_at_us > :now_us)")
#define NO_ADMIN ABSENT(CV_ERR_STATE, "SELECT 1 FROM users WHERE role = 'admin'")
#define INSERT_USER                                                                                \
    RUN("INSERT INTO users (" USER_COLUMNS ", email_key)"                                          \
        " VALUES (:user_id, :name, :email, :role, :password_hash, :user_created_at_us,"            \
        " lower(:email))")

const struct cv_sql_op cv_sql_ops[CV_STORE_OP_KINDS] = {
    [CV_STORE_USER_CREATE] = {.steps = {INSERT_USER}},
    [CV_STORE_USER_BY_EMAIL] = {.steps = {READ(cv_shape_user,
                                               "SELECT " USER_COLUMNS
                                               " FROM users WHERE email_key = lower(:email)")}},
    [CV_STORE_USER_LIST] = {.steps = {ROWS(cv_shape_user, &cv_shape_page,
                                           "SELECT " USER_COLUMNS
                                           " FROM users WHERE email_key > coalesce(:id, '')"
                                           " ORDER BY email_key LIMIT :most")},
                            .run = cv_run_user_list},
    [CV_STORE_USER_COUNT] = {.steps = {READ(cv_shape_user_count,
                                            "SELECT count(*) AS admins FROM users"
                                            " WHERE role = 'admin'")}},
    [CV_STORE_USER_SET_PASSWORD] =
        {.steps = {CHANGE(CV_ERR_NOT_FOUND,
                          "UPDATE users SET password_hash = :password_hash WHERE id = :id")}},
    [CV_STORE_USER_DELETE] =
        {.steps = {ABSENT(CV_ERR_STATE,
                          "SELECT 1 FROM users WHERE id = :id AND role = 'admin' AND NOT EXISTS"
                          " (SELECT 1 FROM users WHERE role = 'admin' AND id <> :id)"),
                   RUN("UPDATE participants SET name = NULL WHERE account = :id"),
                   CHANGE(CV_ERR_NOT_FOUND, "DELETE FROM users WHERE id = :id")}},

    [CV_STORE_SETUP_PUT] =
        {.steps = {NO_ADMIN, RUN("INSERT OR REPLACE INTO setup_token"
                                 " (slot, token_hash, created_at_us, expires_at_us)"
                                 " VALUES (1, :token_hash, :created_at_us, :expires_at_us)")}},
    [CV_STORE_SETUP_CHECK] = {.steps = {SETUP_TOKEN_GOOD}},
    [CV_STORE_SETUP_FINISH] = {.steps = {SETUP_TOKEN_GOOD, NO_ADMIN, RUN("DELETE FROM setup_token"),
                                         INSERT_USER}},

    [CV_STORE_SESSION_CREATE] =
        {.steps = {RUN(
             "INSERT INTO sessions (token_hash, user, created_at_us, expires_at_us, seen_at_us)"
             " VALUES (:token_hash, :user, :created_at_us, :expires_at_us, :seen_at_us)")}},
    [CV_STORE_SESSION_FIND] =
        {.steps = {READ(
             cv_shape_found_session,
             "SELECT s.token_hash AS session_token_hash, s.user AS session_user,"
             " s.created_at_us AS session_created_at_us, s.expires_at_us AS session_expires_at_us,"
             " s.seen_at_us AS session_seen_at_us, u.id AS user_id, u.name AS user_name,"
             " u.email AS user_email, u.role AS user_role, u.password_hash AS user_password_hash,"
             " u.created_at_us AS user_created_at_us"
             " FROM sessions s JOIN users u ON u.id = s.user"
             " WHERE s.token_hash = :token_hash AND s.expires_at_us > :now_us")}},
    [CV_STORE_SESSION_TOUCH] = {.steps = {RUN("UPDATE sessions SET seen_at_us = :seen_at_us"
                                              " WHERE token_hash = :token_hash"
                                              " AND seen_at_us IS NOT :seen_at_us")}},
    [CV_STORE_SESSION_DELETE] = {.steps = {RUN(
                                     "DELETE FROM sessions WHERE token_hash = :token_hash")}},
    [CV_STORE_SESSION_DELETE_ALL] = {.steps = {COUNT("DELETE FROM sessions WHERE user = :user"
                                                     " AND token_hash IS NOT :except_hash")}},

    [CV_STORE_MEETING_CREATE] =
        {.steps = {RUN(
             "INSERT INTO meetings (id, owner, kind, title, created_at_us, starts_at_us,"
             " duration_us, time_zone, closes_at_us, ended_at_us, topology, lobby, locked, mode,"
             " relay_asked)"
             " VALUES (:id, :owner, :kind, :title, :created_at_us, :starts_at_us, :duration_us,"
             " :time_zone, :closes_at_us, :ended_at_us, :topology, :lobby, :locked, :mode,"
             " :relay_asked)")}},
    [CV_STORE_MEETING_GET] = {.steps = {READ(cv_shape_meeting,
                                             "SELECT " MEETING_COLUMNS("") " FROM" MEETING_TABLES
                                                                           "WHERE m.id = :id")}},
    [CV_STORE_MEETING_SAVE] =
        {.steps =
             {CHANGE(CV_ERR_NOT_FOUND,
                     "UPDATE meetings SET title = :title, starts_at_us = :starts_at_us,"
                     " duration_us = :duration_us, closes_at_us = :closes_at_us,"
                     " ended_at_us = :ended_at_us, topology = :topology, lobby = :lobby,"
                     " locked = :locked, mode = :mode, relay_asked = :relay_asked WHERE id = :id"),
              RUN("INSERT INTO calls (meeting, session, started_at_us, ended_at_us)"
                  " SELECT id, :session, :session_started_at_us, :session_ended_at_us FROM meetings"
                  " WHERE id = :id AND session < :session AND :session_started_at_us IS NOT NULL"),
              RUN("UPDATE calls SET ended_at_us = :session_ended_at_us"
                  " WHERE meeting = :id AND session = :session AND ended_at_us IS NULL"
                  " AND :session_ended_at_us IS NOT NULL"),
              RUN("DELETE FROM blocks WHERE meeting = :id AND participant <> ''"
                  " AND (session < :session"
                  " OR (session = :session AND :session_ended_at_us IS NOT NULL))"),
              RUN("UPDATE meetings SET session = :session WHERE id = :id AND session < :session")}},
    [CV_STORE_MEETING_SET_TIME_ZONE] =
        {.steps = {CHANGE(CV_ERR_NOT_FOUND,
                          "UPDATE meetings SET time_zone = :time_zone WHERE id = :id")}},
    [CV_STORE_MEETING_LIST] =
        {.steps = {[CV_STORE_WHEN_UPCOMING] = MEETING_PAGE(
                       "m.kind <> 'room'", " AND NOT coalesce(" MEETING_OVER ", 0)", ">", "ASC"),
                   [CV_STORE_WHEN_PAST] =
                       MEETING_PAGE("m.kind <> 'room'", " AND " MEETING_OVER, "<", "DESC"),
                   [CV_STORE_WHEN_ROOMS] = MEETING_PAGE("m.kind = 'room'", "", "<", "DESC")},
         .run = cv_run_meeting_list},
    [CV_STORE_MEETING_DELETE] = {.steps = {CHANGE(CV_ERR_NOT_FOUND,
                                                  "DELETE FROM meetings WHERE id = :id")}},
    [CV_STORE_MEETING_PURGE] =
        {.steps = {COUNT("DELETE FROM meetings AS m WHERE m.kind = 'instant' AND " MEETING_OVER
                         " AND (m.session = 0 OR m.owner IS NULL)"
                         " AND NOT EXISTS (SELECT 1 FROM calls WHERE meeting = m.id)"
                         " AND NOT EXISTS (SELECT 1 FROM participants"
                         " WHERE meeting = m.id AND left_at_us IS NULL)")}},
    [CV_STORE_MEETING_LOAD] =
        {.steps = {ROWS(cv_shape_meeting, NULL,
                        "SELECT " MEETING_COLUMNS(
                            "") " FROM" MEETING_TABLES "WHERE m.id IN (SELECT meeting FROM "
                                "participants WHERE left_at_us IS NULL"
                                " UNION SELECT meeting FROM calls WHERE ended_at_us IS NULL) ORDER "
                                "BY m.id"),
                   ROWS(cv_shape_stay, &cv_shape_live,
                        "SELECT " PARTICIPANT_COLUMNS
                        ", resume_hash, resume_old_hash FROM participants"
                        " WHERE meeting = :id AND left_at_us IS NULL ORDER BY came_at_us, id"),
                   ROWS(cv_shape_block, &cv_shape_live,
                        "SELECT link, participant, session, at_us FROM blocks WHERE meeting = :id"
                        " ORDER BY at_us, link, participant")},
         .run = cv_run_meeting_load},

    [CV_STORE_LINK_CREATE] =
        {.steps =
             {PRESENT(CV_ERR_NOT_FOUND, "SELECT 1 FROM meetings WHERE id = :meeting"),
              ABSENT(CV_ERR_FULL,
                     "SELECT 1 FROM links WHERE meeting = :meeting LIMIT 1 OFFSET 999"),
              RUN("INSERT INTO links (" LINK_COLUMNS ", secret_hash)"
                  " VALUES (:id, :meeting, :role, :label, :shared, :created_at_us, :revoked_at_us,"
                  " :used_at_us, :via, :expires_at_us, :secret_hash)")}},
    [CV_STORE_LINK_RESOLVE] =
        {.steps = {READ(cv_shape_found_link,
                        "SELECT l.id AS link_id, l.meeting AS link_meeting, l.role AS link_role,"
                        " l.label AS link_label, l.shared AS link_shared,"
                        " l.created_at_us AS link_created_at_us, l.used_at_us AS "
                        "link_used_at_us, l.via AS link_via, l.expires_at_us AS "
                        "link_expires_at_us, " MEETING_COLUMNS(
                            "meeting_") " FROM links l JOIN" MEETING_TABLES
                                        "WHERE m.id = l.meeting AND l.secret_hash = :secret_hash"
                                        " AND l.revoked_at_us IS NULL")}},
    [CV_STORE_LINK_LIST] = {.steps = {ROWS(cv_shape_link, NULL,
                                           "SELECT " LINK_COLUMNS
                                           " FROM links WHERE meeting = :meeting"
                                           " ORDER BY created_at_us, id")},
                            .run = cv_run_link_list},
    [CV_STORE_LINK_REVOKE] =
        {.steps = {CHANGE(CV_ERR_NOT_FOUND,
                          "UPDATE links SET revoked_at_us = coalesce(revoked_at_us, :revoked_at_us)"
                          " WHERE id = :id AND meeting = :meeting")}},
    [CV_STORE_LINK_TOUCH] = {.steps = {RUN("UPDATE links SET used_at_us = :used_at_us"
                                           " WHERE id = :id AND used_at_us IS NOT :used_at_us")}},

    [CV_STORE_PARTICIPANT_SAVE] =
        {.steps =
             {RUN("DELETE FROM participants WHERE id = :id AND " NEVER_IN),
              RUN("INSERT INTO participants (id, meeting, session, link, account, shared,"
                  " hide_address, own_role, role, name, came_at_us, joined_at_us, left_at_us, gone,"
                  " via, hand, silenced, until_us)"
                  " SELECT :id, :meeting, nullif(:session, 0), :link, :account, :shared,"
                  " :hide_address, :own_role, :role, :name, :came_at_us, :joined_at_us, "
                  ":left_at_us,"
                  " :gone, :via, :hand, :silenced, :until_us WHERE NOT " NEVER_IN
                  " ON CONFLICT (id) DO UPDATE SET session = "
                  "excluded.session, link = excluded.link,"
                  " account = excluded.account, shared = excluded.shared,"
                  " hide_address = excluded.hide_address, own_role = excluded.own_role,"
                  " role = excluded.role, name = excluded.name, came_at_us = excluded.came_at_us,"
                  " joined_at_us = excluded.joined_at_us, left_at_us = excluded.left_at_us,"
                  " gone = excluded.gone, via = excluded.via, hand = excluded.hand,"
                  " silenced = excluded.silenced, until_us = excluded.until_us"),
              RUN("UPDATE participants SET resume_hash = NULL, resume_old_hash = NULL"
                  " WHERE id = :id AND left_at_us IS NOT NULL")}},
    [CV_STORE_PARTICIPANT_RESUME] =
        {.steps = {CHANGE(CV_ERR_NOT_FOUND, "UPDATE participants SET resume_hash = :resume_hash, "
                                            "resume_old_hash = :resume_old_hash"
                                            " WHERE id = :id AND left_at_us IS NULL")}},
    [CV_STORE_PARTICIPANT_ADDRESS] =
        {.steps = {CHANGE(CV_ERR_NOT_FOUND,
                          "UPDATE participants SET address = :address, country = :country,"
                          " network = :network WHERE id = :id")}},
    [CV_STORE_BLOCK_SAVE] =
        {.steps = {RUN(
             "INSERT INTO blocks (meeting, link, participant, session, at_us)"
             " VALUES (:meeting, coalesce(:link, ''), coalesce(:participant, ''), :session,"
             " :at_us)"
             " ON CONFLICT (meeting, link, participant) DO UPDATE SET session = excluded.session,"
             " at_us = excluded.at_us")}},
    [CV_STORE_BLOCK_LIST] = {.steps = {ROWS(
                                 cv_shape_block, NULL,
                                 "SELECT link, participant, session, at_us FROM blocks"
                                 " WHERE meeting = :meeting ORDER BY at_us, link, participant")},
                             .run = cv_run_block_list},
    [CV_STORE_MODE_ADD] =
        {.steps = {RUN("INSERT INTO modes (meeting, session, mode, at_us)"
                       " VALUES (:meeting, :session, :mode, :at_us)"),
                   RUN("DELETE FROM modes WHERE meeting = :meeting AND session = :session AND id <="
                       " (SELECT id FROM modes WHERE meeting = :meeting AND session = :session"
                       " ORDER BY id DESC LIMIT 1 OFFSET 500)")}},
    [CV_STORE_CONNECTION_ADD] =
        {.steps =
             {RUN("INSERT INTO connections (participant, peer, state, path, at_us)"
                  " VALUES (:participant, :peer, :state, :path, :at_us)"),
              RUN("DELETE FROM connections WHERE participant = :participant AND id <= (SELECT id"
                  " FROM connections WHERE participant = :participant ORDER BY id DESC"
                  " LIMIT 1 OFFSET 500)")}},
    [CV_STORE_STATS_SAVE] =
        {.steps = {RUN(
             "INSERT OR REPLACE INTO statistics (participant, peer, at_us, audio_packets_sent,"
             " audio_packets_received, audio_packets_lost, audio_bytes_sent,"
             " audio_bytes_received, audio_jitter_ms, audio_rtt_ms, video_packets_sent,"
             " video_packets_received, video_packets_lost, video_bytes_sent,"
             " video_bytes_received, video_jitter_ms, video_rtt_ms)"
             " VALUES (:participant, :peer, :at_us, :audio_packets_sent,"
             " :audio_packets_received, :audio_packets_lost, :audio_bytes_sent,"
             " :audio_bytes_received, :audio_jitter_ms, :audio_rtt_ms, :video_packets_sent,"
             " :video_packets_received, :video_packets_lost, :video_bytes_sent,"
             " :video_bytes_received, :video_jitter_ms, :video_rtt_ms)")}},
    [CV_STORE_RECORD_LIST] =
        {.steps = {RECORD_PAGE("c.meeting = :meeting"), RECORD_PAGE(":meeting IS NULL"),
                   ROWS(cv_shape_stay, &cv_shape_record,
                        "SELECT " PARTICIPANT_COLUMNS " FROM participants"
                        " WHERE meeting = :meeting AND session = :session ORDER BY came_at_us, id"),
                   ROWS(cv_shape_connection, &cv_shape_record,
                        "SELECT x.participant, x.peer, x.state, x.path, x.at_us"
                        " FROM participants p JOIN connections x ON x.participant = p.id"
                        " WHERE p.meeting = :meeting AND p.session = :session ORDER BY x.id"),
                   ROWS(cv_shape_stats, &cv_shape_record,
                        "SELECT s.* FROM participants p JOIN statistics s ON s.participant = p.id"
                        " WHERE p.meeting = :meeting AND p.session = :session"
                        " ORDER BY s.participant, s.peer"),
                   ROWS(cv_shape_mode, &cv_shape_record,
                        "SELECT session, mode, at_us FROM modes WHERE meeting = :meeting"
                        " AND session = :session ORDER BY id")},
         .run = cv_run_record_list},

    [CV_STORE_RECORD_PURGE] =
        {.steps = {COUNT("DELETE FROM calls WHERE ended_at_us < :before_us"),
                   COUNT("DELETE FROM participants WHERE left_at_us < :before_us")}},
    [CV_STORE_RECORD_TRIM] =
        {.steps = {COUNT(
             "DELETE FROM calls WHERE (meeting, session) IN (SELECT meeting, session FROM calls"
             " WHERE ended_at_us IS NOT NULL ORDER BY ended_at_us, meeting, session LIMIT "
             ":count)")}},
    [CV_STORE_EXPIRE] =
        {.steps = {COUNT("DELETE FROM sessions WHERE expires_at_us <= :now_us"),
                   COUNT("DELETE FROM setup_token WHERE expires_at_us <= :now_us"),
                   COUNT("DELETE FROM idempotency_keys WHERE expires_at_us <= :now_us")}},

    [CV_STORE_IDEMPOTENCY_CLAIM] =
        {.steps =
             {CLAIM(cv_shape_idempotency,
                    "SELECT request_hash, answer FROM idempotency_keys"
                    " WHERE owner = coalesce(:owner, '') AND key_hash = :key_hash"
                    " AND expires_at_us > :created_at_us"),
              RUN("INSERT OR REPLACE INTO idempotency_keys"
                  " (owner, key_hash, request_hash, meeting, answer, created_at_us, expires_at_us)"
                  " VALUES (coalesce(:owner, ''), :key_hash, :request_hash, :meeting, :answer,"
                  " :created_at_us, :expires_at_us)")}},
};

_Static_assert(CV_STORE_LINKS_MAX == 1000 && CV_STORE_CONNECTIONS_MAX == 500 &&
                   CV_STORE_MODES_MAX == 500,
               "the offsets in the statements above follow these");
