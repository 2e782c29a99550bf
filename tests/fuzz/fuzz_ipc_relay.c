/* SPDX-License-Identifier: Apache-2.0 */
/* What the process at the other end may say: a type, a side, and bytes. What is let in can be used
 * as it is: texts end, counts and enumerations are in their bounds. */
#include "ipc/relay.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_text(const char *text, size_t size) {
    if (strnlen(text, size) == size)
        abort();
}

static void use_want(const struct cv_ipc_relay_want *want) {
    use_text(want->participant.text, sizeof want->participant.text);
    if (want->count > CV_IPC_RELAY_MAX_WANTS)
        abort();
    for (uint32_t i = 0; i < want->count; i++) {
        use_text(want->items[i].mid, sizeof want->items[i].mid);
        if (want->items[i].source >= CV_SOURCE_KIND_COUNT)
            abort();
    }
}

static void use_event(const struct cv_relay_event *event) {
    use_text(event->participant.text, sizeof event->participant.text);
    if (event->type > CV_RELAY_WATCHED)
        abort();
    if (event->type == CV_RELAY_SLOTS) {
        if (event->slots.count > CV_RELAY_MAX_SLOTS)
            abort();
        for (size_t i = 0; i < event->slots.count; i++)
            use_text(event->slots.items[i].mid, sizeof event->slots.items[i].mid);
    }
}

static void use_known(const struct cv_relay_known *known) {
    use_text(known->config.session, sizeof known->config.session);
    use_text(known->ufrag, sizeof known->ufrag);
    if (known->rid_count > CV_SDP_MAX_RIDS)
        abort();
    for (uint32_t i = 0; i < known->rid_count; i++)
        use_text(known->rids[i], sizeof known->rids[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct cv_ipc_relay_message read;
    if (size < 2)
        return 0;
    const struct cv_ipc_message message = {.type =
                                               (uint16_t)(CV_IPC_RELAY_HELLO - 1 + data[0] % 16),
                                           .payload = cv_slice_of(data + 2, size - 2)};
    if (cv_ipc_relay_read(&message, data[1] % 2 ? CV_IPC_RELAY_WORKER : CV_IPC_RELAY_CONTROL,
                          &read))
        return 0;
    if (read.type == CV_IPC_RELAY_WANT)
        use_want(&read.want);
    else if (read.type == CV_IPC_RELAY_EVENT)
        use_event(&read.event);
    else if (read.type == CV_IPC_RELAY_ANSWER)
        use_text(read.answer.problem, sizeof read.answer.problem);
    else if (read.type == CV_IPC_RELAY_RESTART)
        use_text(read.restart.ufrag, sizeof read.restart.ufrag);
    else if (read.type == CV_IPC_RELAY_KNOWN)
        use_known(&read.known);
    else if (read.type == CV_IPC_RELAY_OFFER)
        use_text(read.offer.peer.session, sizeof read.offer.peer.session);
    if (read.sdp.size > size)
        abort();
    return 0;
}
