/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/log.h"

static const int64_t at_us = INT64_C(1770091506789000);

static void assert_line(const struct cv_log_sink *sink, const char *expected, const char *event,
                        const struct cv_log_field *fields) {
    struct cv_buf line = {0};
    assert_int_equal(cv_log_format(sink, at_us, CV_LOG_WARNING, event, fields, &line), CV_OK);
    assert_string_equal(cv_buf_cstr(&line), expected);
    cv_buf_release(&line);
}

static void test_both_forms(void **state) {
    const struct cv_log_field fields[] = {
        CV_LOG_TEXT("reason", "too slow"), CV_LOG_NUMBER("count", -3),
        CV_LOG_TEXT("path", "/healthz"),   CV_LOG_TEXT("none", NULL),
        CV_LOG_PRIVATE("name", "Ana"),     {0},
    };
    struct cv_log_sink sink = {.process = "control"};
    (void)state;
    assert_line(&sink,
                "time=2026-02-03T04:05:06.789Z level=warning process=control event=\"client "
                "dropped\" reason=\"too slow\" count=-3 path=/healthz none=- name=-\n",
                "client dropped", fields);
    sink.json = true;
    assert_line(&sink,
                "{\"time\":\"2026-02-03T04:05:06.789Z\",\"level\":\"warning\",\"process\":"
                "\"control\",\"event\":\"client dropped\",\"reason\":\"too slow\",\"count\":-3,"
                "\"path\":\"/healthz\",\"none\":\"-\",\"name\":\"-\"}\n",
                "client dropped", fields);
    sink.personal_data = true;
    sink.json = false;
    sink.process = NULL;
    assert_line(&sink, "time=2026-02-03T04:05:06.789Z level=warning event=x name=Ana\n", "x",
                &fields[4]);
}

/* No text can begin a new line, close a quote or pass for another field. */
static void test_hostile_text(void **state) {
    const struct cv_log_field fields[] = {CV_LOG_TEXT("a", "x\nlevel=error \"q\" \\ \x1b[2J\x7f"),
                                          CV_LOG_TEXT("b", "k=v"),
                                          CV_LOG_TEXT("c", ""),
                                          {0}};
    const struct cv_log_sink sink = {0};
    (void)state;
    assert_line(&sink,
                "time=2026-02-03T04:05:06.789Z level=warning event=x "
                "a=\"x\\u000alevel=error \\\"q\\\" \\\\ \\u001b[2J\\u007f\" b=\"k=v\" c=\"\"\n",
                "x", fields);
}

static char written[4096];
static size_t lines;

static int64_t fixed_wall_us(void) {
    return at_us;
}
static void keep(const char *line, size_t size) {
    memcpy(written, line, size);
    written[size] = 0;
    lines++;
}

static void test_sink(void **state) {
    (void)state;
    CV_LOG(CV_LOG_ERROR, "nobody listens");
    cv_log_setup(
        &(struct cv_log_sink){.level = CV_LOG_INFO, .wall_us = fixed_wall_us, .write = keep});
    CV_LOG(CV_LOG_DEBUG, "dropped");
    assert_int_equal(lines, 0);
    CV_LOG(CV_LOG_INFO, "kept", CV_LOG_NUMBER("n", 1));
    assert_int_equal(lines, 1);
    assert_string_equal(written, "time=2026-02-03T04:05:06.789Z level=info event=kept n=1\n");
    CV_LOG(CV_LOG_INFO, "bare");
    assert_int_equal(lines, 2);
    cv_log_setup(&(struct cv_log_sink){0});
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
