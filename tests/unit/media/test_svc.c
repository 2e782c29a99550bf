/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers by dependency descriptor: with descriptors that Chromium sent, and with streams of our own
 * whose every frame is checked for what it refers to.
 */
#include "hex.h"
#include "layers.h"
#include "media/svc.h"
#include "picture.h"
#include "seeded.h"
#include "test.h"

static struct cv_svc svc;
static uint8_t out[CV_DEPENDENCY_MAX_BYTES];
static size_t out_size;
static uint16_t active_bit;
static uint64_t next_number;

static int set_up(void **state) {
    svc = (struct cv_svc){0};
    next_number = 65536;
    return 0;
}

static struct cv_svc_packet take_bytes(struct cv_slice descriptor) {
    struct cv_svc_packet packet;
    assert_int_equal(
        cv_svc_take(&svc, descriptor, next_number++, out, &out_size, &active_bit, &packet), CV_OK);
    return packet;
}

static struct cv_svc_packet take(const char *hex) {
    uint8_t bytes[CV_DEPENDENCY_MAX_BYTES];
    return take_bytes(cv_slice_of(bytes, cv_test_unhex(hex, bytes, sizeof bytes)));
}

static bool needs(const struct cv_svc_packet *packet, unsigned spatial, unsigned temporal) {
    return packet->mark.needed >> cv_svc_bound(spatial, temporal) & 1;
}

/* --- as Chromium 156 sends it: VP9 of 960x540, AV1 --- */

#define KEY_SVC_STRUCTURE                                                                          \
    "081485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d549241b552490" \
    "6"                                                                                            \
    "d54923157e001974ca864330e222396eca8655304224390eca8775300ef008601df010d03bf021b"
/* Before it knows the rate, the sender leaves the highest layer out, and says so. */
#define KEY_SVC_FIRST "c00001c0" KEY_SVC_STRUCTURE "1f80"
#define KEY_SVC "80000580" KEY_SVC_STRUCTURE

static void layers_that_meet_at_key_frames_only(void **state) {
    struct cv_svc_packet p = take(KEY_SVC_FIRST);
    assert_true(p.has_structure && p.starts_frame && p.ends_frame);
    assert_int_equal(svc.structure.target_count, 9);
    assert_int_equal(svc.structure.chain_count, 3);
    assert_int_equal(svc.structure.width[0], 240);
    assert_int_equal(svc.structure.height[2], 540);
    assert_int_equal(svc.active, 0x3f);
    assert_int_equal(svc.top, 1);
    p = take("850002");
    assert_true(needs(&p, 1, 0) && needs(&p, 3, 3) && !needs(&p, 0, 3));
    p = take("450002");
    assert_true(p.mark.ends >> cv_svc_bound(3, 3) & 1);
    assert_false(p.mark.ends >> cv_svc_bound(0, 3) & 1);
    /* The next key frame brings the third layer, and whoever may have it begins there. */
    p = take(KEY_SVC);
    assert_int_equal(svc.top, 2);
    assert_int_equal(svc.active, 0x1ff);
    assert_int_equal(p.mark.needed, 0xffff);
    assert_int_equal(p.mark.switches, 0xffff);
    p = take("850006"); /* of the key frame's picture, the second layer */
    assert_true(!needs(&p, 0, 3) && needs(&p, 1, 0) && needs(&p, 2, 3));
    take("8a0007");
    /* Later pictures: each layer for itself. */
    p = take("c30008");
    assert_int_equal(p.temporal, 2);
    assert_true(needs(&p, 0, 2) && !needs(&p, 0, 1) && !needs(&p, 1, 3) && !needs(&p, 2, 3));
    p = take("cd000a");
    assert_int_equal(p.spatial, 2);
    assert_true(needs(&p, 2, 2) && !needs(&p, 2, 1) && !needs(&p, 1, 3));
    assert_true(cv_svc_needs_key_frame(&svc, cv_svc_bound(2, 3), cv_svc_bound(1, 3)));
    assert_true(cv_svc_needs_key_frame(&svc, cv_svc_bound(0, 3), cv_svc_bound(1, 3)));
    assert_false(cv_svc_needs_key_frame(&svc, cv_svc_bound(2, 0), cv_svc_bound(2, 3)));
    assert_false(cv_svc_needs_key_frame(&svc, cv_svc_bound(2, 3), cv_svc_bound(3, 3)));
}

