/* SPDX-License-Identifier: Apache-2.0 */
/* What a person does about itself and its connections. */
#include "base/utf8.h"
#include "meeting/meeting_private.h"

enum cv_err cv_do_media(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    struct cv_media old = actor->media, new = command->media;
    const bool sends[CV_PART_COUNT] = {new.audio, new.video, new.screen};
    uint32_t silenced = actor->record.silenced;
    for (unsigned i = 0; i < CV_PART_COUNT; i++)
        if (sends[i])
            silenced &= ~(UINT32_C(1) << i);
    if (silenced != actor->record.silenced) {
        actor->record.silenced = silenced;
        cv_save_participant(turn, actor);
    }
    actor->media = new;
    if (old.audio != new.audio || old.video != new.video || old.screen != new.screen)
        cv_tell_updated(turn, actor);
    return CV_OK;
}

enum cv_err cv_do_signal(const struct cv_turn *turn, struct cv_participant *actor,
                         const struct cv_command *command) {
    const struct cv_participant *to = cv_roster_find(turn->meeting, &command->signal.to);
    if (!to || !cv_is_in(to) || to == actor)
        return CV_ERR_NOT_FOUND;
    if (!cv_policy_may_target(CV_ACTION_SIGNAL, to->record.role))
        return CV_ERR_DENIED;
    struct cv_event event = {
        .type = CV_EVENT_SIGNAL, .subject = actor->record.id, .payload = command->signal.payload};
    cv_tell(turn, CV_AUDIENCE_ONE, &to->record.id, &event);
    return CV_OK;
}

enum cv_err cv_do_connection(const struct cv_turn *turn, struct cv_participant *actor,
                             const struct cv_command *command) {
    if (!cv_roster_knows(turn->meeting, &command->connection.peer))
        return CV_ERR_NOT_FOUND;
    if (actor->reports >= CV_MEETING_MAX_CONNECTION_REPORTS)
        return CV_ERR_FULL;
    actor->reports++;
    cv_effects_add(turn, CV_EFFECT_SAVE_CONNECTION)->connection =
        (struct cv_connection_record){.participant = actor->record.id,
                                      .peer = command->connection.peer,
                                      .state = command->connection.state,
                                      .path = command->connection.path,
                                      .at_us = turn->now_us};
    return CV_OK;
}

enum cv_err cv_do_stats(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    if (!cv_roster_knows(turn->meeting, &command->stats.peer))
        return CV_ERR_NOT_FOUND;
    cv_effects_add(turn, CV_EFFECT_SAVE_STATS)->stats =
        (struct cv_stats_record){.participant = actor->record.id,
                                 .peer = command->stats.peer,
                                 .audio = command->stats.audio,
                                 .video = command->stats.video,
                                 .at_us = turn->now_us};
    return CV_OK;
}

enum cv_err cv_do_hand(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    if (actor->record.hand == command->raised)
        return CV_OK;
    actor->record.hand = command->raised;
    cv_save_participant(turn, actor);
    cv_tell_updated(turn, actor);
    return CV_OK;
}

enum cv_err cv_do_rename(const struct cv_turn *turn, struct cv_participant *actor,
                         const struct cv_command *command) {
    if (command->name.size == 0 || cv_utf8_check_label(command->name, CV_NAME_CHARS))
        return CV_ERR_RANGE;
    if (cv_slice_eq_str(command->name, actor->record.name))
        return CV_OK;
    memset(actor->record.name, 0, sizeof actor->record.name);
    memcpy(actor->record.name, command->name.data, command->name.size);
    cv_save_participant(turn, actor);
    cv_tell_updated(turn, actor);
    return CV_OK;
}
