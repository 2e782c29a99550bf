/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The replay window of RFC 3711 section 3.3.2: which of the last CV_REPLAY_WINDOW packet indices
 * were seen. On the receiving side it stops replays; on the sending side it makes sure that no
 * index, and so no nonce, is ever used twice.
 */
#ifndef CV_MEDIA_REPLAY_H
#define CV_MEDIA_REPLAY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * RFC 3711 asks for at least 64. Retransmissions without RTX come with their old numbers, one
 * round trip late: at 500 packets/s this window holds 2 s.
 */
enum { CV_REPLAY_WINDOW = 1024 };

/* Zero-initialised is valid and has seen nothing. */
struct cv_replay {
    uint64_t next;                        /* the highest index seen, plus one */
    uint64_t seen[CV_REPLAY_WINDOW / 64]; /* a ring: the bit of an index is index mod window */
};

/* CV_ERR_SEQUENCE: the index was seen, or is too old to tell. */
static inline enum cv_err cv_replay_check(const struct cv_replay *replay, uint64_t index) {
    if (index >= replay->next)
        return CV_OK;
    if (replay->next - index > CV_REPLAY_WINDOW)
        return CV_ERR_SEQUENCE;
    uint64_t bit = index % CV_REPLAY_WINDOW;
    return replay->seen[bit / 64] >> bit % 64 & 1 ? CV_ERR_SEQUENCE : CV_OK;
}

/* Marks an index that cv_replay_check let pass. */
void cv_replay_mark(struct cv_replay *replay, uint64_t index);

#endif
