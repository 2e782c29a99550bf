/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of the load tool against those of the server (media/sdp.h), and others' texts. */
#include "load/description.h"
#include "media/sdp.h"
#include "seeded.h"
#include "test.h"

#include <stdio.h>

static const struct cv_addr ours = {{192, 0, 2, 9}, 5000, CV_ADDR_V4};
static const struct cv_addr theirs[] = {{{192, 0, 2, 1}, 6000, CV_ADDR_V4},
                                        {{0x20, 1, 0xd, 0xb8}, 6000, CV_ADDR_V6}};
static struct cv_seeded seeded = {.state = 1};

static struct cv_load_description offer(void) {
    struct cv_load_description out = {
        .is_offer = true,
        .ufrag = "loaduser",
        .candidates = {ours},
        .candidate_count = 1,
    };
    out.fingerprint.size = 32;
    memset(out.fingerprint.digest, 0x5a, 32);
    snprintf(out.password, sizeof out.password, "abcdefghijklmnopqrstuvwx");
    assert_int_equal(cv_load_add_line(&out, CV_MEDIA_AUDIO, CV_LOAD_SENDS, 100), CV_OK);
    assert_int_equal(cv_load_add_line(&out, CV_MEDIA_VIDEO, CV_LOAD_SENDS, 200), CV_OK);
    assert_int_equal(cv_load_add_line(&out, CV_MEDIA_AUDIO, CV_LOAD_RECEIVES, 0), CV_OK);
    assert_int_equal(cv_load_add_line(&out, CV_MEDIA_VIDEO, CV_LOAD_RECEIVES, 0), CV_OK);
    return out;
}

static void the_server_understands_an_offer_and_its_answer_is_understood(void **state) {
    struct cv_load_description sent = offer(), got;
    struct cv_buf text = {0}, answer = {0};
    struct cv_sdp_offer *parsed = NULL;
    struct cv_sdp_problem problem = {0};
    static struct cv_sdp_session session;
    const enum cv_codec video[] = {CV_CODEC_VP8};
    assert_int_equal(cv_load_write_description(&sent, &text), CV_OK);
    assert_int_equal(cv_sdp_parse_offer(cv_buf_slice(&text), &parsed, &problem), CV_OK);
    assert_int_equal(
        cv_sdp_negotiate(parsed, video, 1, NULL, cv_seeded_random(&seeded), &session, &problem),
        CV_OK);
    assert_int_equal(session.line_count, 4);
    assert_string_equal(session.remote_ufrag, sent.ufrag);
    assert_memory_equal(session.remote_fingerprint.digest, sent.fingerprint.digest, 32);
    assert_true(session.lines[0].they_send && !session.lines[0].they_receive);
    assert_int_equal(session.lines[0].theirs[0].ssrc, 100);
    assert_int_equal(session.lines[1].theirs[0].ssrc, 200);
    assert_int_equal(session.lines[1].theirs[0].rtx_ssrc, 201);
    assert_true(session.lines[3].they_receive && !session.lines[3].they_send);

    const struct cv_ice_credentials ice = {"server01", "0123456789abcdefghijklmn"};
    struct cv_fingerprint print = {.hash = CV_FINGERPRINT_SHA256, .size = 32, .digest = {1, 2, 3}};
    const struct cv_sdp_transport transport = {
        .ice = &ice, .fingerprint = &print, .addresses = theirs, .address_count = 2, .cname = "c"};
    assert_int_equal(cv_sdp_write_answer(parsed, &session, &transport, &answer), CV_OK);
    assert_int_equal(cv_load_read_description(cv_buf_slice(&answer), false, &got), CV_OK);
    assert_string_equal(got.ufrag, ice.ufrag);
    assert_string_equal(got.password, ice.password);
    assert_memory_equal(&got.fingerprint, &print, sizeof print);
    assert_int_equal(got.candidate_count, 1); /* IPv4 only, each once */
    assert_true(cv_addr_eq(&got.candidates[0], &theirs[0]));
    assert_int_equal(got.line_count, 4);
    assert_int_equal(got.lines[0].direction, CV_LOAD_RECEIVES);
    assert_int_equal(got.lines[0].payload_type, CV_LOAD_OPUS);
    assert_int_equal(cv_rtp_extension_id(&got.lines[0].extensions, CV_RTP_EXT_AUDIO_LEVEL), 1);
    assert_int_equal(got.lines[3].direction, CV_LOAD_SENDS);
    assert_int_equal(got.lines[3].payload_type, CV_LOAD_VP8);
    assert_int_equal(got.lines[3].rtx_payload_type, CV_LOAD_VP8_RTX);
    assert_int_equal(cv_rtp_extension_id(&got.lines[3].extensions, CV_RTP_EXT_TWCC), 3);
    cv_sdp_offer_free(parsed);
    cv_buf_release(&text);
    cv_buf_release(&answer);
}

