/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"
#include "test.h"

static void rfc4648_vectors(void **state) {
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const base64[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                         "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (size_t i = 0; i < 7; i++) {
        char text[16];
        cv_base64_encode((const uint8_t *)plain[i], strlen(plain[i]), text);
        assert_string_equal(text, base64[i]);
    }
}

static void base64url_round_trips_every_length(void **state) {
    uint8_t data[64], back[64];
    char text[CV_BASE64URL_SIZE(64) + 1];
    for (size_t size = 0; size <= sizeof data; size++) {
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)(i * 37 + size);
        cv_base64url_encode(data, size, text);
        assert_int_equal(strlen(text), CV_BASE64URL_SIZE(size));
        size_t got = 99;
        assert_int_equal(cv_base64url_decode(cv_slice_str(text), back, size, &got), CV_OK);
        assert_int_equal(got, size);
        assert_memory_equal(data, back, size);
    }
}

static void base64url_has_one_spelling(void **state) {
    uint8_t data[8];
    size_t size;
    static const char *const bad[] = {"Zg==", "Zh", "Z", "Zm9+", "Zm9/", "Zm 9", "Zm9v\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cv_base64url_decode(cv_slice_str(bad[i]), data, sizeof data, &size),
                         CV_ERR_SYNTAX);
    assert_int_equal(cv_base64url_decode(cv_slice_str("Zm9vYmFyAAAA"), data, 8, &size),
                     CV_ERR_LIMIT);
}

static void hex(void **state) {
    char text[7];
    cv_hex_encode((const uint8_t *)"\x00\xaf\x10", 3, text);
    assert_string_equal(text, "00af10");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc4648_vectors),
        cmocka_unit_test(base64url_round_trips_every_length),
        cmocka_unit_test(base64url_has_one_spelling),
        cmocka_unit_test(hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
