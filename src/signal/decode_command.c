/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, a reader each. */
#include "signal/decode_private.h"

/* Amounts of packets and bytes, and of milliseconds: more is nonsense. */
static const double MAX_COUNT = 9007199254740992.0, MAX_MS = 3600000.0;

static void read_media(struct cv_fields *fields, struct cv_command *command) {
    command->media.audio = cv_fields_bool(fields, "audio");
    command->media.video = cv_fields_bool(fields, "video");
    command->media.screen = cv_fields_bool(fields, "screen");
}

static void read_connection(struct cv_fields *fields, struct cv_command *command) {
    command->connection.peer = cv_fields_id(fields, "peer");
    if (cv_connection_state_parse(cv_fields_word(fields, "state", CV_SIGNAL_MAX_FIELD_BYTES),
                                  &command->connection.state))
        cv_fields_fail(fields, "state", "unknown");
    if (cv_fields_has(fields, "path") &&
        cv_connection_path_parse(cv_fields_word(fields, "path", CV_SIGNAL_MAX_FIELD_BYTES),
                                 &command->connection.path))
        cv_fields_fail(fields, "path", "unknown");
    if (command->connection.path > CV_PATH_RELAY) /* only the server itself knows of those */
        cv_fields_fail(fields, "path", "unknown");
}

static int64_t read_count(struct cv_fields *fields, const char *name) {
    return (int64_t)cv_fields_amount(fields, name, MAX_COUNT);
}

static struct cv_media_stats read_media_stats(struct cv_fields *fields, const char *name) {
    if (!cv_fields_has(fields, name))
        return (struct cv_media_stats){0};
    struct cv_fields media = cv_fields_object(fields, name);
    return (struct cv_media_stats){
        .packets_sent = read_count(&media, "packets_sent"),
        .packets_received = read_count(&media, "packets_received"),
        .packets_lost = read_count(&media, "packets_lost"),
        .bytes_sent = read_count(&media, "bytes_sent"),
        .bytes_received = read_count(&media, "bytes_received"),
        .jitter_ms = cv_fields_amount(&media, "jitter_ms", MAX_MS),
        .rtt_ms = cv_fields_amount(&media, "rtt_ms", MAX_MS),
    };
}

static void read_stats(struct cv_fields *fields, struct cv_command *command) {
    command->stats.peer = cv_fields_id(fields, "peer");
    command->stats.audio = read_media_stats(fields, "audio");
    command->stats.video = read_media_stats(fields, "video");
}

static void read_hand(struct cv_fields *fields, struct cv_command *command) {
    command->raised = cv_fields_bool(fields, "raised");
}

static void read_rename(struct cv_fields *fields, struct cv_command *command) {
    command->name = cv_fields_name(fields, "name");
}

static void read_nothing(struct cv_fields *fields, struct cv_command *command) {
}

static void read_target(struct cv_fields *fields, struct cv_command *command) {
    command->target = cv_fields_id(fields, "participant");
}

static void read_admit(struct cv_fields *fields, struct cv_command *command) {
    struct cv_id target = cv_fields_id(fields, "participant");
    if (strcmp(target.text, "all") == 0)
        command->type = CV_COMMAND_ADMIT_ALL;
    else
        command->target = target;
}

static void read_lock(struct cv_fields *fields, struct cv_command *command) {
    command->locked = cv_fields_bool(fields, "locked");
}

static void read_lobby(struct cv_fields *fields, struct cv_command *command) {
    command->lobby = cv_fields_bool(fields, "enabled");
}

static void read_mute(struct cv_fields *fields, struct cv_command *command) {
    command->mute.target = cv_fields_id(fields, "participant");
    if (cv_media_part_parse(cv_fields_word(fields, "kind", CV_SIGNAL_MAX_FIELD_BYTES),
                            &command->mute.kind))
        cv_fields_fail(fields, "kind", "unknown");
}

static void read_remove(struct cv_fields *fields, struct cv_command *command) {
    command->remove.target = cv_fields_id(fields, "participant");
    if (cv_fields_has(fields, "block"))
        command->remove.block = cv_fields_bool(fields, "block");
}

static void read_role(struct cv_fields *fields, struct cv_command *command) {
    command->role.target = cv_fields_id(fields, "participant");
    if (cv_role_parse(cv_fields_word(fields, "role", CV_SIGNAL_MAX_FIELD_BYTES),
                      &command->role.role))
        cv_fields_fail(fields, "role", "unknown");
}

static void read_mode(struct cv_fields *fields, struct cv_command *command) {
    command->relayed = cv_fields_bool(fields, "relayed");
}

json_t *cv_signal_copy_string(struct cv_slice text) {
    return json_stringn((const char *)text.data, text.size);
}

enum cv_err cv_signal_set_payload(struct cv_signal_message *message, json_t *object,
                                  struct cv_slice *ret_payload) {
    message->payload = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!message->payload)
        return CV_ERR_MEMORY;
    *ret_payload = cv_slice_str(message->payload);
    return CV_OK;
}

