/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay with two connected peers, who send what they like once it is decrypted, and another
 * worker that tells what it likes. The input is a list of steps: a letter, a length in two bytes,
 * and as many bytes.
 */
#include "media/relay_private.h"
#include "net.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP_HEAD_BYTES = 3, MAX_STEPS = 200, OTHER_WORKER = 1 };

static struct net net;
static struct net_client *alice, *bob;
static const struct cv_id meeting = {"meeting"};

static struct cv_peer *peer_of(const struct net_client *who) {
    struct cv_slice key = cv_slice_of(who->participant.text, sizeof who->participant.text);
    return cv_map_get(&net.relays[0]->participants, key);
}

static void want(struct cv_slice bytes) {
    struct cv_relay_want wants[2] = {{.mid = "v0"}, {.mid = "v1"}};
    for (size_t i = 0; i < 2 && i < bytes.size; i++) {
        wants[i].participant = bytes.data[i] & 1 ? alice->participant : (struct cv_id){"remote"};
        wants[i].source = bytes.data[i] >> 1 & 3;
        wants[i].width = (uint16_t)(bytes.data[i] << 3);
        wants[i].height = wants[i].width;
    }
    cv_relay_want(net.relays[0], net.now_us, &bob->participant, wants, 2);
}

static void restart(const struct net_client *who, struct cv_slice ufrag) {
    struct cv_buf fragment = {0};
    enum cv_err err =
        cv_relay_restart(net.relays[0], net.now_us, &who->participant, ufrag, &fragment);
    if (!err != (fragment.size > 0))
        abort();
    cv_buf_release(&fragment);
}

static void step(uint8_t letter, struct cv_slice bytes) {
    struct cv_relay *relay = net.relays[0];
    uint8_t copy[CV_RTP_MAX_BYTES];
    size_t size = bytes.size < sizeof copy ? bytes.size : sizeof copy;
    struct cv_peer *peer = peer_of(letter & 0x20 ? alice : bob);
    if (size > 0)
        memcpy(copy, bytes.data, size);
    switch (letter & ~0x20) {
    case 'P':
        cv_peer_input_rtp(peer, net.now_us, copy, size);
        cv_peer_wake(peer);
        break;
    case 'C':
        cv_peer_input_rtcp(peer, net.now_us, cv_slice_of(copy, size));
        cv_peer_wake(peer);
        break;
    case 'B':
        cv_relay_bridge_input(relay, net.now_us, OTHER_WORKER, bytes);
        break;
    case 'T':
        net_run(&net, NET_STEP_US * (int64_t)(1 + size % 64));
        break;
    case 'W':
        want(bytes);
        break;
    case 'S':
        cv_relay_span(relay, net.now_us, &meeting, size > 0 ? copy[0] & 3 : 0);
        break;
    case 'A':
        cv_relay_allow(relay, &alice->participant, size & 1, size & 2, size & 4);
        break;
    case 'I':
        restart(letter & 0x20 ? alice : bob, bytes);
        break;
    case 'L':
        cv_relay_set_load(relay, net.now_us, (unsigned)(size * 100));
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    net_open(&net, 1, 1);
    alice = net_join(&net, 0, 2, 2, true);
    bob = net_join(&net, 0, 2, 2, true);
    cv_relay_span(net.relays[0], net.now_us, &meeting, 3);
    net_want(&net, bob, 1280, 720, alice, alice, NULL);
    for (int i = 0; i < MAX_STEPS && size >= STEP_HEAD_BYTES; i++) {
        size_t length = cv_get_be16(data + 1);
        uint8_t letter = data[0];
        data += STEP_HEAD_BYTES;
        size -= STEP_HEAD_BYTES;
        length = length < size ? length : size;
        step(letter, cv_slice_of(data, length));
        data += length;
        size -= length;
    }
    net_run(&net, 20 * NET_STEP_US);
    net_close(&net);
    return 0;
}
