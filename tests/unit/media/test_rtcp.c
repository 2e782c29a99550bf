/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/rtcp.h"
#include "test.h"

static uint8_t bytes[2 * CV_RTCP_MAX_BYTES];

static struct cv_slice unhex(const char *text) {
    return cv_slice_of(bytes, cv_test_unhex(text, bytes, sizeof bytes));
}

/* The only packet of a well-formed compound. */
static struct cv_rtcp_packet only(struct cv_slice compound) {
    struct cv_rtcp_packet packet, none;
    size_t offset = 0;
    assert_int_equal(cv_rtcp_check(compound), CV_OK);
    assert_true(cv_rtcp_next(compound, &offset, &packet));
    assert_false(cv_rtcp_next(compound, &offset, &none));
    return packet;
}

static struct cv_rtcp_feedback feedback(const char *text) {
    struct cv_rtcp_packet packet = only(unhex(text));
    struct cv_rtcp_feedback fb;
    assert_int_equal(cv_rtcp_read_feedback(&packet, &fb), CV_OK);
    return fb;
}

static void walks_a_compound(void **state) {
    struct cv_slice compound = unhex("80c90001 00000001 "
                                     "81ca0002 00000001 01000000 "
                                     "a1ce0003 00000001 00000002 00000004");
    static const struct {
        uint8_t type, count;
        size_t size;
    } expected[] = {{CV_RTCP_RR, 0, 4}, {CV_RTCP_SDES, 1, 8}, {CV_RTCP_PSFB, CV_PSFB_PLI, 8}};
    struct cv_rtcp_packet packet;
    size_t offset = 0;
    assert_int_equal(cv_rtcp_check(compound), CV_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true(cv_rtcp_next(compound, &offset, &packet));
        assert_int_equal(packet.type, expected[i].type);
        assert_int_equal(packet.count, expected[i].count);
        assert_int_equal(packet.body.size, expected[i].size);
    }
    assert_false(cv_rtcp_next(compound, &offset, &packet));
}

static void malformed_compounds_are_refused(void **state) {
    static const char *const bad[] = {
        "",
        "80c900",                              /* short */
        "40c90001 00000001",                   /* version */
        "80600001 00000001",                   /* RTP */
        "80e00001 00000001",                   /* past the types of RFC 5761 */
        "80c90002 00000001",                   /* longer than it is */
        "80c90001 00000001 00",                /* something behind */
        "80c90001 00000001 80c90001",          /* second one cut */
        "a0c90001 00000004 80c90001 00000001", /* padding before the last */
        "a0c90001 00000000",                   /* padding of zero */
        "a0c90001 00000003",                   /* not a multiple of four */
        "a0c90001 00000008",                   /* longer than the body */
        "a0c90000",                            /* no body */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (cv_rtcp_check(unhex(bad[i])) != CV_ERR_SYNTAX)
            fail_msg("case %zu was taken", i);
    memset(bytes, 0, sizeof bytes);
    for (size_t at = 0; at < sizeof bytes; at += 4)
        memcpy(bytes + at, "\x80\xc9\0", 4);
    assert_int_equal(cv_rtcp_check(cv_slice_of(bytes, CV_RTCP_MAX_BYTES)), CV_OK);
    assert_int_equal(cv_rtcp_check(cv_slice_of(bytes, CV_RTCP_MAX_BYTES + 4)), CV_ERR_LIMIT);
}

static void reports_round_trip(void **state) {
    struct cv_rtcp_report reports[CV_RTCP_MAX_REPORTS + 1] = {
        {1, 255, -8388608, 0xffffffff, 2, 3, 4},
        {5, 0, 8388607, 6, 7, 8, 9},
        {10, 1, -1, 11, 12, 13, 14},
    };
    struct cv_rtcp_sender_report sr = {15, UINT64_C(0x0123456789abcdef), 16, 17, 18}, sr_back;
    struct cv_rtcp_report back[CV_RTCP_MAX_REPORTS];
    struct cv_rtcp_writer w;
    uint32_t sender;
    size_t count;

    cv_rtcp_begin(&w, bytes, sizeof bytes);
    cv_rtcp_add_sr(&w, &sr, reports, 3);
    assert_int_equal(w.err, CV_OK);
    struct cv_rtcp_packet packet = only(cv_slice_of(bytes, w.size));
    assert_int_equal(cv_rtcp_read_sr(&packet, &sr_back), CV_OK);
    assert_int_equal(sr_back.ssrc, sr.ssrc);
    assert_true(sr_back.ntp_time == sr.ntp_time);
    assert_int_equal(sr_back.rtp_time, sr.rtp_time);
    assert_int_equal(sr_back.packets, sr.packets);
    assert_int_equal(sr_back.bytes, sr.bytes);
    assert_int_equal(cv_rtcp_read_reports(&packet, &sender, back, &count), CV_OK);
    assert_int_equal(sender, 15);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(back[i].ssrc, reports[i].ssrc);
        assert_int_equal(back[i].fraction_lost, reports[i].fraction_lost);
        assert_int_equal(back[i].lost, reports[i].lost);
        assert_int_equal(back[i].highest, reports[i].highest);
        assert_int_equal(back[i].jitter, reports[i].jitter);
        assert_int_equal(back[i].last_sr, reports[i].last_sr);
        assert_int_equal(back[i].delay, reports[i].delay);
    }

    cv_rtcp_begin(&w, bytes, sizeof bytes);
    cv_rtcp_add_rr(&w, 20, reports, CV_RTCP_MAX_REPORTS);
    packet = only(cv_slice_of(bytes, w.size));
    assert_int_equal(cv_rtcp_read_reports(&packet, &sender, back, &count), CV_OK);
    assert_int_equal(sender, 20);
    assert_int_equal(count, CV_RTCP_MAX_REPORTS);
    cv_rtcp_add_rr(&w, 20, reports, CV_RTCP_MAX_REPORTS + 1);
    assert_int_equal(w.err, CV_ERR_LIMIT);
}

