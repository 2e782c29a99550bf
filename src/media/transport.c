/* SPDX-License-Identifier: Apache-2.0 */
#include "media/transport.h"

#include "base/prefetch.h"
#include "media/demux.h"

#include <stdlib.h>

enum { HOT_BYTES = 128 /* what sending looks at stands first */ };

/* To a check, until the end of the turn. */
struct answer {
    struct cv_ice_path path;
    size_t size;
    uint8_t bytes[CV_ICE_ANSWER_BYTES];
};

struct cv_transport {
    enum cv_transport_state state;
    enum cv_transport_reason reason;
    struct cv_srtp *send;
    struct cv_srtp *receive;
    struct cv_ice ice;
    struct cv_dtls_identity *identity;
    struct cv_fingerprint remote_fingerprint;
    enum cv_dtls_role role;
    size_t max_streams;
    struct cv_dtls *dtls; /* from the first sign of a handshake on */
    int64_t handshake_by_us;
    int64_t forget_dtls_us;                  /* CONNECTED: when the handshake may be forgotten */
    struct cv_ice_path dtls_path;            /* where the peer's handshake last came from */
    struct answer answers[CV_ICE_MAX_PATHS]; /* a ring */
    size_t first_answer, answer_count;
    struct cv_transport_counters counters;
};

enum cv_err cv_transport_new(const struct cv_transport_config *config, int64_t now_us,
                             struct cv_transport **ret_transport) {
    struct cv_transport *transport = calloc(1, sizeof *transport);
    if (!transport)
        return CV_ERR_MEMORY;
    transport->identity = config->identity;
    transport->remote_fingerprint = config->remote_fingerprint;
    transport->role = config->role;
    transport->max_streams = config->max_streams;
    transport->handshake_by_us = CV_TIME_NEVER;
    enum cv_err err = cv_ice_init(&transport->ice, config->random, config->remote_ufrag, now_us);
    if (err) {
        cv_transport_free(transport);
        return err;
    }
    *ret_transport = transport;
    return CV_OK;
}

struct cv_transport *cv_transport_free(struct cv_transport *transport) {
    if (!transport)
        return NULL;
    cv_dtls_free(transport->dtls);
    cv_srtp_free(transport->send);
    cv_srtp_free(transport->receive);
    cv_wipe(&transport->ice, sizeof transport->ice);
    free(transport);
    return NULL;
}

static void set_closed(struct cv_transport *transport, enum cv_transport_reason reason) {
    if (transport->state == CV_TRANSPORT_CLOSED)
        return;
    transport->state = CV_TRANSPORT_CLOSED;
    transport->reason = reason;
}

enum cv_err cv_transport_restart(struct cv_transport *transport, struct cv_random random,
                                 struct cv_slice remote_ufrag, int64_t now_us) {
    if (transport->state == CV_TRANSPORT_CLOSED)
        return CV_ERR_STATE;
    return cv_ice_restart(&transport->ice, random, remote_ufrag, now_us);
}

const struct cv_ice_credentials *cv_transport_credentials(const struct cv_transport *transport) {
    return cv_ice_credentials(&transport->ice);
}

static void install_keys(struct cv_transport *transport) {
    struct cv_dtls_keys keys;
    if (cv_dtls_export_keys(transport->dtls, &keys) != CV_OK) {
        set_closed(transport, CV_TRANSPORT_HANDSHAKE_FAILED);
        return;
    }
    transport->send = cv_srtp_new(keys.profile, CV_SRTP_SEND, keys.send_key, keys.send_salt,
                                  transport->max_streams);
    transport->receive = cv_srtp_new(keys.profile, CV_SRTP_RECEIVE, keys.receive_key,
                                     keys.receive_salt, transport->max_streams);
    cv_wipe(&keys, sizeof keys);
    if (transport->send && transport->receive)
        transport->state = CV_TRANSPORT_CONNECTED;
    else
        set_closed(transport, CV_TRANSPORT_OUT_OF_MEMORY);
}

