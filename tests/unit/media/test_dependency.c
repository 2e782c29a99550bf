/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dependency.h"
#include "test.h"

static uint8_t bytes[CV_DEPENDENCY_MAX_BYTES + 1];
static struct cv_dependency_structure structure;

static int set_up(void **state) {
    structure = (struct cv_dependency_structure){0};
    return 0;
}

/* Ones and zeros, spaces for the eye; the last byte is filled with zeros. */
static struct cv_slice bits(const char *text) {
    size_t count = 0;
    memset(bytes, 0, sizeof bytes);
    for (; *text; text++)
        if (*text != ' ') {
            bytes[count / 8] |= (uint8_t)((*text == '1') << (7 - count % 8));
            count++;
        }
    return cv_slice_of(bytes, (count + 7) / 8);
}

static struct cv_dependency take(const char *text) {
    struct cv_dependency dependency;
    assert_int_equal(cv_dependency_read(bits(text), &structure, &dependency), CV_OK);
    return dependency;
}

/*
 * Two temporal layers: templates 0 (T0, key), 1 (T0), 2 (T1); target 0 shows both, target 1 the
 * first. Chains: one, protecting both targets.
 */
#define MANDATORY(template, number) "11 " template " " number " "
#define L1T2                                                                                       \
    "1 0 0 0 0 "             /* a structure and nothing else */                                    \
    "000000 00001 "          /* first template id 0, two targets */                                \
    "00 01 11 "              /* layers: same again, next temporal, end */                          \
    "10 10  10 11  01 00 "   /* DTIs by template: SS, SR, D- */                                    \
    "0  1 0001 0  1 0000 0 " /* differences: none, 2, 1 */                                         \
    "10 "                    /* chains: ns(3) = 1 */                                               \
    "0000 0010 0001 "        /* chain differences (targets take no bits: ns(1)) */                 \
    "0"                      /* no resolutions */
#define KEY MANDATORY("000000", "0000000000000001") L1T2

static void a_key_frame_brings_the_structure(void **state) {
    struct cv_dependency d = take(KEY);
    assert_true(d.starts_frame && d.ends_frame && d.has_structure);
    assert_int_equal(d.frame_number, 1);
    assert_int_equal(d.temporal, 0);
    assert_int_equal(structure.template_count, 3);
    assert_int_equal(structure.target_count, 2);
    assert_int_equal(structure.chain_count, 1);
    assert_int_equal(structure.templates[2].temporal, 1);
    assert_int_equal(structure.target_temporal[0], 1);
    assert_int_equal(structure.target_temporal[1], 0);
    assert_int_equal(cv_dependency_dti(d.dtis, 0), CV_DTI_SWITCH);
}

static void later_frames_name_their_template(void **state) {
    take(KEY);
    struct cv_dependency d = take("10 000010 0000000000000010");
    assert_true(d.starts_frame && !d.ends_frame && !d.has_structure);
    assert_int_equal(d.temporal, 1);
    assert_int_equal(cv_dependency_dti(d.dtis, 0), CV_DTI_DISCARDABLE);
    assert_int_equal(cv_dependency_dti(d.dtis, 1), CV_DTI_NOT_PRESENT);
}

static void a_frame_may_have_indications_of_its_own(void **state) {
    take(KEY);
    struct cv_dependency d = take(MANDATORY("000001", "0000000000000011") "0 1 1 0 0  10  11 10");
    assert_int_equal(cv_dependency_dti(d.dtis, 0), CV_DTI_REQUIRED);
    assert_int_equal(cv_dependency_dti(d.dtis, 1), CV_DTI_SWITCH);
}

static void unknown_templates_wait_for_a_key_frame(void **state) {
    struct cv_dependency d;
    assert_int_equal(cv_dependency_read(bits("10 000000 0000000000000001"), &structure, &d),
                     CV_ERR_SEQUENCE);
    take(KEY);
    assert_int_equal(cv_dependency_read(bits("10 000011 0000000000000001"), &structure, &d),
                     CV_ERR_SEQUENCE);
}

/* Ids count on from the offset of the last structure, modulo 64. */
static void template_ids_wrap(void **state) {
    take(MANDATORY("111111", "0000000000000001") "1 0 0 0 0 111111 00001 00 01 11 "
                                                 "10 10 10 11 01 00  0 1 0001 0 1 0000 0  0 0");
    assert_int_equal(structure.template_offset, 63);
    assert_int_equal(structure.chain_count, 0);
    struct cv_dependency d = take("10 000001 0000000000000010");
    assert_int_equal(d.temporal, 1);
}

/* L2T1: two spatial layers with their sizes, a target for each. */
#define L2T1                                                                                       \
    MANDATORY("000000", "0000000000000001")                                                        \
    "1 0 0 0 0 000000 00001  10 11  10 10  10 00  0 0  0  1 "                                      \
    "0000000100111111 0000000010110011  0000001001111111 0000000101100111"

static void targets_are_chosen_by_layer(void **state) {
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 3, 7), -1);
    take(KEY);
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 0, 0), 1);
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 0, 1), 0);
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 3, 7), 0);
    take(L2T1);
    assert_int_equal(structure.templates[1].spatial, 1);
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 1, 0), 0);
    assert_int_equal(cv_dependency_target(&structure, UINT32_MAX, 0, 0), 1);
}

static void malformed_descriptors_leave_the_structure(void **state) {
    take(KEY);
    struct cv_dependency_structure before = structure;
    struct cv_dependency d;
    struct cv_slice key = bits(KEY);
    for (size_t size = 0; size < key.size; size++) {
        if (size == 3) /* cut there, it is a descriptor without extension */
            continue;
        assert_int_equal(cv_dependency_read(cv_slice_of(bytes, size), &structure, &d),
                         CV_ERR_SYNTAX);
    }
    assert_int_equal(cv_dependency_read(cv_slice_of(bytes, sizeof bytes), &structure, &d),
                     CV_ERR_SYNTAX);
    /* layers that never end */
    memset(bytes, 0, sizeof bytes);
    bytes[3] = 0x80;
    assert_int_equal(
        cv_dependency_read(cv_slice_of(bytes, CV_DEPENDENCY_MAX_BYTES), &structure, &d),
        CV_ERR_SYNTAX);
    memset(bytes + 5, 0x55, sizeof bytes - 5); /* temporal layers without end */
    assert_int_equal(
        cv_dependency_read(cv_slice_of(bytes, CV_DEPENDENCY_MAX_BYTES), &structure, &d),
        CV_ERR_SYNTAX);
    assert_memory_equal(&structure, &before, sizeof before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_key_frame_brings_the_structure, set_up),
        cmocka_unit_test_setup(later_frames_name_their_template, set_up),
        cmocka_unit_test_setup(a_frame_may_have_indications_of_its_own, set_up),
        cmocka_unit_test_setup(unknown_templates_wait_for_a_key_frame, set_up),
        cmocka_unit_test_setup(template_ids_wrap, set_up),
        cmocka_unit_test_setup(targets_are_chosen_by_layer, set_up),
        cmocka_unit_test_setup(malformed_descriptors_leave_the_structure, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
