/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"

#include "check.h"

const char *sim_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    SIM_CHECK(text);
    return text;
}

void sim_picture_forget(struct sim_picture *picture) {
    json_decref(picture->facts);
    json_decref(picture->people);
    json_decref(picture->waiting);
    picture->facts = picture->people = picture->waiting = NULL;
    picture->knows = picture->waits = false;
}

static json_t *by_id(const json_t *list) {
    json_t *people = json_object();
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *person = json_array_get(list, i);
        SIM_CHECK(!json_object_get(people, sim_text(person, "id")));
        json_object_set(people, sim_text(person, "id"), person);
    }
    return people;
}

/* The facts without what is listed apart, and without what never changes while one is in. */
static json_t *facts_of(json_t *snapshot) {
    json_t *facts = json_copy(snapshot);
    static const char *const apart[] = {"type",    "seq", "ack",  "participants",
                                        "waiting", "id",  "kind", "started_at"};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        json_object_del(facts, apart[i]);
    return facts;
}

void sim_picture_show(struct sim_picture *picture, const json_t *message) {
    const json_t *you = json_object_get(message, "you");
    json_t *meeting = json_object_get(message, "meeting");
    sim_picture_forget(picture);
    picture->knows = true;
    SIM_CHECK(!cv_id_parse(cv_slice_str(sim_text(you, "id")), &picture->you));
    picture->waits = strcmp(sim_text(you, "presence"), "lobby") == 0;
    if (picture->waits) {
        SIM_CHECK(json_object_size(meeting) == 1 && json_object_get(meeting, "title"));
        return;
    }
    picture->facts = facts_of(meeting);
    picture->people = by_id(json_object_get(meeting, "participants"));
    if (json_object_get(meeting, "waiting"))
        picture->waiting = by_id(json_object_get(meeting, "waiting"));
    SIM_CHECK(json_object_get(picture->people, picture->you.text));
}

static bool moderates(const struct sim_picture *picture) {
    const char *role = sim_text(json_object_get(picture->people, picture->you.text), "role");
    return strcmp(role, "host") == 0 || strcmp(role, "moderator") == 0;
}

/* A new moderator is told who waits; one who no longer is one forgets them. */
static void see_role(struct sim_picture *picture) {
    if (moderates(picture) && !picture->waiting) {
        picture->waiting = json_object();
    } else if (!moderates(picture)) {
        json_decref(picture->waiting);
        picture->waiting = NULL;
    }
}

/* Who is in. False when it is about something else. */
static bool on_people_event(struct sim_picture *picture, const char *type, const char *id,
                            json_t *person) {
    if (strcmp(type, "joined") == 0) {
        SIM_CHECK(!json_object_get(picture->people, id));
        json_object_set(picture->people, id, person);
    } else if (strcmp(type, "updated") == 0) {
        SIM_CHECK(json_object_get(picture->people, id));
        json_object_set(picture->people, id, person);
        see_role(picture);
    } else if (strcmp(type, "left") == 0) {
        SIM_CHECK(json_object_del(picture->people, id) == 0);
    } else {
        return false;
    }
    return true;
}

/* Who waits: likewise. */
static bool on_lobby_event(struct sim_picture *picture, const char *type, const char *id,
                           json_t *person) {
    if (strcmp(type, "knock") == 0) {
        SIM_CHECK(picture->waiting && !json_object_get(picture->waiting, id));
        json_object_set(picture->waiting, id, person);
    } else if (strcmp(type, "knock_gone") == 0) {
        SIM_CHECK(picture->waiting && json_object_del(picture->waiting, id) == 0);
    } else {
        return false;
    }
    return true;
}

void sim_picture_event(struct sim_picture *picture, const char *type, json_t *message) {
    json_t *person = json_object_get(message, "participant");
    const char *id = json_string_value(json_object_get(person ? person : message, "id"));
    SIM_CHECK(!picture->waits || strcmp(type, "admitted") == 0 || strcmp(type, "closed") == 0 ||
              strcmp(type, "error") == 0);
    if (on_people_event(picture, type, id, person) || on_lobby_event(picture, type, id, person))
        return;
    if (strcmp(type, "admitted") == 0) {
        SIM_CHECK(picture->waits);
        sim_picture_show(picture, message);
    } else if (strcmp(type, "meeting") == 0) {
        json_decref(picture->facts);
        picture->facts = facts_of(message);
    } else if (strcmp(type, "signal") == 0 || strcmp(type, "passed") == 0) {
        /* Whoever sends media is listed. */
        SIM_CHECK(json_object_get(picture->people, sim_text(message, "from")));
        picture->signals++;
    } else if (strcmp(type, "error") == 0) {
        SIM_CHECK(strcmp(sim_text(message, "code"), "bad-message") != 0);
        SIM_CHECK(strcmp(sim_text(message, "code"), "internal") != 0);
    } else {
        SIM_CHECK(strcmp(type, "closed") == 0 || strcmp(type, "muted") == 0);
    }
}

void sim_picture_compare(const struct sim_picture *a, const struct sim_picture *b) {
    SIM_CHECK(a->waits == b->waits);
    if (a->waits)
        return;
    SIM_CHECK(json_equal(a->facts, b->facts));
    SIM_CHECK(json_equal(a->people, b->people));
    SIM_CHECK(!a->waiting == !b->waiting);
    SIM_CHECK(!a->waiting || json_equal(a->waiting, b->waiting));
}