/* A member that may be left out or null; null then. */
static json_t *copy_field(struct cv_fields *fields, const char *name) {
    if (!cv_fields_has(fields, name))
        return json_null();
    return cv_signal_copy_string(cv_fields_string(fields, name, 0, CV_SIGNAL_MAX_FIELD_BYTES));
}

static json_t *copy_description(struct cv_fields *fields) {
    struct cv_fields description = cv_fields_object(fields, "description");
    struct cv_slice type = cv_fields_word(&description, "type", CV_SIGNAL_MAX_FIELD_BYTES);
    struct cv_slice sdp = cv_fields_string(&description, "sdp", 1, CV_SIGNAL_MAX_SDP_BYTES);
    if (!cv_slice_eq_str(type, "offer") && !cv_slice_eq_str(type, "answer"))
        cv_fields_fail(fields, "description.type", "unknown");
    if (!cv_fields_ok(fields))
        return NULL;
    return json_pack("{s:o,s:o}", "type", cv_signal_copy_string(type), "sdp",
                     cv_signal_copy_string(sdp));
}

static json_t *copy_candidate(struct cv_fields *fields) {
    if (!cv_fields_has(fields, "candidate"))
        return json_null();
    struct cv_fields candidate = cv_fields_object(fields, "candidate");
    struct cv_slice text =
        cv_fields_string(&candidate, "candidate", 0, CV_SIGNAL_MAX_CANDIDATE_BYTES);
    json_t *line = cv_fields_has(&candidate, "sdpMLineIndex")
                       ? json_integer(cv_fields_integer(&candidate, "sdpMLineIndex", 0, UINT16_MAX))
                       : json_null();
    return json_pack("{s:o,s:o,s:o,s:o}", "candidate", cv_signal_copy_string(text), "sdpMid",
                     copy_field(&candidate, "sdpMid"), "sdpMLineIndex", line, "usernameFragment",
                     copy_field(&candidate, "usernameFragment"));
}

static enum cv_err read_signal(struct cv_fields *fields, struct cv_signal_message *message) {
    message->command.signal.to = cv_fields_id(fields, "to");
    struct cv_slice session = cv_fields_word(fields, "session", CV_SIGNAL_MAX_SESSION_CHARS);
    bool description = json_object_get(fields->object, "description") != NULL;
    bool candidate = json_object_get(fields->object, "candidate") != NULL;
    if (description == candidate)
        cv_fields_fail(fields, "description, candidate", "exactly one is needed");
    if (!cv_fields_ok(fields))
        return CV_OK;
    json_t *body = description ? copy_description(fields) : copy_candidate(fields);
    if (!cv_fields_ok(fields)) {
        json_decref(body);
        return CV_OK;
    }
    json_t *payload = json_pack("{s:o,s:o}", "session", cv_signal_copy_string(session),
                                description ? "description" : "candidate", body);
    return cv_signal_set_payload(message, payload, &message->command.signal.payload);
}

static const struct {
    enum cv_command_type type;
    void (*read)(struct cv_fields *fields, struct cv_command *command);
    enum cv_err (*read_message)(struct cv_fields *fields, struct cv_signal_message *message);
} readers[] = {
    {CV_COMMAND_MEDIA, read_media, NULL},
    {CV_COMMAND_SIGNAL, NULL, read_signal},
    {CV_COMMAND_CONNECTION, read_connection, NULL},
    {CV_COMMAND_STATS, read_stats, NULL},
    {CV_COMMAND_HAND, read_hand, NULL},
    {CV_COMMAND_RELAY, NULL, cv_signal_read_relay},
    {CV_COMMAND_WANT, NULL, cv_signal_read_want},
    {CV_COMMAND_PASS, NULL, cv_signal_read_pass},
    {CV_COMMAND_RENAME, read_rename, NULL},
    {CV_COMMAND_LEAVE, read_nothing, NULL},
    {CV_COMMAND_ADMIT, read_admit, NULL},
    {CV_COMMAND_DENY, read_target, NULL},
    {CV_COMMAND_LOCK, read_lock, NULL},
    {CV_COMMAND_LOBBY, read_lobby, NULL},
    {CV_COMMAND_MUTE, read_mute, NULL},
    {CV_COMMAND_REMOVE, read_remove, NULL},
    {CV_COMMAND_ROLE, read_role, NULL},
    {CV_COMMAND_MODE, read_mode, NULL},
    {CV_COMMAND_END, read_nothing, NULL},
};

enum cv_err cv_signal_decode_command(struct cv_fields *fields, struct cv_slice type,
                                     struct cv_signal_message *message) {
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!cv_slice_eq_str(type, cv_command_name(readers[i].type)))
            continue;
        message->command.type = readers[i].type;
        if (readers[i].read_message)
            return readers[i].read_message(fields, message);
        readers[i].read(fields, &message->command);
        return CV_OK;
    }
    cv_fields_fail(fields, "type", "unknown");
    return CV_OK;
}
