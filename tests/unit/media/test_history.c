/* SPDX-License-Identifier: Apache-2.0 */
/* Packets and who keeps them: pooled, counted, bounded. */
#include "media/history.h"
#include "seeded.h"
#include "test.h"

static struct cv_packet_pool pool;
static struct cv_history_budget budget;
static struct cv_history *history;

static int set_up(void **state) {
    cv_packet_pool_init(&pool, 8 << 20);
    budget = (struct cv_history_budget){.limit_bytes = 16 << 20};
    history = cv_history_new(&pool, &budget);
    return history ? 0 : -1;
}

static int tear_down(void **state) {
    cv_history_close(history);
    history = cv_history_unref(history);
    assert_int_equal(budget.used_bytes, 0);
    assert_int_equal(pool.used_bytes, 0);
    cv_packet_pool_release(&pool);
    assert_int_equal(pool.slab_bytes, 0);
    return 0;
}

static void put(uint64_t number, int64_t at_us) {
    struct cv_packet *packet = cv_packet_new(&pool, 1200);
    assert_non_null(packet);
    packet->number = number;
    packet->arrived_us = at_us;
    cv_history_put(history, packet);
    cv_packet_unref(&pool, packet);
}

static bool has(uint64_t number) {
    const struct cv_packet *packet = cv_history_get(history, (uint16_t)number);
    assert_true(!packet || packet->number == number);
    return packet;
}

static void packets_come_back_by_number(void **state) {
    for (uint64_t n = 65536 + 65500; n < 65536 + 65600; n++)
        put(n, 1);
    for (uint64_t n = 65536 + 65500; n < 65536 + 65600; n++)
        assert_true(has(n));
    assert_null(cv_history_get(history, (uint16_t)65499));
    assert_null(cv_history_get(history, (uint16_t)65601));
}

static void late_ones_find_their_place(void **state) {
    put(70000, 1);
    put(70003, 1);
    put(70001, 1);
    assert_true(has(70001));
    assert_null(cv_history_get(history, (uint16_t)70002));
    put(69999, 1); /* before the first: nobody could have missed it */
    assert_true(has(70000) && has(70003));
}

static void it_grows_while_packets_are_wanted_and_forgets_old_ones(void **state) {
    uint64_t n = 70000;
    int64_t now_us = 1;
    for (; n < 71500; n++, now_us += 1000)
        put(n, now_us);
    assert_true(has(70001 + 10) && has(71499));
    now_us += CV_HISTORY_US + 1;
    put(n, now_us);
    assert_true(has(n));
    assert_false(has(71499));
}

static void what_is_too_old_goes_without_a_newer_one(void **state) {
    put(70000, 1000);
    put(70001, 2000);
    put(70005, 3000);
    put(70003, 4000); /* late: what stands behind it waits for it */
    cv_history_expire(history, 1000 + CV_HISTORY_US);
    assert_true(has(70000));
    cv_history_expire(history, 1001 + CV_HISTORY_US);
    assert_false(has(70000));
    assert_true(has(70001) && has(70003) && has(70005));
    cv_history_expire(history, 4001 + CV_HISTORY_US);
    assert_int_equal(budget.used_bytes, 0);
    cv_history_expire(history, 1);    /* times are of one clock, but nothing hangs on it */
    put(70002, 5000 + CV_HISTORY_US); /* before what was given back */
    put(70006, 5000 + CV_HISTORY_US);
    assert_true(has(70006));
    cv_history_close(history);
    cv_history_expire(history, 9000 + CV_HISTORY_US);
}

static void the_room_is_bounded(void **state) {
    budget.limit_bytes = 100 * 1700;
    for (uint64_t n = 70000; n < 71000; n++)
        put(n, 1);
    assert_true(budget.used_bytes <= budget.limit_bytes / CV_HISTORY_SHARE);
    assert_true(budget.used_bytes > budget.limit_bytes / CV_HISTORY_SHARE / 2);
    assert_true(has(70999));
    assert_false(has(70000));
}

static void jumps_are_survived(void **state) {
    struct cv_seeded seeded = {7};
    uint64_t n = 70000;
    for (int i = 0; i < 20000; i++) {
        n += cv_seeded_below(&seeded, 5) == 0 ? cv_seeded_below(&seeded, 30000) : 1;
        put(n - cv_seeded_below(&seeded, 50), i);
    }
}

static void who_holds_one_keeps_it(void **state) {
    struct cv_packet *packet = cv_packet_new(&pool, 100);
    packet->number = 70000;
    packet->data[99] = 42;
    cv_history_put(history, packet);
    struct cv_history *second = cv_history_ref(history);
    cv_history_close(history);
    assert_null(cv_history_get(second, (uint16_t)70000));
    cv_history_put(second, packet);
    assert_int_equal(packet->references, 1);
    assert_int_equal(packet->data[99], 42);
    cv_packet_unref(&pool, packet);
    cv_history_unref(second);
    assert_int_equal(pool.used_bytes, 0);
}

static void the_pool_has_an_end(void **state) {
    enum { MANY = 8000 };
    static struct cv_packet *packets[MANY];
    size_t count = 0;
    while (count < MANY && (packets[count] = cv_packet_new(&pool, 1500)))
        count++;
    assert_in_range(count, 4000, MANY - 1);
    assert_true(pool.slab_bytes <= pool.limit_bytes);
    for (size_t i = 0; i < count; i += 2)
        cv_packet_unref(&pool, packets[i]);
    for (size_t i = 0; i < count; i += 2) {
        packets[i] = cv_packet_new(&pool, 1500);
        assert_non_null(packets[i]);
    }
    for (size_t i = 0; i < count; i++)
        cv_packet_unref(&pool, packets[i]);
    /* A rush is given back to the system, but for one slab. */
    assert_true(pool.slab_bytes < 100000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(packets_come_back_by_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(late_ones_find_their_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_grows_while_packets_are_wanted_and_forgets_old_ones,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_old_goes_without_a_newer_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_room_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jumps_are_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_holds_one_keeps_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_pool_has_an_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
