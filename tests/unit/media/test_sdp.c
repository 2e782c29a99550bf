/* SPDX-License-Identifier: Apache-2.0 */
/* The offers of real browsers (the fuzzer's seeds: Chromium 156, Firefox 153) and made-up ones. */
#include "media/sdp.h"
#include "seeded.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

static const enum cv_codec video[] = {CV_CODEC_VP8, CV_CODEC_VP9, CV_CODEC_H264, CV_CODEC_AV1};
static char text[CV_SDP_MAX_BYTES + 16];
static struct cv_sdp_offer *offer;
static struct cv_sdp_session session;
static struct cv_sdp_problem problem;
static struct cv_seeded seeded;

static int tear_down(void **state) {
    offer = cv_sdp_offer_free(offer);
    return 0;
}

static struct cv_slice load(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/sdp/%s", CV_CORPUS, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    return cv_slice_of(text, size);
}

static enum cv_err parse(struct cv_slice sdp) {
    tear_down(NULL);
    return cv_sdp_parse_offer(sdp, &offer, &problem);
}

static enum cv_err negotiate(const struct cv_sdp_session *previous) {
    return cv_sdp_negotiate(offer, video, 4, previous, cv_seeded_random(&seeded), &session,
                            &problem);
}

static void take(const char *name) {
    assert_int_equal(parse(load(name)), CV_OK);
    assert_int_equal(negotiate(NULL), CV_OK);
}

static const struct cv_sdp_codec *codec_of(const struct cv_sdp_line *line, enum cv_codec codec) {
    for (size_t i = 0; i < line->codec_count; i++)
        if (line->codecs[i].codec == codec)
            return &line->codecs[i];
    return NULL;
}

static void write_answer(struct cv_buf *answer) {
    static const struct cv_ice_credentials ice = {"UFRAGUFR", "passwordpasswordpassword"};
    struct cv_fingerprint fingerprint = {CV_FINGERPRINT_SHA256, 32, {0xab}};
    const struct cv_addr addresses[] = {{{192, 0, 2, 1}, 4000, CV_ADDR_V4},
                                        {{0x20, 0x01, 0x0d, 0xb8}, 4000, CV_ADDR_V6}};
    struct cv_sdp_transport transport = {&ice, &fingerprint, addresses, 2, true, "cname", 1234, 2};
    assert_int_equal(cv_sdp_write_answer(offer, &session, &transport, answer), CV_OK);
}

static void chromium_slots(void **state) {
    take("chromium-slots");
    assert_int_equal(session.line_count, 11);
    assert_string_equal(session.remote_ufrag, "pdUd");
    assert_int_equal(session.role, CV_DTLS_SERVER);
    assert_int_equal(session.remote_fingerprint.digest[0], 0x6b);
    assert_int_equal(session.remote_fingerprint.digest[31], 0xfe);
    assert_int_equal(session.extensions.kind_of[1], CV_RTP_EXT_AUDIO_LEVEL);
    assert_int_equal(session.extensions.kind_of[12], CV_RTP_EXT_DEPENDENCY);
    assert_int_equal(session.extensions.kind_of[14], CV_RTP_EXT_NONE); /* toffset */

    const struct cv_sdp_line *mic = &session.lines[0], *camera = &session.lines[1];
    assert_true(mic->accepted && mic->they_send && !mic->they_receive);
    assert_int_equal(mic->codecs[0].codec, CV_CODEC_OPUS);
    assert_int_equal(mic->codecs[0].payload_type, 111);
    assert_int_equal(mic->codecs[0].feedback, CV_SDP_FB_TWCC);
    assert_int_equal(codec_of(mic, CV_CODEC_RED)->payload_type, 63);
    assert_int_equal(mic->their_count, 1);
    assert_int_equal(mic->theirs[0].ssrc, 944149325);

    assert_int_equal(camera->rid_count, 3);
    assert_string_equal(camera->rids[0], "q");
    assert_string_equal(camera->rids[2], "f");
    assert_int_equal(camera->codecs[0].codec, CV_CODEC_VP8);
    assert_int_equal(camera->codecs[0].payload_type, 96);
    assert_int_equal(camera->codecs[0].rtx_payload_type, 97);
    assert_int_equal(camera->codecs[0].feedback,
                     CV_SDP_FB_NACK | CV_SDP_FB_PLI | CV_SDP_FB_FIR | CV_SDP_FB_TWCC);
    assert_int_equal(codec_of(camera, CV_CODEC_VP9)->payload_type, 98);   /* profile 0, not 100 */
    assert_int_equal(codec_of(camera, CV_CODEC_H264)->payload_type, 108); /* 42e01f, mode 1 */
    assert_int_equal(codec_of(camera, CV_CODEC_AV1)->payload_type, 45);

    const struct cv_sdp_line *screen = &session.lines[2], *slot = &session.lines[7];
    assert_int_equal(screen->theirs[0].ssrc, 3206741020u);
    assert_int_equal(screen->theirs[0].rtx_ssrc, 2123519131);
    assert_int_equal(screen->their_count, 1);
    assert_true(slot->they_receive && !slot->they_send);
    assert_int_not_equal(slot->ours.ssrc, 0);
    assert_int_not_equal(slot->ours.rtx_ssrc, slot->ours.ssrc);
}

