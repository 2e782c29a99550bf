/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a process that says a word each second has fallen silent: it hangs, or was stopped. Pure:
 * time is a parameter, monotonic.
 *
 * Counted is only what the listener heard of the silence: of the time between two looks no more
 * than looks are apart when all is well. So a machine that was asleep or too busy for the listener
 * itself, or a daemon that was stopped as a whole, has nobody killed.
 */
#ifndef CV_APP_SILENCE_H
#define CV_APP_SILENCE_H

#include "base/time.h"

#include <stdbool.h>

#define CV_SILENCE_WORD_US (1 * CV_US_PER_S)    /* how often there is to be a word */
#define CV_SILENCE_LOOK_US (500 * CV_US_PER_MS) /* how often to look */
#define CV_SILENCE_BOUND_US (3 * CV_US_PER_S)   /* of silence, until it is too long */
#define CV_SILENCE_START_US (10 * CV_US_PER_S)  /* the same, before the first word */

/* Zeroed: nobody is listened to, and no silence is too long. */
struct cv_silence {
    int64_t heard_to_us; /* the time up to which `left_us` is true */
    int64_t left_us;     /* 0: none is wanted */
};

/* A process is started. */
void cv_silence_begin(struct cv_silence *silence, int64_t now_us);
/* It said a word. */
void cv_silence_word(struct cv_silence *silence, int64_t now_us);
/* To be called every CV_SILENCE_LOOK_US. Whether it is silent for too long; true once a start. */
bool cv_silence_look(struct cv_silence *silence, int64_t now_us);

#endif
