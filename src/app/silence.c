/* SPDX-License-Identifier: Apache-2.0 */
#include "app/silence.h"

void cv_silence_begin(struct cv_silence *silence, int64_t now_us) {
    *silence = (struct cv_silence){.heard_to_us = now_us, .left_us = CV_SILENCE_START_US};
}

void cv_silence_word(struct cv_silence *silence, int64_t now_us) {
    if (silence->left_us) {
        *silence = (struct cv_silence){.heard_to_us = now_us, .left_us = CV_SILENCE_BOUND_US};
    }
}

bool cv_silence_look(struct cv_silence *silence, int64_t now_us) {
    int64_t passed_us = now_us - silence->heard_to_us;
    int64_t counted_us = passed_us < CV_SILENCE_LOOK_US ? passed_us : CV_SILENCE_LOOK_US;
    silence->heard_to_us = now_us;
    if (!silence->left_us) {
        return false;
    }
    silence->left_us = counted_us < silence->left_us ? silence->left_us - counted_us : 0;
    return silence->left_us == 0;
}