static void firefox_slots(void **state) {
    take("firefox-slots");
    assert_int_equal(session.line_count, 11);
    assert_string_equal(session.remote_ufrag, "971090e2");
    assert_int_equal(session.remote_fingerprint.digest[0], 0xf9); /* of the session part */
    const struct cv_sdp_line *camera = &session.lines[1];
    assert_true(camera->accepted); /* port 0, but bundle-only */
    assert_int_equal(camera->codecs[0].payload_type, 120);
    assert_int_equal(camera->codecs[0].rtx_payload_type, 124);
    assert_int_equal(camera->rid_count, 3);
    /* The a=ssrc lines come before the groups that pair them. */
    assert_int_equal(camera->their_count, 3);
    assert_int_equal(camera->theirs[0].ssrc, 2924974445u);
    assert_int_equal(camera->theirs[0].rtx_ssrc, 636602676);
    assert_int_equal(camera->theirs[2].ssrc, 3085030820u);
    assert_int_equal(camera->theirs[2].rtx_ssrc, 2801113808u);
    assert_null(codec_of(camera, CV_CODEC_H264));
    assert_true(session.lines[10].they_receive);
}

/* Two ways and a data channel, as a WHIP client might offer: that one line is declined. */
static void plain_offers(void **state) {
    static const char *const names[] = {"chromium-plain", "firefox-plain"};
    for (size_t i = 0; i < 2; i++) {
        take(names[i]);
        assert_int_equal(session.line_count, 3);
        assert_true(session.lines[0].they_send && session.lines[0].they_receive);
        assert_true(session.lines[1].they_send && session.lines[1].they_receive);
        assert_false(session.lines[2].accepted);
        struct cv_buf answer = {0};
        write_answer(&answer);
        assert_non_null(strstr(cv_buf_cstr(&answer), "m=application 0 UDP/DTLS/SCTP"));
        cv_buf_release(&answer);
    }
}

/* An answer is SDP too: what we write, our own parser reads, and it says what was agreed. */
static void answers_say_what_was_agreed(void **state) {
    static const char *const names[] = {"chromium-slots", "firefox-slots", "chromium-plain",
                                        "firefox-plain"};
    for (size_t i = 0; i < 4; i++) {
        take(names[i]);
        struct cv_buf answer = {0};
        write_answer(&answer);
        struct cv_sdp_offer *back;
        assert_int_equal(cv_sdp_parse_offer(cv_buf_slice(&answer), &back, &problem), CV_OK);
        assert_int_equal(cv_sdp_media_count(back), session.line_count);
        for (size_t k = 0; k < session.line_count; k++) {
            const struct cv_sdp_media *media = cv_sdp_media_at(back, k);
            const struct cv_sdp_line *line = &session.lines[k];
            assert_true(cv_slice_eq_str(media->mid, line->mid));
            assert_int_equal(media->rejected, !line->accepted);
            if (!line->accepted)
                continue;
            assert_true(media->bundled && media->rtcp_mux && media->has_fingerprint);
            assert_int_equal(media->setup, CV_SDP_PASSIVE);
            assert_int_equal(media->sends, line->they_receive);
            assert_int_equal(media->receives, line->they_send);
            assert_true(cv_slice_eq_str(media->ufrag, "UFRAGUFR"));
            assert_int_equal(media->formats[0].codec, line->codecs[0].codec);
            assert_int_equal(media->formats[0].payload_type, line->codecs[0].payload_type);
            assert_memory_equal(&media->extensions, &line->extensions, sizeof media->extensions);
            assert_int_equal(media->source_count, line->they_receive ? 1 : 0);
            if (line->they_receive)
                assert_int_equal(media->sources[0].ssrc, line->ours.ssrc);
            assert_int_equal(media->rid_count, 0); /* theirs are "recv" here */
        }
        cv_sdp_offer_free(back);
        const char *written = cv_buf_cstr(&answer);
        assert_non_null(strstr(written, "\r\na=ice-lite\r\n"));
        assert_non_null(strstr(written, "udp 2130706431 192.0.2.1 4000 typ host\r\n"));
        assert_non_null(strstr(written, "tcptype passive\r\n"));
        assert_null(strstr(strstr(written, "end-of-candidates") + 1, "candidate:"));
        cv_buf_release(&answer);
    }
}

