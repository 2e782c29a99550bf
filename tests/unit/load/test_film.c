/* SPDX-License-Identifier: Apache-2.0 */
#include "load/film.h"
#include "test.h"

#include <stdlib.h>

enum { HEADER = 32, FRAME = 12 + 5, FRAMES = 3, FILE_BYTES = HEADER + FRAMES * FRAME };

/* Three frames of five bytes, 30 a second; the first is a key frame. */
static uint8_t *file(void) {
    uint8_t *bytes = calloc(1, FILE_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, "DKIF\0\0\x20\0VP80", 12);
    bytes[16] = 30;
    bytes[20] = 1;
    for (int i = 0; i < FRAMES; i++) {
        uint8_t *frame = bytes + HEADER + i * FRAME;
        frame[0] = FRAME - 12;
        frame[12] = (uint8_t)(i == 0 ? 0x10 : 0x11);
        frame[16] = (uint8_t)i;
    }
    return bytes;
}

static void frames_are_found(void **state) {
    struct cv_film film;
    assert_int_equal(cv_film_parse(file(), FILE_BYTES, &film), CV_OK);
    assert_int_equal(film.frame_count, FRAMES);
    assert_int_equal(film.frames_per_s, 30);
    for (size_t i = 0; i < FRAMES; i++) {
        assert_int_equal(film.frames[i].size, 5);
        assert_int_equal(film.frames[i].data[4], i);
    }
    cv_film_release(&film);
}

/* What is wrong with a file whose byte at `offset` is `value` instead. */
static enum cv_err with_byte(size_t offset, uint8_t value) {
    struct cv_film film;
    uint8_t *bytes = file();
    bytes[offset] = value;
    enum cv_err err = cv_film_parse(bytes, FILE_BYTES, &film);
    if (!err)
        cv_film_release(&film);
    else
        free(bytes);
    return err;
}

static void other_files_are_refused(void **state) {
    assert_int_equal(with_byte(0, 'd'), CV_ERR_SYNTAX);
    assert_int_equal(with_byte(10, '9'), CV_ERR_SYNTAX);        /* VP9 */
    assert_int_equal(with_byte(6, 31), CV_ERR_SYNTAX);          /* a header too short */
    assert_int_equal(with_byte(7, 1), CV_ERR_SYNTAX);           /* or past the end */
    assert_int_equal(with_byte(20, 0), CV_ERR_SYNTAX);          /* no rate */
    assert_int_equal(with_byte(16, 200), CV_ERR_SYNTAX);        /* too fast */
    assert_int_equal(with_byte(HEADER + 12, 1), CV_ERR_SYNTAX); /* begins within a scene */
    assert_int_equal(with_byte(HEADER, 0), CV_ERR_SYNTAX);      /* an empty frame */
    assert_int_equal(with_byte(HEADER, 200), CV_ERR_SYNTAX);    /* one past the end */
    assert_int_equal(with_byte(HEADER + 2, 1), CV_ERR_SYNTAX);
}

static void every_cut_is_refused(void **state) {
    uint8_t *bytes = file();
    struct cv_film film;
    for (size_t size = 0; size < FILE_BYTES; size++) {
        bool whole = size > HEADER && (size - HEADER) % FRAME == 0;
        enum cv_err err = cv_film_parse(bytes, size, &film);
        assert_int_equal(err, whole ? CV_OK : CV_ERR_SYNTAX);
        if (!err)
            free(film.frames);
    }
    free(bytes);
}

static void a_missing_file_is_a_system_error(void **state) {
    struct cv_film film;
    assert_int_equal(cv_film_open("/nonexistent/film.ivf", &film), CV_ERR_SYSTEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_found),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(a_missing_file_is_a_system_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
