/* SPDX-License-Identifier: Apache-2.0 */
#include "media/ice.h"

#include "base/encode.h"

#include <assert.h>

static void check_invariants(const struct cv_ice *ice) {
    assert(ice->path_count <= CV_ICE_MAX_PATHS);
    assert(ice->state != CV_ICE_CONNECTED || ice->selected < ice->path_count);
}

static void set_state(struct cv_ice *ice, enum cv_ice_state state, int64_t expires_at_us) {
    ice->state = state;
    ice->expires_at_us = expires_at_us;
    check_invariants(ice);
}

/* ice-char (RFC 8839 section 5.4) is the alphabet of base64. */
void cv_ice_make_credentials(struct cv_random random, struct cv_ice_credentials *credentials) {
    uint8_t bytes[CV_ICE_PASSWORD_CHARS * 3 / 4];
    cv_random_fill(random, bytes, CV_ICE_UFRAG_CHARS * 3 / 4);
    cv_base64_encode(bytes, CV_ICE_UFRAG_CHARS * 3 / 4, credentials->ufrag);
    cv_random_fill(random, bytes, sizeof bytes);
    cv_base64_encode(bytes, sizeof bytes, credentials->password);
    cv_wipe(bytes, sizeof bytes);
}

static bool is_ice_char(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static enum cv_err set_remote_ufrag(struct cv_ice *ice, struct cv_slice ufrag) {
    if (ufrag.size < CV_ICE_MIN_UFRAG_CHARS || ufrag.size > CV_ICE_MAX_UFRAG_CHARS)
        return CV_ERR_SYNTAX;
    for (size_t i = 0; i < ufrag.size; i++)
        if (!is_ice_char(ufrag.data[i]))
            return CV_ERR_SYNTAX;
    memcpy(ice->remote_ufrag, ufrag.data, ufrag.size);
    ice->remote_ufrag[ufrag.size] = '\0';
    return CV_OK;
}

enum cv_err cv_ice_init(struct cv_ice *ice, struct cv_random random, struct cv_slice remote_ufrag,
                        int64_t now_us) {
    memset(ice, 0, sizeof *ice);
    enum cv_err err = set_remote_ufrag(ice, remote_ufrag);
    if (err)
        return err;
    cv_ice_make_credentials(random, &ice->local);
    set_state(ice, CV_ICE_WAITING, now_us + CV_ICE_CONSENT_US);
    return CV_OK;
}

enum cv_err cv_ice_restart(struct cv_ice *ice, struct cv_random random,
                           struct cv_slice remote_ufrag, int64_t now_us) {
    enum cv_err err = set_remote_ufrag(ice, remote_ufrag);
    if (err)
        return err;
    ice->previous = ice->local;
    cv_ice_make_credentials(random, &ice->local);
    if (ice->state != CV_ICE_CONNECTED)
        set_state(ice, CV_ICE_WAITING, now_us + CV_ICE_CONSENT_US);
    return CV_OK;
}

const struct cv_ice_credentials *cv_ice_credentials(const struct cv_ice *ice) {
    return &ice->local;
}

struct cv_slice cv_ice_local_ufrag(const struct cv_stun_message *message) {
    const uint8_t *data = message->username.data;
    const uint8_t *colon = data ? memchr(data, ':', message->username.size) : NULL;
    return colon ? cv_slice_of(data, (size_t)(colon - data)) : (struct cv_slice){0};
}

static bool same_path(const struct cv_ice_path *a, const struct cv_ice_path *b) {
    return a->link == b->link && cv_addr_eq(&a->remote, &b->remote);
}

static struct cv_ice_known_path *find_path(struct cv_ice *ice, const struct cv_ice_path *path) {
    for (size_t i = 0; i < ice->path_count; i++)
        if (same_path(&ice->paths[i].path, path))
            return &ice->paths[i];
    return NULL;
}

bool cv_ice_knows(const struct cv_ice *ice, const struct cv_ice_path *path) {
    for (size_t i = 0; i < ice->path_count; i++)
        if (same_path(&ice->paths[i].path, path))
            return true;
    return false;
}

const struct cv_ice_path *cv_ice_selected(const struct cv_ice *ice) {
    return ice->state == CV_ICE_CONNECTED ? &ice->paths[ice->selected].path : NULL;
}

enum cv_ice_state cv_ice_state(const struct cv_ice *ice) {
    return ice->state;
}

/* A new path, in the place of the one unchecked for longest once there is no room. */
static struct cv_ice_known_path *add_path(struct cv_ice *ice, const struct cv_ice_path *path) {
    size_t place = ice->path_count;
    if (place < CV_ICE_MAX_PATHS) {
        ice->path_count++;
    } else {
        bool connected = ice->state == CV_ICE_CONNECTED;
        place = connected && ice->selected == 0 ? 1 : 0;
        for (size_t i = place + 1; i < ice->path_count; i++)
            if (ice->paths[i].checked_at_us < ice->paths[place].checked_at_us &&
                !(connected && i == ice->selected))
                place = i;
    }
    ice->paths[place] = (struct cv_ice_known_path){.path = *path};
    return &ice->paths[place];
}

static void select_path(struct cv_ice *ice, const struct cv_ice_known_path *path, int64_t now_us) {
    if (ice->state != CV_ICE_CONNECTED)
        ice->settled_at_us = now_us + CV_ICE_SETTLE_US;
    ice->selected = (size_t)(path - ice->paths);
    set_state(ice, CV_ICE_CONNECTED, path->checked_at_us + CV_ICE_CONSENT_US);
}

/*
 * Which path to send to after this check. Some browsers nominate every pair while they probe
 * ("aggressive"), and then the highest priority counts (RFC 5245 section 8.1.1.2); once that has
 * settled, a nomination means that the browser moved. Some move without a further nomination:
 * then the checks have stopped on the one path and go on on the other.
 */
static void follow(struct cv_ice *ice, const struct cv_ice_known_path *checked, bool nominated,
                   int64_t now_us) {
    if (ice->state != CV_ICE_CONNECTED) {
        if (nominated)
            select_path(ice, checked, now_us);
        return;
    }
    const struct cv_ice_known_path *selected = &ice->paths[ice->selected];
    bool settled = now_us >= ice->settled_at_us;
    bool better = nominated && (settled || checked->priority > selected->priority);
    bool stale = now_us - selected->checked_at_us > CV_ICE_STALE_US;
    if (checked == selected || better || stale)
        select_path(ice, checked, now_us);
}

/* Which of our passwords a request was made with; NULL: none. */
static const struct cv_ice_credentials *authenticate(const struct cv_ice *ice,
                                                     const struct cv_stun_message *message) {
    const struct cv_ice_credentials *const ours[] = {&ice->local, &ice->previous};
    struct cv_slice ufrag = cv_ice_local_ufrag(message);
    if (ufrag.size == 0)
        return NULL;
    struct cv_slice remote =
        cv_slice_of(ufrag.data + ufrag.size + 1, message->username.size - ufrag.size - 1);
    for (size_t i = 0; i < 2; i++) {
        struct cv_slice password = cv_slice_str(ours[i]->password);
        if (!cv_slice_eq_str(ufrag, ours[i]->ufrag) ||
            (i == 0 && !cv_slice_eq_str(remote, ice->remote_ufrag)))
            continue;
        return cv_stun_check_integrity(message, password) == CV_OK ? ours[i] : NULL;
    }
    return NULL;
}

/* 0: a good check. Otherwise the code to answer with. */
static uint16_t error_of(const struct cv_stun_message *message) {
    if (message->unknown_count > 0)
        return CV_STUN_UNKNOWN_ATTRIBUTE;
    /* A lite agent never takes the controlling role (RFC 8445 section 6.1.1). */
    if (message->has_controlled)
        return CV_STUN_ROLE_CONFLICT;
    return message->has_priority && message->has_controlling ? 0 : CV_STUN_BAD_REQUEST;
}

static size_t answer(const struct cv_stun_message *message, uint16_t error,
                     const struct cv_addr *source, const char *password,
                     uint8_t ret_answer[static CV_ICE_ANSWER_BYTES]) {
    struct cv_stun_writer writer;
    cv_stun_begin(&writer, ret_answer, CV_ICE_ANSWER_BYTES, error ? CV_STUN_ERROR : CV_STUN_SUCCESS,
                  CV_STUN_BINDING, message->transaction_id);
    if (error)
        cv_stun_add_error(&writer, error);
    else
        cv_stun_add_mapped(&writer, source);
    if (error == CV_STUN_UNKNOWN_ATTRIBUTE)
        cv_stun_add_unknown(&writer, message->unknown, message->unknown_count);
    cv_stun_add_integrity(&writer, cv_slice_str(password));
    cv_stun_add_fingerprint(&writer);
    size_t size = 0;
    return cv_stun_finish(&writer, &size) == CV_OK ? size : 0;
}

size_t cv_ice_input(struct cv_ice *ice, int64_t now_us, const struct cv_stun_message *message,
                    const struct cv_ice_path *path,
                    uint8_t ret_answer[static CV_ICE_ANSWER_BYTES]) {
    if (message->class != CV_STUN_REQUEST || message->method != CV_STUN_BINDING ||
        ice->state == CV_ICE_EXPIRED)
        return 0;
    const struct cv_ice_credentials *credentials = authenticate(ice, message);
    if (!credentials)
        return 0;
    uint16_t error = error_of(message);
    if (error)
        return answer(message, error, &path->remote, credentials->password, ret_answer);
    struct cv_ice_known_path *known = find_path(ice, path);
    if (!known)
        known = add_path(ice, path);
    known->checked_at_us = now_us;
    known->priority = message->priority;
    size_t size = answer(message, 0, &path->remote, credentials->password, ret_answer);
    if (credentials == &ice->local && message->use_candidate)
        cv_wipe(&ice->previous, sizeof ice->previous);
    follow(ice, known, message->use_candidate, now_us);
    return size;
}

int64_t cv_ice_deadline(const struct cv_ice *ice) {
    return ice->state == CV_ICE_EXPIRED ? CV_TIME_NEVER : ice->expires_at_us;
}

void cv_ice_tick(struct cv_ice *ice, int64_t now_us) {
    if (ice->state == CV_ICE_EXPIRED || now_us < ice->expires_at_us)
        return;
    ice->path_count = 0;
    set_state(ice, CV_ICE_EXPIRED, CV_TIME_NEVER);
}