static void simulcast_is_answered_by_rid(void **state) {
    take("chromium-slots");
    struct cv_buf answer = {0};
    write_answer(&answer);
    assert_non_null(strstr(cv_buf_cstr(&answer), "a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\n"
                                                 "a=simulcast:recv q;h;f\r\n"));
    cv_buf_release(&answer);
}

static void a_renewed_offer_keeps_our_ssrcs(void **state) {
    take("chromium-slots");
    struct cv_sdp_session first = session;
    assert_int_equal(negotiate(&first), CV_OK);
    for (size_t i = 0; i < session.line_count; i++) {
        assert_int_equal(session.lines[i].ours.ssrc, first.lines[i].ours.ssrc);
        for (size_t k = 0; k < i; k++)
            assert_true(session.lines[i].ours.ssrc == 0 ||
                        session.lines[i].ours.ssrc != session.lines[k].ours.ssrc);
    }
}

static void the_order_of_preference_is_ours(void **state) {
    static const enum cv_codec prefer[] = {CV_CODEC_AV1, CV_CODEC_VP8};
    assert_int_equal(parse(load("chromium-slots")), CV_OK);
    assert_int_equal(
        cv_sdp_negotiate(offer, prefer, 2, NULL, cv_seeded_random(&seeded), &session, &problem),
        CV_OK);
    assert_int_equal(session.lines[1].codec_count, 2);
    assert_int_equal(session.lines[1].codecs[0].codec, CV_CODEC_AV1);
    assert_int_equal(
        cv_sdp_negotiate(offer, NULL, 0, NULL, cv_seeded_random(&seeded), &session, &problem),
        CV_OK);
    assert_false(session.lines[1].accepted);
    assert_true(session.lines[0].accepted);
}

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define PRINT                                                                                      \
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:"                       \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"
#define REST "a=ice-ufrag:abcd\r\na=setup:active\r\na=rtcp-mux\r\n"

