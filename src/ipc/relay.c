/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/relay.h"

/* Slots may be many; of all others the speaker is the largest. */
static size_t event_bytes(const struct cv_relay_event *event) {
    size_t least = offsetof(struct cv_relay_event, speaker) + sizeof event->speaker;
    size_t slots = offsetof(struct cv_relay_event, slots.items) +
                   event->slots.count * sizeof event->slots.items[0];
    return event->type == CV_RELAY_SLOTS && slots > least ? slots : least;
}

/* How much of a message is sent; what counts items has only those that there are. */
static size_t head_bytes(const struct cv_ipc_relay_message *message) {
    switch (message->type) {
    case CV_IPC_RELAY_HELLO:
        return sizeof message->hello;
    case CV_IPC_RELAY_OFFER:
        return sizeof message->offer;
    case CV_IPC_RELAY_CLOSE:
    case CV_IPC_RELAY_ASK_STATS:
        return sizeof message->participant;
    case CV_IPC_RELAY_RESTART:
        return sizeof message->restart;
    case CV_IPC_RELAY_WANT:
        return offsetof(struct cv_ipc_relay_want, items) +
               message->want.count * sizeof message->want.items[0];
    case CV_IPC_RELAY_ALLOW:
        return sizeof message->allow;
    case CV_IPC_RELAY_SPAN:
        return sizeof message->span;
    case CV_IPC_RELAY_KNOWN:
        return sizeof message->known;
    case CV_IPC_RELAY_READY:
        return 0;
    case CV_IPC_RELAY_ANSWER:
        return sizeof message->answer;
    case CV_IPC_RELAY_EVENT:
        return event_bytes(&message->event);
    case CV_IPC_RELAY_LOAD:
        return sizeof message->load;
    case CV_IPC_RELAY_STATS:
        return sizeof message->stats;
    }
    return 0;
}

/* The least that tells how much a message of this type has. */
static size_t least_bytes(enum cv_ipc_relay_type type) {
    const struct cv_ipc_relay_message none = {.type = type, .want = {.count = 0}};
    return head_bytes(&none);
}

static bool has_sdp(enum cv_ipc_relay_type type) {
    return type == CV_IPC_RELAY_OFFER || type == CV_IPC_RELAY_ANSWER;
}

void cv_ipc_relay_init(struct cv_ipc_relay_message *message, enum cv_ipc_relay_type type) {
    memset(message, 0, sizeof *message);
    message->type = type;
}

enum cv_err cv_ipc_relay_send(int fd, const struct cv_ipc_relay_message *message) {
    const struct cv_ipc_message sent = {
        .type = (uint16_t)message->type,
        .payload = cv_slice_of(&message->hello, head_bytes(message)),
        .more = message->sdp,
    };
    return cv_ipc_send(fd, &sent);
}

/* --- checks --- */

/* The text ends within its `size` bytes, and nothing hides behind it. */
static bool text_ends(const char *text, size_t size) {
    size_t used = strnlen(text, size);
    if (used == size) {
        return false;
    }
    for (size_t i = used; i < size; i++) {
        if (text[i]) {
            return false;
        }
    }
    return true;
}

static bool printable(const char *text, size_t size) {
    for (size_t i = 0; i < size && text[i]; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return false;
        }
    }
    return text_ends(text, size);
}

static bool id_or_empty(const struct cv_id *id) {
    return text_ends(id->text, sizeof id->text) && cv_id_chars(cv_slice_str(id->text));
}

static bool id_good(const struct cv_id *id) {
    return !cv_id_empty(id) && id_or_empty(id);
}

/* A bool of another process is a byte until it was looked at. */
static bool bool_good(const bool *value) {
    uint8_t byte;
    memcpy(&byte, value, sizeof byte);
    return byte <= 1;
}

static bool peer_good(const struct cv_relay_peer_config *peer) {
    return id_good(&peer->meeting) && id_good(&peer->participant) && id_or_empty(&peer->only) &&
           peer->session[0] && printable(peer->session, sizeof peer->session) &&
           bool_good(&peer->audio) && bool_good(&peer->video) && bool_good(&peer->screen) &&
           bool_good(&peer->follows);
}

static bool known_good(const struct cv_relay_known *known) {
    bool good = peer_good(&known->config) && known->ufrag[0] &&
                printable(known->ufrag, sizeof known->ufrag) && known->rid_count <= CV_SDP_MAX_RIDS;
    for (uint32_t i = 0; good && i < known->rid_count; i++) {
        good = known->rids[i][0] && text_ends(known->rids[i], sizeof known->rids[i]) &&
               cv_id_chars(cv_slice_str(known->rids[i]));
    }
    return good;
}

static bool hello_good(const struct cv_ipc_relay_hello *hello) {
    if (hello->address_count == 0 || hello->address_count > CV_IPC_RELAY_MAX_ADDRESSES) {
        return false;
    }
    for (uint32_t i = 0; i < hello->address_count; i++) {
        const struct cv_addr *addr = &hello->addresses[i];
        if ((addr->family != CV_ADDR_V4 && addr->family != CV_ADDR_V6) || addr->port == 0) {
            return false;
        }
    }
    return hello->tcp <= 1 && hello->limits.peer_max_bps > 0;
}

