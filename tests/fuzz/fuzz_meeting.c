/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A meeting given any commands at all, by and on anybody, at any pace: its invariants hold after
 * each, and a restart from what it saved finds it as it was.
 */
#include "meeting/meeting.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEOPLE = 64 };

struct input {
    const uint8_t *data;
    size_t size;
};

/* The rows of everyone who ever came; ids are p0, p1 … in that order. */
struct rows {
    struct cv_meeting_record meeting;
    struct cv_participant_record people[PEOPLE];
    size_t count;
};

static uint8_t take(struct input *input) {
    if (!input->size)
        return 0;
    input->size--;
    return *input->data++;
}

static struct cv_id id_of(char kind, unsigned number) {
    struct cv_id id = {{0}};
    snprintf(id.text, sizeof id.text, "%c%u", kind, number);
    return id;
}

static struct cv_command_join take_join(struct input *input, const struct rows *rows) {
    uint8_t link = take(input) % 16;
    struct cv_command_join join = {.participant = id_of('p', (unsigned)rows->count),
                                   .role = (enum cv_role)(link % CV_ROLE_COUNT),
                                   .shared = link >= 12,
                                   .name = cv_slice_str("Somebody")};
    if (link == 11)
        join.via = CV_VIA_WHIP;
    if (link == 3)
        join.account = id_of('u', 1);
    else
        join.link = id_of('l', link);
    return join;
}

static struct cv_command take_command(struct input *input, const struct rows *rows) {
    struct cv_command command = {.type = (enum cv_command_type)(take(input) % CV_COMMAND_COUNT)};
    uint8_t flags = take(input);
    struct cv_id target = id_of('p', take(input) % PEOPLE);
    command.by = id_of('p', take(input) % PEOPLE);
    switch (command.type) {
    case CV_COMMAND_JOIN:
        command.join = take_join(input, rows);
        break;
    case CV_COMMAND_MEDIA:
        command.media = (struct cv_media){flags & 1, flags & 2, flags & 4};
        break;
    case CV_COMMAND_HAND:
        command.raised = flags & 1;
        break;
    case CV_COMMAND_RENAME:
        command.name = cv_slice_of(input->data, input->size < 8 ? input->size : 8);
        break;
    case CV_COMMAND_MODE:
        command.relayed = flags & 1;
        break;
    case CV_COMMAND_PASS:
        if (flags & 1)
            command.pass.to = target;
        break;
    case CV_COMMAND_LOCK:
        command.locked = flags & 1;
        break;
    case CV_COMMAND_LOBBY:
        command.lobby = flags & 1;
        break;
    case CV_COMMAND_SIGNAL:
        command.signal.to = target;
        break;
    case CV_COMMAND_CONNECTION:
        command.connection.peer = target;
        break;
    case CV_COMMAND_STATS:
        command.stats.peer = target;
        break;
    case CV_COMMAND_ADMIT:
    case CV_COMMAND_DENY:
        command.target = target;
        break;
    case CV_COMMAND_MUTE:
        command.mute.target = target;
        break;
    case CV_COMMAND_REMOVE:
        command.remove.target = target;
        command.remove.block = flags & 1;
        break;
    case CV_COMMAND_ROLE:
        command.role.target = target;
        command.role.role = (enum cv_role)(flags % CV_ROLE_COUNT);
        break;
    case CV_COMMAND_END:
        if (flags & 1)
            command.by = (struct cv_id){{0}};
        break;
    case CV_COMMAND_UPDATE:
        command.update.title = cv_slice_str("Title");
        command.update.starts_at_us =
            rows->meeting.schedule.starts_at_us + (int8_t)flags * CV_US_PER_MIN;
        command.update.lobby = flags & 1;
        command.update.topology = flags & 2 ? CV_TOPOLOGY_MESH : CV_TOPOLOGY_AUTO;
        break;
    case CV_COMMAND_LINK_REVOKED:
        command.link = id_of('l', flags % 16);
        break;
    default:
        break;
    }
    return command;
}

static void save(struct rows *rows, const struct cv_effects *effects) {
    for (size_t i = 0; i < effects->count; i++) {
        const struct cv_effect *effect = &effects->items[i];
        if (effect->type == CV_EFFECT_SAVE_MEETING)
            rows->meeting = effect->meeting;
        if (effect->type != CV_EFFECT_SAVE_PARTICIPANT)
            continue;
        unsigned number = (unsigned)strtoul(effect->participant.id.text + 1, NULL, 10);
        rows->people[number] = effect->participant;
        if (number == rows->count)
            rows->count++;
    }
}

static void check_restart(const struct cv_meeting *meeting, const struct rows *rows,
                          const struct cv_meeting_rules *rules, int64_t now_us) {
    struct cv_meeting *restored = NULL;
    if (cv_meeting_restore(&rows->meeting, rules, now_us, rows->people, rows->count, NULL, 0,
                           &restored))
        abort();
    if (cv_meeting_violation(restored, now_us) ||
        cv_meeting_occupied(restored) != cv_meeting_occupied(meeting) ||
        cv_meeting_waiting(restored) != cv_meeting_waiting(meeting))
        abort();
    cv_meeting_free(restored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    const struct cv_meeting_rules rules = CV_MEETING_RULES_DEFAULT;
    int64_t now_us = INT64_C(1800000000) * CV_US_PER_S;
    uint8_t flags = take(&input);
    struct rows rows = {
        .meeting = {.id = {"m1"},
                    .schedule = {.kind = (enum cv_meeting_kind)(flags % CV_KIND_COUNT),
                                 .created_at_us = now_us,
                                 .starts_at_us = now_us},
                    .topology = flags & 16 ? CV_TOPOLOGY_AUTO : CV_TOPOLOGY_MESH,
                    .owned = flags & 4,
                    .lobby = flags & 8}};
    struct cv_meeting *meeting = cv_meeting_new(&rows.meeting, &rules);
    struct cv_effects effects = {0};
    while (input.size && rows.count < PEOPLE) {
        uint8_t pause = take(&input);
        now_us += pause < 192 ? pause : (pause - 192) * CV_US_PER_S;
        struct cv_command command = take_command(&input, &rows);
        cv_meeting_apply(meeting, now_us, &command, &effects);
        save(&rows, &effects);
        const char *violation = cv_meeting_violation(meeting, now_us);
        if (violation) {
            fprintf(stderr, "after %s: %s\n", cv_command_name(command.type), violation);
            abort();
        }
        check_restart(meeting, &rows, &rules, now_us);
    }
    cv_effects_release(&effects);
    cv_meeting_free(meeting);
    return 0;
}
