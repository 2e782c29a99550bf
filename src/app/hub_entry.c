/* SPDX-License-Identifier: Apache-2.0 */
/* Those who take part by WHIP and WHEP. */
#include "app/hub_private.h"

static struct hub_seat *find(struct cv_hub *hub, const struct cv_id *meeting,
                             const struct cv_id *participant) {
    struct hub_room *room = cv_map_get(&hub->rooms, cv_slice_str(meeting->text));
    struct hub_seat *seat = room && room->meeting ? hub_seat_find(room, participant) : NULL;
    return seat && seat->via != CV_VIA_CLIENT ? seat : NULL;
}

enum cv_err cv_hub_enter(struct cv_hub *hub, const struct cv_hub_entry *entry) {
    struct hub_room *room = hub_room_get(hub, &entry->meeting);
    struct hub_input *input = room ? hub_input_new(INPUT_ENTER, NULL) : NULL;
    if (!input) {
        return CV_ERR_MEMORY;
    }
    input->join = entry->join;
    memcpy(input->name, entry->join.name.data, entry->join.name.size);
    input->join.name = cv_slice_str(input->name);
    input->entered = entry->entered;
    input->entered_context = entry->context;
    cv_geo_find(hub->deps.geo, &entry->client, &input->place);
    cv_addr_format_host(&entry->client, input->address);
    hub_room_put(room, input);
    return CV_OK;
}

bool cv_hub_is_in(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  const struct cv_id *link, enum cv_via via) {
    const struct hub_seat *seat = find(hub, meeting, participant);
    const struct cv_participant *person =
        seat ? cv_meeting_find(seat->room->meeting, participant) : NULL;
    return person && seat->via == via && cv_id_eq(&person->record.link, link);
}

void cv_hub_offer(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  struct cv_slice session, struct cv_slice sdp, const struct cv_id *only,
                  cv_workers_answer_fn *answered, void *context) {
    struct hub_seat *seat = find(hub, meeting, participant);
    if (!seat) {
        answered(context, CV_ERR_CLOSED, "", (struct cv_slice){NULL, 0});
        return;
    }
    seat->relay.only = *only;
    hub_relay_offer(seat, session, sdp, answered, context);
}

const char *cv_hub_ice_session(struct cv_hub *hub, const struct cv_id *meeting,
                               const struct cv_id *participant) {
    const struct hub_seat *seat = find(hub, meeting, participant);
    return seat && seat->relay.ufrag[0] ? seat->relay.ufrag : NULL;
}

bool cv_hub_knows_sessions(const struct cv_hub *hub) {
    return cv_workers_are_ready(hub->deps.workers);
}

void cv_hub_restart(struct cv_hub *hub, const struct cv_id *meeting,
                    const struct cv_id *participant, struct cv_slice remote_ufrag,
                    cv_workers_answer_fn *answered, void *context) {
    struct hub_seat *seat = find(hub, meeting, participant);
    if (seat) {
        hub_relay_restart(seat, remote_ufrag, answered, context);
    } else {
        answered(context, CV_ERR_NOT_FOUND, "", (struct cv_slice){NULL, 0});
    }
}

void cv_hub_media(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  struct cv_media media) {
    struct hub_seat *seat = find(hub, meeting, participant);
    const struct cv_command command = {
        .type = CV_COMMAND_MEDIA, .by = *participant, .media = media};
    if (seat) {
        hub_command(seat->room, &command, NULL, NULL);
    }
}

void cv_hub_leave(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  cv_api_done_fn *left, void *context) {
    struct hub_seat *seat = find(hub, meeting, participant);
    const struct cv_command command = {.type = CV_COMMAND_LEAVE, .by = *participant};
    if (seat) {
        hub_command(seat->room, &command, left, context);
    } else if (left) {
        left(context, CV_ERR_NOT_FOUND);
    }
}