/* After anything that may have moved the handshake on. */
static void follow_dtls(struct cv_transport *transport) {
    if (!transport->dtls || transport->state == CV_TRANSPORT_CLOSED)
        return;
    switch (cv_dtls_state(transport->dtls)) {
    case CV_DTLS_HANDSHAKING:
        break;
    case CV_DTLS_CONNECTED:
        if (transport->state == CV_TRANSPORT_CONNECTING)
            install_keys(transport);
        break;
    case CV_DTLS_CLOSED:
        set_closed(transport, CV_TRANSPORT_PEER_CLOSED);
        break;
    case CV_DTLS_FAILED:
        set_closed(transport, CV_TRANSPORT_HANDSHAKE_FAILED);
        break;
    }
}

/* Sessions are made late: a peer who never gets here costs no handshake memory. */
static void start_dtls(struct cv_transport *transport, int64_t now_us,
                       const struct cv_ice_path *path) {
    if (transport->dtls)
        return;
    transport->dtls_path = *path;
    transport->handshake_by_us = now_us + CV_TRANSPORT_HANDSHAKE_US;
    transport->dtls =
        cv_dtls_new(transport->identity, transport->role, &transport->remote_fingerprint);
    if (!transport->dtls)
        set_closed(transport, CV_TRANSPORT_OUT_OF_MEMORY);
}

/* Of more than there are paths the oldest gives way: it is asked for again. */
static void queue_answer(struct cv_transport *transport, const struct answer *answer) {
    if (transport->answer_count == CV_ICE_MAX_PATHS) {
        transport->first_answer = (transport->first_answer + 1) % CV_ICE_MAX_PATHS;
        transport->answer_count--;
    }
    size_t end = (transport->first_answer + transport->answer_count++) % CV_ICE_MAX_PATHS;
    transport->answers[end] = *answer;
}

static size_t take_answer(struct cv_transport *transport,
                          uint8_t ret_datagram[static CV_TRANSPORT_OUTPUT_BYTES],
                          struct cv_ice_path *ret_path) {
    if (transport->answer_count == 0)
        return 0;
    const struct answer *answer = &transport->answers[transport->first_answer];
    transport->first_answer = (transport->first_answer + 1) % CV_ICE_MAX_PATHS;
    transport->answer_count--;
    memcpy(ret_datagram, answer->bytes, answer->size);
    *ret_path = answer->path;
    return answer->size;
}

static void input_stun(struct cv_transport *transport, int64_t now_us,
                       const struct cv_ice_path *path, struct cv_slice datagram) {
    struct cv_stun_message message;
    struct answer answer = {.path = *path};
    if (cv_stun_parse(datagram, &message) == CV_OK)
        answer.size = cv_ice_input(&transport->ice, now_us, &message, path, answer.bytes);
    if (answer.size == 0) {
        transport->counters.unknown++;
        return;
    }
    transport->counters.checks++;
    queue_answer(transport, &answer);
    const struct cv_ice_path *selected = cv_ice_selected(&transport->ice);
    if (selected && transport->role == CV_DTLS_CLIENT &&
        transport->state == CV_TRANSPORT_CONNECTING)
        start_dtls(transport, now_us, selected);
}

/* Once the handshake is forgotten, what comes of it is too late to mean anything. */
static void input_dtls(struct cv_transport *transport, int64_t now_us,
                       const struct cv_ice_path *path, struct cv_slice datagram) {
    transport->counters.handshake++;
    if (transport->state == CV_TRANSPORT_CONNECTING)
        start_dtls(transport, now_us, path);
    if (!transport->dtls)
        return;
    transport->dtls_path = *path;
    cv_dtls_input(transport->dtls, datagram);
    follow_dtls(transport);
    transport->forget_dtls_us = now_us + CV_TRANSPORT_LINGER_US;
}

static void count_failure(struct cv_transport *transport, enum cv_err err) {
    if (err == CV_ERR_SEQUENCE)
        transport->counters.replayed++;
    else if (err == CV_ERR_AUTH)
        transport->counters.forged++;
    else
        transport->counters.malformed++;
}

