/* SPDX-License-Identifier: Apache-2.0 */
/* SDP: any offer is refused with a problem, or gets an answer that our own parser reads. */
#include "media/sdp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_up(void *context, uint8_t *data, size_t size) {
    static uint8_t next;
    for (size_t i = 0; i < size; i++)
        data[i] = next += 41;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum cv_codec video[] = {CV_CODEC_VP8, CV_CODEC_VP9, CV_CODEC_H264, CV_CODEC_AV1};
    static const struct cv_ice_credentials ice = {"UFRAGUFR", "passwordpasswordpassword"};
    static const struct cv_fingerprint fingerprint = {CV_FINGERPRINT_SHA256, 32, {1}};
    static const struct cv_addr address = {{192, 0, 2, 1}, 4000, CV_ADDR_V4};
    static const struct cv_sdp_transport transport = {&ice, &fingerprint, &address, 1,
                                                      true, "cname",      1,        1};
    static struct cv_sdp_session session;
    struct cv_sdp_offer *offer, *back;
    struct cv_sdp_problem problem;
    struct cv_buf answer = {0};
    if (cv_sdp_parse_offer(cv_slice_of(data, size), &offer, &problem) != CV_OK) {
        assert(problem.text);
        return 0;
    }
    struct cv_random random = {count_up, NULL};
    if (cv_sdp_negotiate(offer, video, 4, NULL, random, &session, &problem) == CV_OK) {
        assert(cv_sdp_write_answer(offer, &session, &transport, &answer) == CV_OK);
        if (answer.size <= CV_SDP_MAX_BYTES) {
            enum cv_err err = cv_sdp_parse_offer(cv_buf_slice(&answer), &back, &problem);
            assert(err == CV_OK || err == CV_ERR_LIMIT);
            if (!err)
                assert(cv_sdp_media_count(back) == session.line_count);
            if (!err)
                cv_sdp_offer_free(back);
        }
    } else {
        assert(problem.text);
    }
    cv_buf_release(&answer);
    cv_sdp_offer_free(offer);
    return 0;
}
