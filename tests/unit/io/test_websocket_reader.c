/* SPDX-License-Identifier: Apache-2.0 */
#include "io/websocket_reader.h"

#include "io/websocket.h"

#include "test.h"

enum { MESSAGE_MAX = 5000, FIN = 0x80 };

/* A client's frame; the mask is 1, 2, 3, 4. */
static void append_frame(struct cv_buf *out, uint8_t first, struct cv_slice payload) {
    cv_buf_append_byte(out, first);
    if (payload.size < 126) {
        cv_buf_append_byte(out, (uint8_t)(0x80 | payload.size));
    } else {
        uint8_t size[2];
        cv_put_be16(size, (uint16_t)payload.size);
        cv_buf_append_byte(out, 0x80 | 126);
        cv_buf_append(out, size, 2);
    }
    cv_buf_append(out, "\1\2\3\4", 4);
    for (size_t i = 0; i < payload.size; i++)
        cv_buf_append_byte(out, payload.data[i] ^ (uint8_t)(i % 4 + 1));
}

static void append_text_frame(struct cv_buf *out, uint8_t first, const char *text) {
    append_frame(out, first, cv_slice_str(text));
}

/* Reads in pieces and writes down "T(hello)P(x)C1000(bye)E1002". */
static struct cv_buf read_all(struct cv_websocket_pool *pool, struct cv_slice bytes, size_t step) {
    static const char names[] = {
        [CV_WEBSOCKET_TEXT] = 'T', [CV_WEBSOCKET_BINARY] = 'B', [CV_WEBSOCKET_PING] = 'P',
        [CV_WEBSOCKET_PONG] = 'O', [CV_WEBSOCKET_CLOSE] = 'C',  [CV_WEBSOCKET_ERROR] = 'E',
    };
    struct cv_buf log = {0};
    struct cv_websocket_reader reader = {0};
    struct cv_websocket_item item;
    enum cv_websocket_event event = CV_WEBSOCKET_MORE;
    for (size_t at = 0; at < bytes.size && event != CV_WEBSOCKET_ERROR; at += step) {
        struct cv_slice input = {bytes.data + at, bytes.size - at < step ? bytes.size - at : step};
        while ((event = cv_websocket_read(&reader, pool, MESSAGE_MAX, &input, &item)) !=
               CV_WEBSOCKET_MORE) {
            cv_buf_printf(&log, "%c", names[event]);
            if (event == CV_WEBSOCKET_CLOSE || event == CV_WEBSOCKET_ERROR)
                cv_buf_printf(&log, "%d", item.code);
            if (event == CV_WEBSOCKET_ERROR) {
                assert_true(item.data.size > 0);
                break;
            }
            cv_buf_printf(&log, "(%.*s)", (int)item.data.size, (const char *)item.data.data);
        }
    }
    cv_websocket_reader_release(&reader);
    return log;
}

static void expect(const struct cv_buf *bytes, const char *events) {
    static const size_t steps[] = {1, 2, 3, 7, 100000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct cv_websocket_pool pool = {0};
        struct cv_buf log = read_all(&pool, cv_buf_slice(bytes), steps[i]);
        assert_string_equal(cv_buf_cstr(&log), events);
        cv_buf_release(&log);
        cv_websocket_pool_release(&pool);
    }
}

static void reads_messages_and_control_frames(void **state) {
    struct cv_buf bytes = {0};
    append_text_frame(&bytes, FIN | 1, "hello");
    append_text_frame(&bytes, FIN | 9, "x");
    append_text_frame(&bytes, FIN | 2, "");
    append_text_frame(&bytes, FIN | 10, "y");
    append_text_frame(&bytes, FIN | 8,
                      "\x03\xe8"
                      "bye");
    expect(&bytes, "T(hello)P(x)B()O(y)C1000(bye)");
    cv_buf_release(&bytes);
}

static void joins_fragments_around_control_frames(void **state) {
    struct cv_buf bytes = {0};
    append_text_frame(&bytes, 1, "a\xc3");
    append_text_frame(&bytes, FIN | 9, "now");
    append_text_frame(&bytes, 0, "");
    append_text_frame(&bytes, FIN | 0, "\xa4z");
    append_text_frame(&bytes, FIN | 8, "");
    expect(&bytes, "P(now)T(a\xc3\xa4z)C1005()");
    cv_buf_release(&bytes);
}