static bool want_good(const struct cv_ipc_relay_want *want) {
    bool good = id_good(&want->participant);
    for (uint32_t i = 0; i < want->count && good; i++) {
        const struct cv_relay_want *item = &want->items[i];
        good = item->mid[0] && printable(item->mid, sizeof item->mid) &&
               id_good(&item->participant) && item->source < CV_SOURCE_KIND_COUNT;
    }
    return good;
}

static bool slots_good(const struct cv_relay_event *event) {
    for (size_t i = 0; i < event->slots.count; i++) {
        const struct cv_relay_slot *slot = &event->slots.items[i];
        if (!slot->mid[0] || !printable(slot->mid, sizeof slot->mid) ||
            !id_or_empty(&slot->participant) || slot->source >= CV_SOURCE_KIND_COUNT ||
            slot->state > CV_SLOT_STARVED) {
            return false;
        }
    }
    return true;
}

static bool event_good(const struct cv_relay_event *event) {
    if (!id_good(&event->meeting) || !id_or_empty(&event->participant) ||
        !printable(event->session, sizeof event->session) ||
        (event->type != CV_RELAY_SPEAKER && cv_id_empty(&event->participant))) {
        return false;
    }
    switch (event->type) {
    case CV_RELAY_PEER:
        return event->peer.state <= CV_TRANSPORT_CLOSED &&
               event->peer.reason <= CV_TRANSPORT_OUT_OF_MEMORY && event->peer.tcp <= 1;
    case CV_RELAY_SLOTS:
        return slots_good(event);
    case CV_RELAY_SPEAKER:
        return id_or_empty(&event->speaker);
    case CV_RELAY_WATCHED:
        return true;
    }
    return false;
}

static bool answer_good(const struct cv_ipc_relay_answer *answer) {
    return (int32_t)answer->err <= 0 && printable(answer->problem, sizeof answer->problem);
}

static bool content_good(const struct cv_ipc_relay_message *message) {
    switch (message->type) {
    case CV_IPC_RELAY_HELLO:
        return hello_good(&message->hello);
    case CV_IPC_RELAY_OFFER:
        return peer_good(&message->offer.peer);
    case CV_IPC_RELAY_CLOSE:
    case CV_IPC_RELAY_ASK_STATS:
        return id_good(&message->participant);
    case CV_IPC_RELAY_RESTART:
        return id_good(&message->restart.participant) && message->restart.ufrag[0] &&
               printable(message->restart.ufrag, sizeof message->restart.ufrag);
    case CV_IPC_RELAY_WANT:
        return want_good(&message->want);
    case CV_IPC_RELAY_ALLOW:
        return id_good(&message->allow.participant) && message->allow.audio <= 1 &&
               message->allow.video <= 1 && message->allow.screen <= 1;
    case CV_IPC_RELAY_SPAN:
        return id_good(&message->span.meeting);
    case CV_IPC_RELAY_KNOWN:
        return known_good(&message->known);
    case CV_IPC_RELAY_ANSWER:
        return answer_good(&message->answer);
    case CV_IPC_RELAY_EVENT:
        return event_good(&message->event);
    case CV_IPC_RELAY_STATS:
        return id_good(&message->stats.participant);
    case CV_IPC_RELAY_LOAD:
        return message->load.permille <= 1000;
    case CV_IPC_RELAY_READY:
        return true;
    }
    return false;
}

/* --- reading --- */

/* The counts say how long the message has to be: they are checked before that. */
static bool counts_good(const struct cv_ipc_relay_message *message) {
    return (message->type != CV_IPC_RELAY_WANT || message->want.count <= CV_IPC_RELAY_MAX_WANTS) &&
           (message->type != CV_IPC_RELAY_EVENT || message->event.type != CV_RELAY_SLOTS ||
            message->event.slots.count <= CV_RELAY_MAX_SLOTS);
}

enum cv_err cv_ipc_relay_read(const struct cv_ipc_message *message, enum cv_ipc_relay_side from,
                              struct cv_ipc_relay_message *ret_message) {
    uint16_t first = from == CV_IPC_RELAY_CONTROL ? CV_IPC_RELAY_HELLO : CV_IPC_RELAY_KNOWN;
    uint16_t last = from == CV_IPC_RELAY_CONTROL ? CV_IPC_RELAY_RESTART : CV_IPC_RELAY_STATS;
    if (message->type < first || message->type > last) {
        return CV_ERR_TYPE;
    }
    cv_ipc_relay_init(ret_message, message->type);
    struct cv_slice payload = message->payload;
    size_t least = least_bytes(ret_message->type);
    if (payload.size < least) {
        return CV_ERR_SYNTAX;
    }
    if (least) {
        memcpy(&ret_message->hello, payload.data, least);
    }
    if (!counts_good(ret_message)) {
        return CV_ERR_RANGE;
    }
    size_t head = head_bytes(ret_message);
    if (payload.size < head || (payload.size > head && !has_sdp(ret_message->type))) {
        return CV_ERR_SYNTAX;
    }
    if (head) {
        memcpy(&ret_message->hello, payload.data, head);
    }
    ret_message->sdp = cv_slice_of(payload.data + head, payload.size - head);
    return content_good(ret_message) ? CV_OK : CV_ERR_RANGE;
}