static void short_bodies_are_refused(void **state) {
    struct cv_rtcp_report reports[CV_RTCP_MAX_REPORTS];
    struct cv_rtcp_sender_report sr;
    struct cv_rtcp_feedback fb;
    uint32_t sender;
    size_t count;
    struct cv_rtcp_packet packet = only(unhex("80c80001 00000001"));
    assert_int_equal(cv_rtcp_read_sr(&packet, &sr), CV_ERR_SYNTAX);
    assert_int_equal(cv_rtcp_read_reports(&packet, &sender, reports, &count), CV_ERR_SYNTAX);
    packet = only(unhex("81c90001 00000001"));
    assert_int_equal(cv_rtcp_read_reports(&packet, &sender, reports, &count), CV_ERR_SYNTAX);
    packet = only(unhex("80c90000"));
    assert_int_equal(cv_rtcp_read_reports(&packet, &sender, reports, &count), CV_ERR_SYNTAX);
    packet = only(unhex("81ce0001 00000001"));
    assert_int_equal(cv_rtcp_read_feedback(&packet, &fb), CV_ERR_SYNTAX);
}

static void cname_is_padded_by_the_rules(void **state) {
    for (size_t size = 0; size <= CV_RTCP_MAX_CNAME_BYTES; size++) {
        uint8_t name[CV_RTCP_MAX_CNAME_BYTES + 1];
        memset(name, 'n', sizeof name);
        struct cv_rtcp_writer w;
        memset(bytes, 0xff, sizeof bytes);
        cv_rtcp_begin(&w, bytes, sizeof bytes);
        cv_rtcp_add_cname(&w, 7, cv_slice_of(name, size));
        struct cv_rtcp_packet packet = only(cv_slice_of(bytes, w.size));
        assert_int_equal(packet.type, CV_RTCP_SDES);
        assert_int_equal(cv_get_be32(packet.body.data), 7);
        assert_int_equal(packet.body.data[4], 1);
        assert_int_equal(packet.body.data[5], size);
        assert_memory_equal(packet.body.data + 6, name, size);
        size_t zeros = packet.body.size - 6 - size;
        assert_in_range(zeros, 1, 4);
        for (size_t i = 0; i < zeros; i++)
            assert_int_equal(packet.body.data[6 + size + i], 0);
        cv_rtcp_add_cname(&w, 7, cv_slice_of(name, sizeof name));
        assert_int_equal(w.err, CV_ERR_LIMIT);
    }
}

static void nack_reads_id_and_mask(void **state) {
    /* RFC 4585 section 6.2.1: 0xfffe, and of the sixteen behind it the first and the last */
    struct cv_rtcp_feedback nack = feedback("81cd0004 00000001 00000002 fffe8001 00100000");
    static const uint16_t expected[] = {0xfffe, 0xffff, 14, 16};
    uint16_t sequence;
    size_t place = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_true(cv_rtcp_next_nack(&nack, &place, &sequence));
        assert_int_equal(sequence, expected[i]);
    }
    assert_false(cv_rtcp_next_nack(&nack, &place, &sequence));
    assert_false(cv_rtcp_next_nack(&nack, &place, &sequence));
}

