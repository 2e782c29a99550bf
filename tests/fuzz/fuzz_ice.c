/* SPDX-License-Identifier: Apache-2.0 */
/* ICE: whatever comes to an agent's port without its password, nothing is answered or believed. */
#include "media/demux.h"
#include "media/ice.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(void *context, uint8_t *data, size_t size) {
    memset(data, 0x5a, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_random random = {fill, NULL};
    struct cv_slice datagram = cv_slice_of(data, size);
    static const struct cv_ice_path path = {{{192, 0, 2, 1}, 1, CV_ADDR_V4}, 0};
    struct cv_stun_message message;
    struct cv_ice ice;
    uint8_t answer[CV_ICE_ANSWER_BYTES];
    if (cv_datagram_kind(datagram) != CV_DATAGRAM_STUN ||
        cv_stun_parse(datagram, &message) != CV_OK)
        return 0;
    assert(cv_ice_init(&ice, random, cv_slice_str("peer"), 0) == CV_OK);
    assert(cv_ice_input(&ice, 0, &message, &path, answer) == 0);
    assert(!cv_ice_knows(&ice, &path) && cv_ice_state(&ice) == CV_ICE_WAITING);
    return 0;
}