/* Who sends what our keys open has had our last flight: it needs no repeating. */
static void hurry_forgetting(struct cv_transport *transport, int64_t now_us) {
    if (transport->forget_dtls_us > now_us + CV_TRANSPORT_SETTLE_US)
        transport->forget_dtls_us = now_us + CV_TRANSPORT_SETTLE_US;
}

static enum cv_transport_input input_media(struct cv_transport *transport, int64_t now_us,
                                           bool rtcp, uint8_t *datagram, size_t size,
                                           size_t *ret_size) {
    if (transport->state != CV_TRANSPORT_CONNECTED) {
        transport->counters.early++;
        return CV_TRANSPORT_DONE;
    }
    enum cv_err err = rtcp ? cv_srtcp_unprotect(transport->receive, datagram, size, ret_size)
                           : cv_srtp_unprotect(transport->receive, datagram, size, ret_size);
    if (err) {
        count_failure(transport, err);
        return CV_TRANSPORT_DONE;
    }
    if (transport->dtls)
        hurry_forgetting(transport, now_us);
    if (rtcp)
        transport->counters.rtcp++;
    else
        transport->counters.rtp++;
    return rtcp ? CV_TRANSPORT_RTCP : CV_TRANSPORT_RTP;
}

enum cv_transport_input cv_transport_input(struct cv_transport *transport, int64_t now_us,
                                           const struct cv_ice_path *path, uint8_t *datagram,
                                           size_t size, size_t *ret_size) {
    struct cv_slice view = cv_slice_of(datagram, size);
    enum cv_datagram_kind kind = cv_datagram_kind(view);
    if (transport->state == CV_TRANSPORT_CLOSED)
        return CV_TRANSPORT_DONE;
    if (kind == CV_DATAGRAM_STUN) {
        input_stun(transport, now_us, path, view);
        return CV_TRANSPORT_DONE;
    }
    if (kind == CV_DATAGRAM_UNKNOWN) {
        transport->counters.unknown++;
        return CV_TRANSPORT_DONE;
    }
    if (!cv_ice_knows(&transport->ice, path)) {
        transport->counters.unvalidated++;
        return CV_TRANSPORT_DONE;
    }
    if (kind == CV_DATAGRAM_DTLS) {
        input_dtls(transport, now_us, path, view);
        return CV_TRANSPORT_DONE;
    }
    return input_media(transport, now_us, kind == CV_DATAGRAM_RTCP, datagram, size, ret_size);
}

/*
 * The selected path. Browsers shake hands on one that was checked before they nominate any, and
 * what is sent that early would be lost without it (RFC 8445 section 12.1).
 */
static const struct cv_ice_path *usable_path(const struct cv_transport *transport) {
    const struct cv_ice *ice = &transport->ice;
    if (cv_ice_state(ice) == CV_ICE_WAITING && cv_ice_knows(ice, &transport->dtls_path))
        return &transport->dtls_path;
    return cv_ice_selected(ice);
}

size_t cv_transport_output(struct cv_transport *transport,
                           uint8_t ret_datagram[static CV_TRANSPORT_OUTPUT_BYTES],
                           struct cv_ice_path *ret_path) {
    size_t size = take_answer(transport, ret_datagram, ret_path);
    if (size > 0)
        return size;
    const struct cv_ice_path *path = transport->dtls ? usable_path(transport) : NULL;
    if (!path)
        return 0;
    *ret_path = *path;
    return cv_dtls_output(transport->dtls, ret_datagram);
}

const struct cv_ice_path *cv_transport_path(const struct cv_transport *transport) {
    return transport->state == CV_TRANSPORT_CONNECTED ? usable_path(transport) : NULL;
}

bool cv_transport_knows(const struct cv_transport *transport, const struct cv_ice_path *path) {
    return cv_ice_knows(&transport->ice, path);
}

