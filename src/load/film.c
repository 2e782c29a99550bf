/* SPDX-License-Identifier: Apache-2.0 */
#include "load/film.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 12,
    RATE_OFFSET = 16,
    SCALE_OFFSET = 20,
    MAX_FRAMES_PER_S = 120,
};

static uint32_t get_le32(const uint8_t *p) {
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static size_t header_size(const uint8_t *data) {
    return (size_t)(data[7] << 8 | data[6]);
}

/* Walks the frames into `frames`, or only counts them where that is NULL. */
static enum cv_err walk(const uint8_t *data, size_t size, struct cv_slice *frames,
                        size_t *ret_count) {
    size_t count = 0;
    for (size_t at = header_size(data); at < size;) {
        if (size - at < FRAME_HEADER_BYTES)
            return CV_ERR_SYNTAX;
        size_t bytes = get_le32(data + at);
        at += FRAME_HEADER_BYTES;
        if (bytes > size - at || bytes == 0)
            return CV_ERR_SYNTAX;
        if (bytes > CV_FILM_MAX_FRAME_BYTES)
            return CV_ERR_LIMIT;
        if (frames)
            frames[count] = cv_slice_of(data + at, bytes);
        count++;
        at += bytes;
    }
    *ret_count = count;
    return count > 0 ? CV_OK : CV_ERR_SYNTAX;
}

enum cv_err cv_film_parse(uint8_t *data, size_t size, struct cv_film *ret_film) {
    size_t count = 0;
    if (size < HEADER_BYTES || memcmp(data, "DKIF", 4) != 0 || memcmp(data + 8, "VP80", 4) != 0 ||
        header_size(data) < HEADER_BYTES || header_size(data) > size)
        return CV_ERR_SYNTAX;
    uint32_t rate = get_le32(data + RATE_OFFSET), scale = get_le32(data + SCALE_OFFSET);
    uint32_t frames_per_s = scale ? rate / scale : 0;
    enum cv_err err = walk(data, size, NULL, &count);
    if (err)
        return err;
    struct cv_slice *frames = calloc(count, sizeof *frames);
    if (!frames)
        return CV_ERR_MEMORY;
    err = walk(data, size, frames, &count);
    /* RFC 6386 section 9.1: the lowest bit of a key frame is 0. */
    if (err || !frames[0].data || (frames[0].data[0] & 1) || frames_per_s == 0 ||
        frames_per_s > MAX_FRAMES_PER_S) {
        free(frames);
        return CV_ERR_SYNTAX;
    }
    *ret_film = (struct cv_film){data, frames, count, frames_per_s};
    return CV_OK;
}

enum cv_err cv_film_open(const char *path, struct cv_film *ret_film) {
    enum cv_err err = CV_ERR_SYSTEM;
    struct cv_buf bytes = {.limit_bytes = CV_FILM_MAX_BYTES};
    uint8_t chunk[64 * 1024];
    size_t size;
    FILE *file = fopen(path, "re");
    if (!file)
        return CV_ERR_SYSTEM;
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        if ((err = cv_buf_append(&bytes, chunk, size)))
            goto out;
    if (!ferror(file))
        err = cv_film_parse(bytes.data, bytes.size, ret_film);
out:
    fclose(file);
    if (err)
        cv_buf_release(&bytes);
    return err;
}

void cv_film_release(struct cv_film *film) {
    free(film->data);
    free(film->frames);
    *film = (struct cv_film){0};
}
