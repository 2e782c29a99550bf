/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A film that publishers show where receivers decode what they get: VP8 in an IVF file. It is
 * played over and over, and anew from its first frame, a key frame, whenever one is asked for.
 *
 * IVF: a header of 32 bytes ("DKIF", version, header size, "VP80", width, height, rate, scale,
 * frame count, 4 unused), and for each frame its size (32 bits), a time (64) and its bytes; little
 * endian.
 */
#ifndef CV_LOAD_FILM_H
#define CV_LOAD_FILM_H

#include "base/bytes.h"

enum {
    CV_FILM_MAX_BYTES = 64 * 1024 * 1024,
    CV_FILM_MAX_FRAME_BYTES = 64 * 1000, /* 55 packets: what one flush takes */
};

struct cv_film {
    uint8_t *data;
    struct cv_slice *frames; /* into data */
    size_t frame_count;
    uint32_t frames_per_s; /* 1 to 120 */
};

/*
 * Takes the bytes of a file over on success. CV_ERR_SYNTAX: no IVF file with VP8 that begins with a
 * key frame; CV_ERR_LIMIT; CV_ERR_MEMORY.
 */
enum cv_err cv_film_parse(uint8_t *data, size_t size, struct cv_film *ret_film);
/* Reads a file. CV_ERR_SYSTEM besides. */
enum cv_err cv_film_open(const char *path, struct cv_film *ret_film);
void cv_film_release(struct cv_film *film);

#endif