#define FULL_SVC                                                                                   \
    "810019c0081485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926" \
    "e082b04a0941b820ac1282503157f974000ca864330e222222eca8655304224230eca8775300ef008601df010d03" \
    "bf021b1f80"

static void layers_that_build_on_one_another(void **state) {
    take(FULL_SVC);
    assert_int_equal(svc.structure.target_count, 9);
    assert_int_equal(svc.top, 1);
    /* Down is free, up is not. */
    assert_false(cv_svc_needs_key_frame(&svc, cv_svc_bound(1, 3), cv_svc_bound(0, 3)));
    assert_false(cv_svc_needs_key_frame(&svc, cv_svc_bound(1, 0), cv_svc_bound(0, 3)));
    assert_true(cv_svc_needs_key_frame(&svc, cv_svc_bound(0, 3), cv_svc_bound(1, 3)));
    const struct cv_svc_packet p = take("c8001c1a2800604000");
    assert_true(p.temporal == 2 && needs(&p, 1, 2) && !needs(&p, 1, 1) && !needs(&p, 0, 3));
}

static void temporal_layers_alone(void **state) {
    take("800001800214eaa860414d1410208427013f00b3");
    assert_int_equal(svc.structure.target_count, 3);
    assert_int_equal(svc.structure.width[0], 320);
    struct cv_svc_packet p = take("830002");
    assert_int_equal(p.temporal, 2);
    assert_true(needs(&p, 0, 2) && needs(&p, 0, 3) && needs(&p, 3, 3) && !needs(&p, 0, 1));
    assert_int_equal(cv_svc_choose(&svc, &p.mark, cv_svc_bound(0, 2), cv_svc_bound(0, 0), true),
                     cv_svc_bound(0, 0));
    p = take("820003");
    assert_int_equal(p.temporal, 1);
    assert_int_equal(cv_svc_choose(&svc, &p.mark, cv_svc_bound(0, 0), cv_svc_bound(0, 2), true),
                     cv_svc_bound(0, 2));
}

/* --- what is sent and taken back --- */

static uint32_t mask_of(struct cv_slice descriptor) {
    struct cv_dependency dependency;
    struct cv_dependency_structure structure = svc.structure;
    assert_int_equal(cv_dependency_read(descriptor, &structure, &dependency), CV_OK);
    assert_true(dependency.has_active);
    return dependency.active;
}

static void assert_same_but_mask(const char *hex, uint32_t mask) {
    struct cv_dependency before, after;
    uint8_t bytes[CV_DEPENDENCY_MAX_BYTES];
    struct cv_dependency_structure one = svc.structure, other = svc.structure;
    struct cv_slice original = cv_slice_of(bytes, cv_test_unhex(hex, bytes, sizeof bytes));
    take_bytes(original);
    assert_true(active_bit > 0);
    cv_dependency_set_active(out, active_bit, svc.structure.target_count, mask);
    assert_int_equal(cv_dependency_read(original, &one, &before), CV_OK);
    assert_int_equal(cv_dependency_read(cv_slice_of(out, out_size), &other, &after), CV_OK);
    assert_int_equal(mask_of(cv_slice_of(out, out_size)), mask);
    assert_int_equal(after.dtis, before.dtis);
    assert_int_equal(after.frame_number, before.frame_number);
    assert_int_equal(after.has_structure, before.has_structure);
    assert_memory_equal(&one, &other, sizeof one);
}

static void the_mask_is_put_into_every_descriptor(void **state) {
    assert_same_but_mask(KEY_SVC_FIRST, 0x07);
    assert_same_but_mask(KEY_SVC, 0x1c0);
    assert_same_but_mask("c30008", 0x1ff);
    assert_int_equal(out_size, 5);
    take(FULL_SVC);
    /* Differences and chains of the frame's own stand behind the mask. */
    assert_same_but_mask("c8001c1a2800604000", 0x2a);
    /* With one target there is nothing to say. */
    take("c000018000e0");
    assert_int_equal(svc.structure.target_count, 1);
    assert_int_equal(active_bit, 0);
    assert_int_equal(out_size, 6);
}