static void offers_without_a_connection_are_refused(void **state) {
    static const struct {
        const char *sdp, *problem;
    } cases[] = {
        {HEAD, "no media section"},
        {HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n", "no media section"},
        {HEAD AUDIO PRINT "a=setup:active\r\na=rtcp-mux\r\n", "ice-ufrag"},
        {HEAD AUDIO REST, "fingerprint"},
        {HEAD AUDIO REST "a=fingerprint:sha-1 00:11\r\n", "fingerprint"},
        {HEAD AUDIO PRINT "a=ice-ufrag:abcd\r\na=rtcp-mux\r\n", "setup"},
        {HEAD AUDIO PRINT "a=ice-ufrag:abcd\r\na=setup:holdconn\r\na=rtcp-mux\r\n", "setup"},
        {HEAD AUDIO PRINT "a=ice-ufrag:abcd\r\na=setup:active\r\n", "rtcp-mux"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(cv_slice_str(cases[i].sdp)), CV_OK);
        assert_int_equal(negotiate(NULL), CV_ERR_TYPE);
        assert_non_null(strstr(problem.text, cases[i].problem));
    }
    assert_int_equal(parse(cv_slice_str(HEAD AUDIO PRINT REST)), CV_OK);
    assert_int_equal(negotiate(NULL), CV_OK);
    assert_int_equal(session.role, CV_DTLS_SERVER);
}

static void our_role_is_the_other_one(void **state) {
    static const struct {
        const char *setup;
        enum cv_dtls_role role;
    } cases[] = {
        {"actpass", CV_DTLS_SERVER}, {"active", CV_DTLS_SERVER}, {"passive", CV_DTLS_CLIENT}};
    for (size_t i = 0; i < 3; i++) {
        char sdp[1024];
        snprintf(sdp, sizeof sdp, "%s%s%sa=ice-ufrag:abcd\na=rtcp-mux\na=setup:%s\n", HEAD, AUDIO,
                 PRINT, cases[i].setup);
        assert_int_equal(parse(cv_slice_str(sdp)), CV_OK);
        assert_int_equal(negotiate(NULL), CV_OK);
        assert_int_equal(session.role, cases[i].role);
    }
}

/* Sections outside the bundle would need a transport of their own. */
static void lines_outside_the_bundle_are_declined(void **state) {
    assert_int_equal(parse(cv_slice_str(HEAD "a=group:BUNDLE b c\r\n" AUDIO PRINT REST
                                             "a=mid:a\r\n" AUDIO PRINT REST
                                             "a=mid:b\r\n" AUDIO PRINT REST "a=mid:c\r\n")),
                     CV_OK);
    assert_int_equal(negotiate(NULL), CV_OK);
    assert_false(session.lines[0].accepted);
    assert_true(session.lines[1].accepted && session.lines[2].accepted);
    struct cv_buf answer = {0};
    write_answer(&answer);
    assert_non_null(strstr(cv_buf_cstr(&answer), "a=group:BUNDLE b c\r\n"));
    cv_buf_release(&answer);
}

static void malformed_offers_name_the_line(void **state) {
    static const struct {
        const char *sdp;
        size_t line;
    } cases[] = {
        {"", 0},
        {"v=1\r\n", 1},
        {"o=- 1 1 IN IP4 0.0.0.0\r\nv=0\r\n", 1},
        {HEAD "\r\n", 5},
        {HEAD "garbage\r\n", 5},
        {HEAD "a=x\ty\r\n", 5},
        {HEAD "m=\r\n", 5},
        {HEAD "m=audio\r\n", 5},
        {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF\r\n", 5},
        {HEAD "m=audio 99999 UDP/TLS/RTP/SAVPF 111\r\n", 5},
        {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\n", 5},
        {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 1 x\r\n", 5},
        {HEAD AUDIO "a=rtpmap:111 opus\r\n", 7},
        {HEAD AUDIO "a=rtpmap:111 opus/-1\r\n", 7},
        {HEAD AUDIO "a=extmap:0 urn:x\r\n", 7},
        {HEAD AUDIO "a=extmap:x urn:x\r\n", 7},
        {HEAD AUDIO "a=mid:\r\n", 7},
        {HEAD AUDIO "a=mid:12345678901234567\r\n", 7},
        {HEAD AUDIO "a=mid:a\r\n" AUDIO "a=mid:a\r\n", 10},
        {HEAD AUDIO "a=rid:a;b send\r\n", 7},
        {HEAD AUDIO "a=ssrc:x cname:y\r\n", 7},
        {HEAD AUDIO "a=ssrc:4294967296 cname:y\r\n", 7},
        {HEAD AUDIO "a=ssrc-group:FID 1\r\n", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(cv_slice_str(cases[i].sdp)), CV_ERR_SYNTAX);
        assert_int_equal(problem.line, cases[i].line);
        assert_non_null(problem.text);
    }
}

/* `count` times `before`, a number and `after`; returns the size. */
static size_t repeat(char *out, const char *before, const char *after, unsigned count) {
    char *at = out;
    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "%s%u%s", before, i, after);
    return (size_t)(at - out);
}

static void limits_have_their_own_error(void **state) {
    static const struct {
        const char *head, *before, *after;
        unsigned limit;
    } cases[] = {
        {HEAD, "m=audio 9 X 1\r\na=mid:", "\r\n", CV_SDP_MAX_MEDIA},
        {HEAD "m=audio 9 UDP/TLS/RTP/SAVPF", " ", "", CV_SDP_MAX_FORMATS},
        {HEAD AUDIO, "a=rid:r", " send\r\n", CV_SDP_MAX_RIDS},
        {HEAD AUDIO, "a=ssrc:", " cname:x\r\n", CV_SDP_MAX_SOURCES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t head = (size_t)sprintf(text, "%s", cases[i].head);
        size_t size = head + repeat(text + head, cases[i].before, cases[i].after, cases[i].limit);
        assert_int_equal(parse(cv_slice_of(text, size)), CV_OK);
        size = head + repeat(text + head, cases[i].before, cases[i].after, cases[i].limit + 1);
        assert_int_equal(parse(cv_slice_of(text, size)), CV_ERR_LIMIT);
    }
    memset(text, 'x', sizeof text);
    memcpy(text, "v=0\r\ns=", 7);
    assert_int_equal(parse(cv_slice_of(text, 5 + CV_SDP_MAX_LINE_BYTES)), CV_OK);
    assert_int_equal(parse(cv_slice_of(text, 5 + CV_SDP_MAX_LINE_BYTES + 1)), CV_ERR_LIMIT);
    assert_int_equal(problem.line, 2);
    assert_int_equal(parse(cv_slice_of(text, CV_SDP_MAX_BYTES + 1)), CV_ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(chromium_slots, tear_down),
        cmocka_unit_test_teardown(firefox_slots, tear_down),
        cmocka_unit_test_teardown(plain_offers, tear_down),
        cmocka_unit_test_teardown(answers_say_what_was_agreed, tear_down),
        cmocka_unit_test_teardown(simulcast_is_answered_by_rid, tear_down),
        cmocka_unit_test_teardown(a_renewed_offer_keeps_our_ssrcs, tear_down),
        cmocka_unit_test_teardown(the_order_of_preference_is_ours, tear_down),
        cmocka_unit_test_teardown(offers_without_a_connection_are_refused, tear_down),
        cmocka_unit_test_teardown(our_role_is_the_other_one, tear_down),
        cmocka_unit_test_teardown(lines_outside_the_bundle_are_declined, tear_down),
        cmocka_unit_test_teardown(malformed_offers_name_the_line, tear_down),
        cmocka_unit_test_teardown(limits_have_their_own_error, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
