/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/stun_service.h"
#include "seeded.h"
#include "test.h"

#include <stdio.h>

#define ID "000102030405060708090a0b"
#define PLAIN "000100002112a442" ID
static const int64_t start_us = 1000 * CV_US_PER_S;

static struct cv_stun_service service;

static int set_up(void **state) {
    struct cv_seeded seeded = {7};
    cv_stun_service_init(&service, cv_seeded_random(&seeded));
    return 0;
}

static struct cv_addr addr(const char *text) {
    struct cv_addr parsed;
    assert_int_equal(cv_addr_parse(cv_slice_str(text), &parsed), CV_OK);
    return parsed;
}

static size_t ask(const char *hex, const char *source, int64_t now_us, uint8_t *answer) {
    uint8_t request[256], spare[CV_STUN_ANSWER_BYTES];
    struct cv_addr from = addr(source);
    return cv_stun_service_answer(&service, now_us,
                                  cv_slice_of(request, cv_test_unhex(hex, request, sizeof request)),
                                  &from, answer ? answer : spare);
}

static void tells_the_address_in_the_fewest_bytes(void **state) {
    static const struct {
        const char *source;
        size_t size;
    } cases[] = {{"192.0.2.5:1234", 32}, {"[2001:db8::5]:1234", 44}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t answer[CV_STUN_ANSWER_BYTES];
        size_t size = ask(PLAIN, cases[i].source, start_us, answer);
        assert_int_equal(size, cases[i].size);
        struct cv_stun_message m;
        assert_int_equal(cv_stun_parse(cv_slice_of(answer, size), &m), CV_OK);
        struct cv_addr source = addr(cases[i].source);
        assert_true(cv_addr_eq(&m.mapped, &source));
        assert_int_equal(m.class, CV_STUN_SUCCESS);
        assert_int_equal(m.transaction_id[11], 11);
    }
}

static void reports_what_it_does_not_know(void **state) {
    uint8_t answer[CV_STUN_ANSWER_BYTES];
    size_t size = ask("000100182112a442" ID "700100007002000070030000700400007005000070060000",
                      "192.0.2.5:1", start_us, answer);
    struct cv_stun_message m;
    assert_int_equal(cv_stun_parse(cv_slice_of(answer, size), &m), CV_OK);
    assert_int_equal(m.class, CV_STUN_ERROR);
    assert_int_equal(m.error_code, CV_STUN_UNKNOWN_ATTRIBUTE);
    assert_true(size <= CV_STUN_ANSWER_BYTES);
}

static void is_silent_to_anything_else(void **state) {
    static const char *const others[] = {
        "",                               /* nothing */
        "80000000",                       /* RTP */
        "16fefd0000",                     /* DTLS */
        "001100002112a442" ID,            /* indication */
        "010100002112a442" ID,            /* response: two servers must not answer each other */
        "011100002112a442" ID,            /* error response */
        "000300002112a442" ID,            /* TURN Allocate */
        "00010000" ID "00112233",         /* RFC 3489 */
        "000100042112a442" ID "80220004", /* malformed */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(ask(others[i], "192.0.2.5:1", start_us, NULL), 0);
}

/* Whatever is sent in a victim's name, and from whatever port, the victim gets a trickle. */
static void a_flood_in_one_name_is_worth_nothing(void **state) {
    size_t bytes = 0, answers = 0;
    char source[32];
    for (int i = 0; i < 100000; i++) { /* 10 s of 10,000 a second */
        snprintf(source, sizeof source, "192.0.2.9:%d", 1 + i % 65535);
        size_t size = ask(PLAIN, source, start_us + i * 100, NULL);
        bytes += size;
        answers += size > 0;
    }
    assert_in_range(answers, CV_STUN_SERVICE_BURST,
                    CV_STUN_SERVICE_BURST + 10 * CV_STUN_SERVICE_RATE_HZ);
    assert_true(bytes < 100000 * CV_STUN_HEADER_BYTES / 100);
    /* Others are served meanwhile, and the victim again after a pause. */
    assert_int_not_equal(ask(PLAIN, "198.51.100.1:1", start_us + 10 * CV_US_PER_S, NULL), 0);
    assert_int_not_equal(ask(PLAIN, "192.0.2.9:1", start_us + 20 * CV_US_PER_S, NULL), 0);
}

static void one_ipv6_network_is_one_source(void **state) {
    char source[64];
    int answers = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(source, sizeof source, "[2001:db8:0:1::%x]:9", (unsigned)i);
        answers += ask(PLAIN, source, start_us, NULL) > 0;
    }
    assert_int_equal(answers, CV_STUN_SERVICE_BURST);
    assert_int_not_equal(ask(PLAIN, "[2001:db8:0:2::1]:9", start_us, NULL), 0);
}

static void all_answers_together_are_bounded(void **state) {
    size_t answers = 0;
    for (uint32_t i = 0; i < 1000000; i++) {
        uint8_t ip[4], request[20], answer[CV_STUN_ANSWER_BYTES];
        cv_put_be32(ip, i * UINT32_C(2654435761));
        struct cv_addr from = cv_addr_v4(ip, 9);
        size_t size = cv_test_unhex(PLAIN, request, sizeof request);
        answers += cv_stun_service_answer(&service, start_us, cv_slice_of(request, size), &from,
                                          answer) > 0;
    }
    assert_true(answers <= (size_t)CV_STUN_SERVICE_COUNTERS * CV_STUN_SERVICE_BURST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tells_the_address_in_the_fewest_bytes, set_up),
        cmocka_unit_test_setup(reports_what_it_does_not_know, set_up),
        cmocka_unit_test_setup(is_silent_to_anything_else, set_up),
        cmocka_unit_test_setup(a_flood_in_one_name_is_worth_nothing, set_up),
        cmocka_unit_test_setup(one_ipv6_network_is_one_source, set_up),
        cmocka_unit_test_setup(all_answers_together_are_bounded, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