static void finds_what_a_client_must_not_do(void **state) {
    static const struct {
        const char *bytes; /* of two frames at most, with a mask of zeros */
        size_t size;
        const char *events;
    } cases[] = {
#define CASE(bytes, events) {bytes, sizeof(bytes) - 1, events}
        CASE("\x81\x01"
             "a",
             "E1002"),
        CASE("\xc1\x81\0\0\0\0a", "E1002"),
        CASE("\x83\x80\0\0\0\0", "E1002"),
        CASE("\x80\x80\0\0\0\0", "E1002"),
        CASE("\x09\x80\0\0\0\0", "E1002"),
        CASE("\x89\xfe\0\x7e\0\0\0\0", "E1002"),
        CASE("\x81\xfe\0\x7d\0\0\0\0", "E1002"),
        CASE("\x01\x81\0\0\0\0a\x81\x81\0\0\0\0b", "E1002"),
        CASE("\x81\x81\0\0\0\0\xff", "E1007"),
        CASE("\x82\xfe\x13\x89\0\0\0\0a", "E1009"),
        CASE("\x88\x81\0\0\0\0\x03", "E1002"),
        CASE("\x88\x82\0\0\0\0\x03\xed", "E1002"),
        CASE("\x88\x83\0\0\0\0\x03\xe8\xff", "E1007"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_buf bytes = {0};
        cv_buf_append(&bytes, cases[i].bytes, cases[i].size);
        expect(&bytes, cases[i].events);
        cv_buf_release(&bytes);
    }
}

static void a_message_in_fragments_is_limited_as_a_whole(void **state) {
    struct cv_buf bytes = {0}, half = {0};
    for (size_t i = 0; i < MESSAGE_MAX / 2; i++)
        cv_buf_append_byte(&half, 'a');
    append_frame(&bytes, 2, cv_buf_slice(&half));
    append_frame(&bytes, 0, cv_buf_slice(&half));
    append_text_frame(&bytes, FIN | 0, "b");
    expect(&bytes, "E1009");
    cv_buf_release(&half);
    cv_buf_release(&bytes);
}

static void readers_share_a_context_between_frames_only(void **state) {
    struct cv_websocket_pool pool = {0};
    struct cv_websocket_reader readers[2] = {0};
    struct cv_websocket_item item;
    struct cv_buf bytes = {0};
    append_text_frame(&bytes, FIN | 1, "hello");
    struct cv_slice first = {bytes.data, 4}, rest = {bytes.data + 4, bytes.size - 4};
    struct cv_slice whole = cv_buf_slice(&bytes);
    assert_int_equal(cv_websocket_read(&readers[0], &pool, MESSAGE_MAX, &first, &item),
                     CV_WEBSOCKET_MORE);
    assert_non_null(readers[0].frames);
    assert_int_equal(cv_websocket_read(&readers[1], &pool, MESSAGE_MAX, &whole, &item),
                     CV_WEBSOCKET_TEXT);
    assert_int_equal(cv_websocket_read(&readers[1], &pool, MESSAGE_MAX, &whole, &item),
                     CV_WEBSOCKET_MORE);
    assert_null(readers[1].frames);
    assert_non_null(pool.spare);
    assert_int_equal(cv_websocket_read(&readers[0], &pool, MESSAGE_MAX, &rest, &item),
                     CV_WEBSOCKET_TEXT);
    assert_true(cv_slice_eq_str(item.data, "hello"));
    assert_int_equal(cv_websocket_read(&readers[0], &pool, MESSAGE_MAX, &rest, &item),
                     CV_WEBSOCKET_MORE);
    assert_null(readers[0].frames);
    for (size_t i = 0; i < 2; i++)
        cv_websocket_reader_release(&readers[i]);
    cv_websocket_pool_release(&pool);
    cv_buf_release(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_messages_and_control_frames),
        cmocka_unit_test(joins_fragments_around_control_frames),
        cmocka_unit_test(finds_what_a_client_must_not_do),
        cmocka_unit_test(a_message_in_fragments_is_limited_as_a_whole),
        cmocka_unit_test(readers_share_a_context_between_frames_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
