/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "hex.h"
#include "media/twcc.h"
#include "seeded.h"
#include "test.h"

static uint8_t bytes[CV_RTCP_MAX_BYTES];

static enum cv_err read_hex(const char *text, struct cv_twcc_reader *reader) {
    return cv_twcc_read(cv_slice_of(bytes, cv_test_unhex(text, bytes, sizeof bytes)), reader);
}

static void reads_every_kind_of_chunk(void **state) {
    static const struct {
        const char *hex;
        size_t count;
        int arrivals[16]; /* ticks of 250 us after the reference; -1: lost */
    } cases[] = {
        /* run of three small deltas */
        {"0001 0003 000000 00  2003 04 00 08 00", 3, {4, 4, 12}},
        /* run of lost ones, then a large negative delta in a run of one */
        {"0001 0003 000000 00  0002 4001 fffe", 3, {-1, -1, -2}},
        /* one-bit vector: 10000000000001 */
        {"0001 000e 000000 00  a001 01 02",
         14,
         {1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 3}},
        /* two-bit vector: small, lost, large, and four that the count leaves out */
        {"ffff 0003 000000 00  d200 05 0100", 3, {5, -1, 261}},
        /* empty run first */
        {"0001 0001 000000 00  0000 2001 07 000000", 1, {7}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_twcc_reader reader;
        struct cv_twcc_status status;
        assert_int_equal(read_hex(cases[i].hex, &reader), CV_OK);
        uint16_t sequence = reader.next_sequence;
        for (size_t k = 0; k < cases[i].count; k++) {
            assert_true(cv_twcc_next(&reader, &status));
            assert_int_equal(status.sequence, sequence++);
            assert_int_equal(status.received, cases[i].arrivals[k] != -1);
            if (status.received)
                assert_int_equal(status.arrival_us, cases[i].arrivals[k] * 250);
        }
        assert_false(cv_twcc_next(&reader, &status));
    }
}

static void reference_time_counts_64_ms(void **state) {
    struct cv_twcc_reader reader;
    struct cv_twcc_status status;
    assert_int_equal(read_hex("0001 0001 ffffff 00 2001 00 00", &reader), CV_OK);
    assert_true(cv_twcc_next(&reader, &status));
    assert_true(status.arrival_us == INT64_C(0xffffff) * 64000);
}

static void malformed_feedback_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "0001 0001 000000",              /* short */
        "0001 0001 000000 00",           /* no chunk */
        "0001 0002 000000 00 2001 00",   /* chunks end before the statuses */
        "0001 0001 000000 00 2001",      /* delta missing */
        "0001 0001 000000 00 4001 00",   /* half a large delta */
        "0001 0001 000000 00 6001 0000", /* reserved symbol in a run */
        "0001 0001 000000 00 f000 0000", /* and in a vector */
        "0001 0001 000000 00 20",        /* half a chunk */
    };
    struct cv_twcc_reader reader;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_hex(bad[i], &reader) != CV_ERR_SYNTAX)
            fail_msg("case %zu was taken", i);
    assert_int_equal(read_hex("0001 2000 000000 00 1fff 0001", &reader), CV_OK);
    assert_int_equal(read_hex("0001 2001 000000 00 1fff 0002", &reader), CV_ERR_LIMIT);
}

static bool report(struct cv_twcc_recorder *recorder, struct cv_twcc_reader *reader) {
    struct cv_rtcp_writer writer;
    struct cv_rtcp_packet packet;
    struct cv_rtcp_feedback feedback;
    size_t offset = 0;
    cv_rtcp_begin(&writer, bytes, sizeof bytes);
    if (!cv_twcc_report(recorder, &writer, 1, 2))
        return false;
    assert_int_equal(cv_rtcp_check(cv_slice_of(bytes, writer.size)), CV_OK);
    assert_true(cv_rtcp_next(cv_slice_of(bytes, writer.size), &offset, &packet));
    assert_int_equal(cv_rtcp_read_feedback(&packet, &feedback), CV_OK);
    assert_int_equal(cv_twcc_read(feedback.control, reader), CV_OK);
    return true;
}

/* Ten minutes of arrivals with loss, jitter, reordering and pauses: each is reported once, right.
 */