void cv_transport_prefetch(const struct cv_transport *transport, uint32_t ssrc, unsigned step) {
    if (step == 0)
        cv_prefetch(transport, HOT_BYTES);
    else if (transport->send)
        cv_srtp_prefetch(transport->send, ssrc, step - 1);
}

enum cv_err cv_transport_protect(struct cv_transport *transport, uint8_t *packet, size_t size,
                                 struct cv_slice rest, size_t capacity, size_t *ret_size) {
    if (transport->state != CV_TRANSPORT_CONNECTED)
        return CV_ERR_STATE;
    return cv_srtp_protect(transport->send, packet, size, rest, capacity, ret_size);
}

enum cv_err cv_transport_protect_rtcp(struct cv_transport *transport, uint8_t *packet, size_t size,
                                      size_t capacity, size_t *ret_size) {
    if (transport->state != CV_TRANSPORT_CONNECTED)
        return CV_ERR_STATE;
    return cv_srtcp_protect(transport->send, packet, size, capacity, ret_size);
}

void cv_transport_close(struct cv_transport *transport) {
    if (transport->dtls && transport->state != CV_TRANSPORT_CLOSED)
        cv_dtls_close(transport->dtls);
    set_closed(transport, CV_TRANSPORT_WE_CLOSED);
}

enum cv_transport_state cv_transport_state(const struct cv_transport *transport) {
    return transport->state;
}

enum cv_transport_reason cv_transport_reason(const struct cv_transport *transport) {
    return transport->reason;
}

const char *cv_transport_reason_name(enum cv_transport_reason reason) {
    static const char *const names[] = {
        [CV_TRANSPORT_OPEN] = "open",
        [CV_TRANSPORT_CONSENT_EXPIRED] = "consent-expired",
        [CV_TRANSPORT_HANDSHAKE_FAILED] = "handshake-failed",
        [CV_TRANSPORT_HANDSHAKE_LATE] = "handshake-late",
        [CV_TRANSPORT_PEER_CLOSED] = "peer-closed",
        [CV_TRANSPORT_WE_CLOSED] = "closed",
        [CV_TRANSPORT_OUT_OF_MEMORY] = "out-of-memory",
    };
    return names[reason];
}

const struct cv_transport_counters *cv_transport_counters(const struct cv_transport *transport) {
    return &transport->counters;
}

int64_t cv_transport_deadline(const struct cv_transport *transport, int64_t now_us) {
    if (transport->state == CV_TRANSPORT_CLOSED)
        return CV_TIME_NEVER;
    int64_t deadline_us = cv_ice_deadline(&transport->ice);
    if (!transport->dtls)
        return deadline_us;
    if (transport->state == CV_TRANSPORT_CONNECTED)
        return transport->forget_dtls_us < deadline_us ? transport->forget_dtls_us : deadline_us;
    if (transport->handshake_by_us < deadline_us)
        deadline_us = transport->handshake_by_us;
    int64_t dtls_us = cv_dtls_deadline(transport->dtls, now_us);
    return dtls_us < deadline_us ? dtls_us : deadline_us;
}

void cv_transport_tick(struct cv_transport *transport, int64_t now_us) {
    if (transport->state == CV_TRANSPORT_CLOSED)
        return;
    cv_ice_tick(&transport->ice, now_us);
    if (cv_ice_state(&transport->ice) == CV_ICE_EXPIRED)
        set_closed(transport, CV_TRANSPORT_CONSENT_EXPIRED);
    if (transport->state == CV_TRANSPORT_CONNECTING && now_us >= transport->handshake_by_us)
        set_closed(transport, CV_TRANSPORT_HANDSHAKE_LATE);
    if (transport->state == CV_TRANSPORT_CONNECTING && transport->dtls) {
        cv_dtls_tick(transport->dtls);
        follow_dtls(transport);
    }
    if (transport->state == CV_TRANSPORT_CONNECTED && now_us >= transport->forget_dtls_us)
        transport->dtls = cv_dtls_free(transport->dtls);
}