#define PRINT                                                                                      \
    "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0a:0B:0c:0d:0e:0f:"                       \
    "10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:ff\r\n"
#define HEAD "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"

static enum cv_err read_text(const char *text, struct cv_load_description *got) {
    return cv_load_read_description(cv_slice_str(text), true, got);
}

static void what_is_said_for_the_session_holds_for_its_lines(void **state) {
    struct cv_load_description got;
    assert_int_equal(read_text(HEAD PRINT "a=sendonly\r\na=setup:active\r\n"
                                          "m=audio 9 UDP/TLS/RTP/SAVPF 0 100\r\n"
                                          "a=rtpmap:100 OPUS/48000/2\r\na=mid:a\r\n"
                                          "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n"
                                          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
                               &got),
                     CV_OK);
    assert_int_equal(got.setup, CV_LOAD_ACTIVE);
    assert_int_equal(got.fingerprint.digest[31], 0xff);
    assert_int_equal(got.line_count, 3);
    assert_int_equal(got.lines[0].payload_type, 100);
    assert_int_equal(got.lines[0].direction, CV_LOAD_SENDS);
    assert_string_equal(got.lines[0].mid, "a");
    assert_true(got.lines[1].rejected);
    assert_int_equal(got.lines[1].direction, CV_LOAD_INACTIVE);
    assert_int_equal(got.lines[2].kind, CV_MEDIA_OTHER);
}

static void broken_texts_are_refused(void **state) {
    struct cv_load_description got;
    assert_int_equal(read_text("", &got), CV_ERR_SYNTAX);
    assert_int_equal(read_text("v=1\r\n", &got), CV_ERR_SYNTAX);
    assert_int_equal(read_text(HEAD, &got), CV_ERR_TYPE);
    assert_int_equal(read_text("v=0\r\n" PRINT, &got), CV_ERR_TYPE);
    assert_int_equal(read_text(HEAD "a=fingerprint:sha-256 00:01\r\n", &got), CV_ERR_SYNTAX);
    assert_int_equal(read_text(HEAD "a=fingerprint:sha-1 00\r\n", &got), CV_ERR_TYPE);
    assert_int_equal(read_text(HEAD "a=fingerprint:sha-256 \r\n", &got), CV_ERR_SYNTAX);
    assert_int_equal(read_text(HEAD PRINT "m=audio 9\r\n", &got), CV_ERR_SYNTAX);
    assert_int_equal(read_text(HEAD PRINT "m=audio 9 X 0\r\na=mid:12345678901234567\r\n", &got),
                     CV_ERR_LIMIT);
}

static void lines_are_limited(void **state) {
    struct cv_load_description got, full = {0};
    struct cv_buf text = {0};
    assert_int_equal(cv_buf_append_str(&text, HEAD PRINT), CV_OK);
    for (int i = 0; i <= CV_LOAD_MAX_LINES; i++)
        assert_int_equal(cv_buf_append_str(&text, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"), CV_OK);
    assert_int_equal(cv_load_read_description(cv_buf_slice(&text), true, &got), CV_ERR_LIMIT);
    cv_buf_release(&text);
    for (int i = 0; i < CV_LOAD_MAX_LINES; i++)
        assert_int_equal(cv_load_add_line(&full, CV_MEDIA_AUDIO, CV_LOAD_RECEIVES, 0), CV_OK);
    assert_int_equal(cv_load_add_line(&full, CV_MEDIA_AUDIO, CV_LOAD_RECEIVES, 0), CV_ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_understands_an_offer_and_its_answer_is_understood),
        cmocka_unit_test(what_is_said_for_the_session_holds_for_its_lines),
        cmocka_unit_test(broken_texts_are_refused),
        cmocka_unit_test(lines_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