static void every_arrival_is_reported_once(void **state) {
    static int64_t sent_us[65536];
    struct cv_twcc_recorder recorder = {0};
    struct cv_seeded seeded = {5};
    int64_t now_us = 123 * CV_US_PER_S, next_report_us = now_us;
    uint16_t sequence = 65000;
    long arrived = 0, reported = 0, lost = 0, reported_lost = 0;
    uint16_t last_reported = (uint16_t)(sequence - 1);
    while (now_us < 723 * CV_US_PER_S) {
        uint32_t dice = cv_seeded_below(&seeded, 1000);
        now_us += dice == 0 ? 9 * CV_US_PER_S : cv_seeded_below(&seeded, 5000);
        if (dice < 950) {
            cv_twcc_record(&recorder, sequence, now_us);
            cv_twcc_record(&recorder, sequence, now_us + 1000); /* a copy changes nothing */
            sent_us[sequence] = now_us;
            arrived++;
        } else if (dice < 960) { /* this one after the next */
            cv_twcc_record(&recorder, (uint16_t)(sequence + 1), now_us);
            cv_twcc_record(&recorder, sequence, now_us + 300);
            sent_us[sequence] = now_us + 300;
            sent_us[++sequence] = now_us;
            now_us += 300;
            arrived += 2;
        } else {
            sent_us[sequence] = 0;
            lost++;
        }
        sequence++;
        if (now_us < next_report_us)
            continue;
        next_report_us = now_us + 100 * CV_US_PER_MS;
        struct cv_twcc_reader reader;
        struct cv_twcc_status status;
        while (report(&recorder, &reader)) {
            assert_int_equal(reader.next_sequence, (uint16_t)(last_reported + 1));
            while (cv_twcc_next(&reader, &status)) {
                last_reported = status.sequence;
                assert_int_equal(status.received, sent_us[status.sequence] != 0);
                if (!status.received) {
                    reported_lost++;
                    continue;
                }
                reported++;
                assert_in_range(sent_us[status.sequence] - status.arrival_us, 0, 249);
            }
        }
    }
    assert_true(arrived - reported < 200 && arrived > 40000);
    assert_true(lost - reported_lost < 200 && lost > 1000);
}

static void a_jump_leaves_the_window_behind(void **state) {
    struct cv_twcc_recorder recorder = {0};
    struct cv_twcc_reader reader;
    struct cv_twcc_status status;
    cv_twcc_record(&recorder, 100, CV_US_PER_S);
    cv_twcc_record(&recorder, 99, CV_US_PER_S); /* older than the first: not ours to report */
    cv_twcc_record(&recorder, 100 + CV_TWCC_WINDOW + 5, CV_US_PER_S + 1000);
    assert_true(report(&recorder, &reader));
    assert_int_equal(reader.next_sequence, 106);
    size_t statuses = 0;
    while (cv_twcc_next(&reader, &status))
        assert_int_equal(status.received, ++statuses == CV_TWCC_WINDOW);
    assert_int_equal(statuses, CV_TWCC_WINDOW);
    assert_false(report(&recorder, &reader));
    cv_twcc_record(&recorder, 200, 2 * CV_US_PER_S); /* reported as lost already */
    assert_false(report(&recorder, &reader));
}

static void the_worst_report_fits_a_packet(void **state) {
    struct cv_twcc_recorder recorder = {0};
    struct cv_twcc_reader reader;
    struct cv_twcc_status status;
    for (uint16_t i = 0; i < CV_TWCC_WINDOW; i++) /* large deltas, and no two symbols alike */
        if (i % 3 != 1)
            cv_twcc_record(&recorder, i, CV_US_PER_S + i * (i % 2 ? 1000000 : 90000));
    size_t statuses = 0;
    while (report(&recorder, &reader))
        while (cv_twcc_next(&reader, &status))
            statuses++;
    assert_in_range(statuses, CV_TWCC_WINDOW - 1, CV_TWCC_WINDOW);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_chunk),
        cmocka_unit_test(reference_time_counts_64_ms),
        cmocka_unit_test(malformed_feedback_is_refused),
        cmocka_unit_test(every_arrival_is_reported_once),
        cmocka_unit_test(a_jump_leaves_the_window_behind),
        cmocka_unit_test(the_worst_report_fits_a_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
