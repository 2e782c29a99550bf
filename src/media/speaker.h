/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks in a meeting, told from the audio levels that come with the packets (RFC 6464): the
 * active speaker, whom pictures follow, and the few loudest sources, which are all that is
 * forwarded. The two are kept apart: a voice has to be heard at its first syllable, but the
 * picture should not jump at every cough.
 *
 * - The active speaker changes when somebody is clearly louder for some 100 ms, stays through
 *   short pauses, and is nobody after a long silence.
 * - The loudest have *places*, so that what feeds an audio slot changes as little as possible. A
 *   voice takes a free place, or that of one who is clearly quieter by now, with its first packet.
 *   It keeps the place through pauses, until somebody needs it or the pause is no pause any more.
 *
 * Nothing is allocated per packet, and the work for one grows with the number of places only.
 */
#ifndef CV_MEDIA_SPEAKER_H
#define CV_MEDIA_SPEAKER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CV_SPEAKER_MAX_PLACES = 16,
    CV_SPEAKER_MAX_SOURCES = 4096, /* ours: over this cv_speaker_add gives CV_ERR_FULL */
    /* For packets without a level: a quiet voice that never stops; it is never the active one. */
    CV_SPEAKER_LEVEL_UNKNOWN = 255,
};

#define CV_SPEAKER_NONE UINT32_MAX /* no source; no place */

struct cv_speaker;

/* `places`: how many are forwarded at a time, 1 to CV_SPEAKER_MAX_PLACES. NULL without memory. */
struct cv_speaker *cv_speaker_new(size_t places);
struct cv_speaker *cv_speaker_free(struct cv_speaker *speaker);

/* A source comes; its number is the lowest that is free. CV_ERR_FULL, CV_ERR_MEMORY. */
enum cv_err cv_speaker_add(struct cv_speaker *speaker, uint32_t *ret_source);
/* It is gone, muted or not allowed to speak any more; the number is free for another. */
void cv_speaker_remove(struct cv_speaker *speaker, uint32_t source);
/* It is silent from now on without leaving (a mute): it loses its place at once. */
void cv_speaker_silence(struct cv_speaker *speaker, uint32_t source);

/*
 * A packet of this source: `level` in -dBov (0 is loudest, 127 silence) or
 * CV_SPEAKER_LEVEL_UNKNOWN, and the sender's own opinion of whether it is voice. Returns the place
 * in which to forward it, CV_SPEAKER_NONE when it isn't among the loudest. `now_us` is monotonic.
 */
uint32_t cv_speaker_packet(struct cv_speaker *speaker, uint32_t source, uint8_t level, bool voice,
                           int64_t now_us);

/* The source in this place, and the place of this source; CV_SPEAKER_NONE: nobody, none. */
uint32_t cv_speaker_at(const struct cv_speaker *speaker, size_t place);
uint32_t cv_speaker_place(const struct cv_speaker *speaker, uint32_t source);

/* The source of the active speaker, CV_SPEAKER_NONE when nobody speaks. */
uint32_t cv_speaker_active(const struct cv_speaker *speaker);

/* When to tick, CV_TIME_NEVER when all are silent: a place or the active speaker may fall due. */
int64_t cv_speaker_deadline(const struct cv_speaker *speaker);
void cv_speaker_tick(struct cv_speaker *speaker, int64_t now_us);

#endif