static void nack_round_trips(void **state) {
    static const uint16_t lost[] = {0xfff0, 0xfff1, 0, 1, 16, 17, 18, 100, 116, 117};
    enum { COUNT = sizeof lost / sizeof *lost };
    struct cv_rtcp_writer w;
    for (size_t count = 1; count <= COUNT; count++) {
        cv_rtcp_begin(&w, bytes, sizeof bytes);
        cv_rtcp_add_nack(&w, 1, 2, lost, count);
        struct cv_rtcp_packet packet = only(cv_slice_of(bytes, w.size));
        struct cv_rtcp_feedback fb;
        assert_int_equal(cv_rtcp_read_feedback(&packet, &fb), CV_OK);
        assert_int_equal(packet.type, CV_RTCP_RTPFB);
        assert_int_equal(packet.count, CV_RTPFB_NACK);
        size_t place = 0;
        uint16_t sequence;
        for (size_t i = 0; i < count; i++) {
            assert_true(cv_rtcp_next_nack(&fb, &place, &sequence));
            assert_int_equal(sequence, lost[i]);
        }
        assert_false(cv_rtcp_next_nack(&fb, &place, &sequence));
    }
    assert_int_equal(w.size, 12 + 5 * 4); /* entries begin at fff0, 1, 18, 100 and 117 */
}

static void pli_is_twelve_bytes(void **state) {
    struct cv_rtcp_writer w;
    uint8_t expected[12];
    cv_test_unhex("81ce0002 00000001 00000002", expected, sizeof expected);
    cv_rtcp_begin(&w, bytes, sizeof bytes);
    cv_rtcp_add_pli(&w, 1, 2);
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
}

static void fir_names_sources(void **state) {
    struct cv_rtcp_feedback fir =
        feedback("84ce0006 00000001 00000000 0000000a 05000000 0000000b ff000000");
    size_t place = 0;
    uint32_t ssrc;
    uint8_t command;
    assert_true(cv_rtcp_next_fir(&fir, &place, &ssrc, &command));
    assert_int_equal(ssrc, 10);
    assert_int_equal(command, 5);
    assert_true(cv_rtcp_next_fir(&fir, &place, &ssrc, &command));
    assert_int_equal(ssrc, 11);
    assert_int_equal(command, 255);
    assert_false(cv_rtcp_next_fir(&fir, &place, &ssrc, &command));
}

static void remb_is_a_mantissa_and_an_exponent(void **state) {
    static const struct {
        const char *packet;
        int64_t bps;
    } cases[] = {{"8fce0004 00000001 00000000 52454d42 00000000", 0},
                 {"8fce0004 00000001 00000000 52454d42 00000001", 1},
                 {"8fce0005 00000001 00000000 52454d42 0103ffff 00000003", 0x3ffff},
                 {"8fce0005 00000001 00000000 52454d42 01060000 00000003", 0x40000},
                 {"8fce0006 00000001 00000000 52454d42 021a625a 00000003 00000004", 10000000},
                 {"8fce0004 00000001 00000000 52454d42 00b7ffff", INT64_C(0x3ffff) << 45}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_rtcp_feedback fb = feedback(cases[i].packet);
        int64_t bps;
        assert_int_equal(cv_rtcp_read_remb(&fb, &bps), CV_OK);
        assert_true(bps == cases[i].bps);
    }
    int64_t bps;
    struct cv_rtcp_feedback fb = feedback("8fce0004 00000001 00000000 52454d42 01ffffff");
    assert_int_equal(cv_rtcp_read_remb(&fb, &bps), CV_ERR_RANGE);
    fb = feedback("8fce0004 00000001 00000000 52454d43 01000001");
    assert_int_equal(cv_rtcp_read_remb(&fb, &bps), CV_ERR_TYPE);
    fb = feedback("8fce0003 00000001 00000000 52454d42");
    assert_int_equal(cv_rtcp_read_remb(&fb, &bps), CV_ERR_TYPE);
}

static void a_writer_without_room_keeps_what_it_has(void **state) {
    struct cv_rtcp_writer w;
    cv_rtcp_begin(&w, bytes, 23);
    cv_rtcp_add_pli(&w, 1, 2);
    cv_rtcp_add_pli(&w, 1, 2);
    assert_int_equal(w.err, CV_ERR_LIMIT);
    assert_int_equal(w.size, 12);
    assert_int_equal(cv_rtcp_check(cv_slice_of(bytes, w.size)), CV_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_a_compound),
        cmocka_unit_test(malformed_compounds_are_refused),
        cmocka_unit_test(reports_round_trip),
        cmocka_unit_test(short_bodies_are_refused),
        cmocka_unit_test(cname_is_padded_by_the_rules),
        cmocka_unit_test(nack_reads_id_and_mask),
        cmocka_unit_test(nack_round_trips),
        cmocka_unit_test(pli_is_twelve_bytes),
        cmocka_unit_test(fir_names_sources),
        cmocka_unit_test(remb_is_a_mantissa_and_an_exponent),
        cmocka_unit_test(a_writer_without_room_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
