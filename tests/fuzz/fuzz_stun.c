/* SPDX-License-Identifier: Apache-2.0 */
/* STUN: what parses stays inside the datagram, and no answer is larger than promised. */
#include "media/stun_service.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_inside(struct cv_slice part, struct cv_slice whole) {
    assert(!part.data ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct cv_stun_service service;
    static int64_t now_us;
    struct cv_slice datagram = cv_slice_of(data, size);
    struct cv_stun_message message;
    if (cv_stun_parse(datagram, &message) == CV_OK) {
        assert(cv_stun_is_message(datagram));
        assert_inside(message.username, datagram);
        assert(message.unknown_count <= CV_STUN_MAX_UNKNOWN);
        enum cv_err err = cv_stun_check_integrity(&message, cv_slice_str("password"));
        assert(err == CV_OK || err == CV_ERR_AUTH);
    }
    uint8_t answer[CV_STUN_ANSWER_BYTES];
    const uint8_t ip[4] = {192, 0, 2, 1};
    struct cv_addr source = cv_addr_v4(ip, 1);
    now_us += CV_US_PER_S;
    size_t answered = cv_stun_service_answer(&service, now_us, datagram, &source, answer);
    assert(answered <= sizeof answer);
    if (answered > 0)
        assert(cv_stun_parse(cv_slice_of(answer, answered), &message) == CV_OK);
    return 0;
}
