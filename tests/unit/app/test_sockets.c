/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/media_sockets.h"
#include "app/sockets.h"
#include "scratch.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct cv_config config;
static struct cv_sockets sockets;
static char error[CV_CONFIG_ERROR_BYTES];

static enum cv_err open_with(const char *yaml) {
    cv_config_release(&config);
    assert_int_equal(cv_config_load(cv_slice_str(yaml), "t", &config, error), CV_OK);
    return cv_sockets_open(&config, NULL, &sockets, error);
}

static size_t count(enum cv_handover_listener_kind kind) {
    size_t n = 0;
    for (size_t i = 0; i < sockets.count; i++) {
        n += sockets.items[i].listener.kind == (uint32_t)kind;
    }
    return n;
}

static int leave(void **state) {
    cv_sockets_close(&sockets);
    cv_config_release(&config);
    return scratch_leave(state);
}

static void test_one_number_for_all(void **state) {
    (void)state;
    assert_int_equal(open_with("listen: {addresses: [127.0.0.1, 127.0.0.2], port: 0}"), CV_OK);
    assert_true(sockets.https_port > 0);
    assert_int_equal(sockets.stun_port, sockets.https_port);
    assert_int_equal(count(CV_HANDOVER_HTTPS), 2);
    assert_int_equal(count(CV_HANDOVER_STUN), 2);
    assert_int_equal(count(CV_HANDOVER_CONTROL), 1);
    for (size_t i = 0; i < sockets.count; i++) {
        const struct cv_handover_listener *listener = &sockets.items[i].listener;
        assert_int_equal(listener->addr.port, listener->is_unix ? 0 : sockets.https_port);
    }
}

static void test_the_socket_file_is_closed_and_replaced(void **state) {
    struct stat st;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(open_with("listen: {addresses: [127.0.0.1], port: 0, stun: false}"),
                         CV_OK);
        assert_int_equal(count(CV_HANDOVER_STUN), 0);
        assert_int_equal(sockets.stun_port, 0);
        assert_int_equal(stat("control.sock", &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        cv_sockets_close(&sockets);
    }
    unlink("control.sock");
    close(open("control.sock", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)); /* no socket: not ours */
    assert_int_equal(open_with("listen: {addresses: [127.0.0.1], port: 0}"), CV_ERR_SYSTEM);
    assert_non_null(strstr(error, "control.sock"));
    assert_int_equal(sockets.count, 0);
}

static void test_behind_a_proxy(void **state) {
    char yaml[256];
    (void)state;
    snprintf(yaml, sizeof yaml,
             "public_url: https://x\nlisten: {addresses: [], http: 'unix:%s/http.sock'}", scratch);
    assert_int_equal(open_with(yaml), CV_OK);
    assert_int_equal(count(CV_HANDOVER_HTTPS), 0);
    assert_int_equal(count(CV_HANDOVER_STUN), 0);
    assert_int_equal(count(CV_HANDOVER_HTTP), 1);
}

static void test_all_or_nothing(void **state) {
    (void)state;
    assert_int_equal(open_with("listen: {addresses: [127.0.0.1], port: 0}"), CV_OK);
    struct cv_sockets taken = sockets;
    char yaml[128];
    snprintf(yaml, sizeof yaml, "listen: {addresses: [127.0.0.2, 127.0.0.1], port: %u}",
             taken.https_port);
    assert_int_equal(open_with(yaml), CV_ERR_SYSTEM);
    assert_int_equal(sockets.count, 0);
    assert_non_null(strstr(error, "can't listen on TCP 127.0.0.1 port"));
    assert_non_null(strstr(error, "another program uses it"));
    cv_sockets_close(&taken);
    assert_int_equal(open_with("listen: {addresses: [192.0.2.1], port: 0}"), CV_ERR_SYSTEM);
}

static void test_media_sockets_share_a_number(void **state) {
    struct cv_media_sockets media[2];
    (void)state;
    assert_int_equal(open_with("{listen: {addresses: [127.0.0.1, 127.0.0.2], port: 0}}"), CV_OK);
    assert_int_equal(cv_media_sockets_open(&config, 0, &media[0], error), CV_OK);
    assert_int_equal(media[0].count, 4);
    for (size_t i = 0; i < media[0].count; i++) {
        const struct cv_handover_listener *listener = &media[0].items[i].listener;
        assert_int_equal(listener->addr.port, media[0].port);
        assert_int_equal(listener->kind, i % 2 ? CV_HANDOVER_MEDIA_TCP : CV_HANDOVER_MEDIA);
    }
    /* The number is taken now: for another, this is said, and nothing is kept open. */
    config.relay.port = media[0].port;
    assert_int_equal(cv_media_sockets_open(&config, 0, &media[1], error), CV_ERR_SYSTEM);
    assert_non_null(strstr(error, "another program uses it"));
    assert_int_equal(media[1].count, 0);
    cv_media_sockets_close(&media[0]);
    config.relay.tcp = 0;
    assert_int_equal(cv_media_sockets_open(&config, 0, &media[1], error), CV_OK);
    assert_int_equal(media[1].count, 2);
    cv_media_sockets_close(&media[1]);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_number_for_all, scratch_enter, leave),
        cmocka_unit_test_setup_teardown(test_the_socket_file_is_closed_and_replaced, scratch_enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_behind_a_proxy, scratch_enter, leave),
        cmocka_unit_test_setup_teardown(test_all_or_nothing, scratch_enter, leave),
        cmocka_unit_test_setup_teardown(test_media_sockets_share_a_number, scratch_enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
