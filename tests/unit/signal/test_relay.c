/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay has to say, as docs/protocol.md has it. */
#include "signal/encode.h"

#include "test.h"

static void assert_text(struct cv_signal_text *text, const char *expected) {
    assert_non_null(text);
    assert_int_equal(text->size, strlen(expected));
    assert_memory_equal(text->data, expected, text->size);
    cv_signal_text_unref(text);
}

static void answers_and_refusals(void **state) {
    assert_text(cv_signal_encode_relay("s1", cv_slice_str("v=0\r\n")),
                "\"type\":\"relay\",\"session\":\"s1\",\"description\":{\"type\":\"answer\","
                "\"sdp\":\"v=0\\r\\n\"}}");
    assert_text(cv_signal_encode_relay_gone("s1", "full", "No room."),
                "\"type\":\"relay_gone\",\"session\":\"s1\",\"code\":\"full\",\"message\":"
                "\"No room.\"}");
    /* A worker's words need not be text: such an answer is none. */
    assert_null(cv_signal_encode_relay("s1", cv_slice_str("\xff")));
}

static void what_feeds_the_slots(void **state) {
    const struct cv_signal_slot slots[] = {{"4", {"p1"}, "microphone", "live"},
                                           {"9", {""}, "camera", "off"}};
    assert_text(cv_signal_encode_slots("s1", slots, 2),
                "\"type\":\"slots\",\"session\":\"s1\",\"slots\":[{\"mid\":\"4\",\"participant\":"
                "\"p1\",\"source\":\"microphone\",\"state\":\"live\"},{\"mid\":\"9\","
                "\"participant\":null,\"source\":\"camera\",\"state\":\"off\"}]}");
    assert_text(cv_signal_encode_slots("s1", NULL, 0),
                "\"type\":\"slots\",\"session\":\"s1\",\"slots\":[]}");
}

static void who_speaks_and_what_is_watched(void **state) {
    const struct cv_id ana = {"ana"}, nobody = {""};
    const char *const rids[] = {"q", "f"};
    assert_text(cv_signal_encode_speaker(&ana), "\"type\":\"speaker\",\"participant\":\"ana\"}");
    assert_text(cv_signal_encode_speaker(&nobody), "\"type\":\"speaker\",\"participant\":null}");
    assert_text(
        cv_signal_encode_watched("s1", rids, 2, true),
        "\"type\":\"watched\",\"session\":\"s1\",\"camera\":[\"q\",\"f\"],\"screen\":true}");
    assert_text(cv_signal_encode_watched("s1", NULL, 0, false),
                "\"type\":\"watched\",\"session\":\"s1\",\"camera\":[],\"screen\":false}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_refusals),
        cmocka_unit_test(what_feeds_the_slots),
        cmocka_unit_test(who_speaks_and_what_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
