/* SPDX-License-Identifier: Apache-2.0 */
#include "media/replay.h"

#include <string.h>

void cv_replay_mark(struct cv_replay *replay, uint64_t index) {
    if (index >= replay->next) {
        /* The places of the indices in between still hold those of a window ago. */
        if (index - replay->next >= CV_REPLAY_WINDOW)
            memset(replay->seen, 0, sizeof replay->seen);
        else
            for (uint64_t skipped = replay->next; skipped < index; skipped++) {
                uint64_t bit = skipped % CV_REPLAY_WINDOW;
                replay->seen[bit / 64] &= ~(UINT64_C(1) << bit % 64);
            }
        replay->next = index + 1;
    }
    uint64_t bit = index % CV_REPLAY_WINDOW;
    replay->seen[bit / 64] |= UINT64_C(1) << bit % 64;
}