static void receivers_are_told_what_they_can_decode(void **state) {
    take(KEY_SVC);
    /* The targets in the order of the structure: layer by layer, by temporal layers within it. */
    assert_int_equal(svc.decodable[cv_svc_bound(2, 3)], 0x1c0);
    assert_int_equal(svc.decodable[cv_svc_bound(0, 1)], 0x003);
    take(FULL_SVC);
    assert_int_equal(svc.decodable[cv_svc_bound(1, 3)], 0x03f);
    assert_int_equal(svc.decodable[cv_svc_bound(1, 1)], 0x01b);
}

/* The mask of a descriptor without structure, as a sender would say that it stops a layer. */
static struct cv_svc_packet take_mask(const char *hex, uint32_t mask) {
    uint8_t bytes[CV_DEPENDENCY_MAX_BYTES], changed[CV_DEPENDENCY_MAX_BYTES];
    struct cv_dependency dependency;
    struct cv_slice descriptor = cv_slice_of(bytes, cv_test_unhex(hex, bytes, sizeof bytes));
    assert_int_equal(cv_dependency_read(descriptor, &svc.structure, &dependency), CV_OK);
    size_t size = cv_dependency_add_active(descriptor, &dependency, svc.structure.target_count,
                                           mask, changed);
    return take_bytes(cv_slice_of(changed, size));
}

static void a_layer_that_is_sent_no_more(void **state) {
    take(KEY_SVC);
    struct cv_svc_packet p = take_mask("c30008", 0x3f);
    assert_int_equal(svc.top, 1);
    /* Who looked at the third layer has none of the second's frames since the key frame. */
    assert_int_equal(p.broken, 0xff00);
    p = take("c80009");
    assert_int_equal(p.broken, 0);
    assert_true(needs(&p, 3, 3));
    p = take_mask("c3000b", 0x1ff);
    assert_int_equal(p.broken, 0); /* whoever sends it anew lets all begin */
    assert_int_equal(svc.top, 2);
    /* Where layers build on one another the lower one goes on. */
    take(FULL_SVC);
    p = take_mask("c8001c1a2800604000", 0x007);
    assert_int_equal(svc.top, 0);
    assert_int_equal(p.broken, 0);
    /* A mask of nothing isn't believed. */
    take_mask("c8001c1a2800604000", 0);
    assert_int_equal(svc.active, 0x1ff);
}

static void late_ones_change_nothing(void **state) {
    struct cv_svc_packet p;
    uint8_t bytes[CV_DEPENDENCY_MAX_BYTES];
    take(KEY_SVC);
    take(FULL_SVC);
    struct cv_svc before = svc;
    size_t size = cv_test_unhex(KEY_SVC, bytes, sizeof bytes);
    assert_int_equal(
        cv_svc_take(&svc, cv_slice_of(bytes, size), 65535, out, &out_size, &active_bit, &p),
        CV_ERR_SEQUENCE);
    assert_memory_equal(&svc, &before, sizeof svc);
    /* And of an old structure nothing is made any more. */
    take(KEY_SVC);
    const struct cv_svc_mark old = {.generation = before.generation, .switches = 0xffff};
    assert_int_equal(cv_svc_choose(&svc, &old, cv_svc_bound(0, 0), cv_svc_bound(2, 3), true),
                     cv_svc_bound(0, 0));
}

/* --- streams of our own --- */

enum { PICTURES = 400 };

struct stream {
    struct layers_mode mode;
    struct cv_seeded seeded;
    unsigned bound, wished;
    bool started;
    uint32_t place; /* in the pattern, from the last key frame on */
    uint16_t frame_number;
    bool shown[8][LAYERS_SPATIAL]; /* of the last pictures, by place */
    unsigned frames, markers, keys;
};

