/* SPDX-License-Identifier: Apache-2.0 */
#include "app/whip_sdp.h"

#include "test.h"

#define UFRAG "EsAw"
#define PWD "P2uYro0UCOQ4zxjKXaWCBui1"
#define OFFER                                                                                      \
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"                      \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:old1\r\na=ice-pwd:oldpassword\r\n"  \
    "a=candidate:1 1 UDP 1 192.0.2.1 1 typ host\r\n"                                               \
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:old1\r\na=ice-pwd:oldpassword\r\n"

static void what_an_offer_sends(void **state) {
    struct cv_media media = cv_whip_media(cv_slice_str(OFFER));
    assert_true(media.audio && media.video && !media.screen);
    media = cv_whip_media(cv_slice_str("m=video 9 x\nm=video 9 y\n"));
    assert_true(!media.audio && media.video && media.screen);
    media = cv_whip_media(cv_slice_str(""));
    assert_true(!media.audio && !media.video && !media.screen);
}

static void credentials_of_a_fragment(void **state) {
    struct cv_slice ufrag, pwd;
    assert_int_equal(
        cv_whip_credentials(cv_slice_str("a=ice-ufrag:" UFRAG "\r\na=ice-pwd:" PWD), &ufrag, &pwd),
        CV_OK);
    assert_true(cv_slice_eq_str(ufrag, UFRAG) && cv_slice_eq_str(pwd, PWD));
    assert_int_equal(cv_whip_credentials(cv_slice_str("a=ice-ufrag:" UFRAG "\r\n"), &ufrag, &pwd),
                     CV_ERR_NOT_FOUND);
    assert_int_equal(
        cv_whip_credentials(cv_slice_str("a=ice-ufrag:abc\na=ice-pwd:" PWD "\n"), &ufrag, &pwd),
        CV_ERR_SYNTAX);
    assert_int_equal(
        cv_whip_credentials(cv_slice_str("a=ice-ufrag:" UFRAG "\na=ice-pwd:" PWD " x\n"), &ufrag,
                            &pwd),
        CV_ERR_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_offer_sends),
        cmocka_unit_test(credentials_of_a_fragment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
