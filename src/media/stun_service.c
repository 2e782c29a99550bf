/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stun_service.h"

void cv_stun_service_init(struct cv_stun_service *service, struct cv_random random) {
    memset(service, 0, sizeof *service);
    cv_random_fill(random, service->seed, sizeof service->seed);
}

/* One round of multiply and fold (as in wyhash): who doesn't know the seed can't aim. */
static uint64_t fold(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t counter_of(const struct cv_stun_service *service, const struct cv_addr *source) {
    /* IPv4 fills four bytes; of IPv6 the first half is the network that one subscriber holds. */
    uint64_t host = cv_get_be64(source->ip);
    uint64_t mixed = fold(host ^ service->seed[0], service->seed[1] | 1);
    return (size_t)(fold(mixed ^ source->family, service->seed[0] | 1) % CV_STUN_SERVICE_COUNTERS);
}

/*
 * A token bucket as one time: each answer moves it on by the interval, real time catches up, and
 * it may run ahead by a burst (the "virtual scheduling" form of GCRA, ITU-T I.371).
 */
static bool take_token(struct cv_stun_counter *counter, int64_t now_us) {
    const int64_t interval_us = CV_US_PER_S / CV_STUN_SERVICE_RATE_HZ;
    int64_t from_us = counter->empty_at_us > now_us ? counter->empty_at_us : now_us;
    if (from_us - now_us > (CV_STUN_SERVICE_BURST - 1) * interval_us)
        return false;
    counter->empty_at_us = from_us + interval_us;
    return true;
}

size_t cv_stun_service_answer(struct cv_stun_service *service, int64_t now_us,
                              struct cv_slice datagram, const struct cv_addr *source,
                              uint8_t ret_answer[static CV_STUN_ANSWER_BYTES]) {
    struct cv_stun_message request;
    if (cv_stun_parse(datagram, &request) != CV_OK || request.class != CV_STUN_REQUEST ||
        request.method != CV_STUN_BINDING)
        return 0;
    if (!take_token(&service->counters[counter_of(service, source)], now_us))
        return 0;
    struct cv_stun_writer writer;
    bool good = request.unknown_count == 0;
    cv_stun_begin(&writer, ret_answer, CV_STUN_ANSWER_BYTES, good ? CV_STUN_SUCCESS : CV_STUN_ERROR,
                  CV_STUN_BINDING, request.transaction_id);
    if (good) {
        cv_stun_add_mapped(&writer, source);
    } else {
        cv_stun_add_error(&writer, CV_STUN_UNKNOWN_ATTRIBUTE);
        cv_stun_add_unknown(&writer, request.unknown, request.unknown_count);
    }
    size_t size = 0;
    return cv_stun_finish(&writer, &size) == CV_OK ? size : 0;
}