/* Whether all that this frame refers to was sent. */
static bool decodable(const struct stream *stream, unsigned s, bool key) {
    uint32_t place = stream->place;
    bool below = s == 0 || stream->shown[place % 8][s - 1];
    if (key)
        return below;
    return (below || !stream->mode.full) && stream->shown[picture_needs(place, key) % 8][s];
}

/* One picture, to a receiver; a frame is one packet. Returns the layer that it ended with, -1. */
static int send_picture(struct stream *stream, bool key) {
    int top = -1, marked = -1;
    if (key) {
        stream->place = 0;
        stream->keys++;
        memset(stream->shown, 0, sizeof stream->shown);
    }
    memset(stream->shown[stream->place % 8], 0, sizeof stream->shown[0]);
    for (unsigned s = 0; s < LAYERS_SPATIAL; s++) {
        uint8_t bytes[CV_DEPENDENCY_MAX_BYTES];
        const struct layers_packet packet = {
            .spatial = (uint8_t)s,
            .temporal = picture_temporal(stream->place),
            .key = key,
            .first = true,
            .last = true,
            .frame_number = ++stream->frame_number,
        };
        struct cv_svc_packet p =
            take_bytes(cv_slice_of(bytes, layers_descriptor(stream->mode, &packet, bytes)));
        if (p.has_structure)
            stream->bound = stream->wished;
        else
            stream->bound = cv_svc_choose(&svc, &p.mark, stream->bound, stream->wished, s == 0);
        if (!(p.mark.needed >> stream->bound & 1))
            continue;
        assert_true(decodable(stream, s, key));
        stream->shown[stream->place % 8][s] = true;
        stream->frames++;
        top = (int)s;
        if (p.mark.ends >> stream->bound & 1)
            marked = (int)s;
    }
    assert_int_equal(marked, top);
    stream->place++;
    return top;
}

static unsigned any_bound(struct stream *stream) {
    return cv_svc_bound((unsigned)cv_seeded_below(&stream->seeded, LAYERS_SPATIAL),
                        (unsigned)cv_seeded_below(&stream->seeded, LAYERS_TEMPORAL));
}

/* Whatever is wished and whenever: no frame is sent whose references were not, and the wish comes
 * true, with a key frame where it takes one and without where it doesn't. */
static void check_mode(struct layers_mode mode, uint64_t seed) {
    set_up(NULL);
    struct stream stream = {.mode = mode, .seeded = {seed}};
    unsigned waited = 0, asked = 0;
    stream.wished = any_bound(&stream);
    send_picture(&stream, true);
    for (unsigned i = 0; i < PICTURES; i++) {
        if (cv_seeded_below(&stream.seeded, 12) == 0 && stream.bound == stream.wished)
            stream.wished = any_bound(&stream);
        bool key = cv_seeded_below(&stream.seeded, 100) == 0;
        if (stream.bound != stream.wished &&
            cv_svc_needs_key_frame(&svc, stream.bound, stream.wished))
            key = key || ++asked > 3; /* some pictures later */
        if (key)
            asked = 0;
        int top = send_picture(&stream, key);
        waited = stream.bound == stream.wished ? 0 : waited + 1;
        assert_true(waited < 16);
        if (waited == 0 && top >= 0)
            assert_int_equal(top, stream.bound / CV_SVC_TEMPORAL);
    }
    assert_true(stream.frames > PICTURES / 4);
}

static void every_frame_can_be_decoded(void **state) {
    static const struct layers_mode modes[] = {
        {true, true}, {true, false}, {false, true}, {false, false}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        for (uint64_t seed = 1; seed <= 200; seed++)
            check_mode(modes[i], seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(layers_that_meet_at_key_frames_only, set_up),
        cmocka_unit_test_setup(layers_that_build_on_one_another, set_up),
        cmocka_unit_test_setup(temporal_layers_alone, set_up),
        cmocka_unit_test_setup(the_mask_is_put_into_every_descriptor, set_up),
        cmocka_unit_test_setup(receivers_are_told_what_they_can_decode, set_up),
        cmocka_unit_test_setup(a_layer_that_is_sent_no_more, set_up),
        cmocka_unit_test_setup(late_ones_change_nothing, set_up),
        cmocka_unit_test_setup(every_frame_can_be_decoded, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
