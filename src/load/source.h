/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a publisher of the load tool sends: Opus (50 packets a second, as loud as someone who
 * speaks) and VP8 (30 frames a second in 3 to 7 packets of nearly the same size, as libwebrtc cuts
 * them; key frames when the server asks). The headers are real ones (RFC 7741), what follows is
 * made up and stamped (load/stamp.h); or the frames of a film, for receivers that decode them.
 */
#ifndef CV_LOAD_SOURCE_H
#define CV_LOAD_SOURCE_H

#include "load/film.h"
#include "load/peer.h"

struct cv_load_source_config {
    struct cv_load_peer *peer; /* borrowed */
    struct cv_loop *loop;
    uint32_t number; /* in the stamps */
    bool audio;
    bool video;
    int64_t video_bps;
    const struct cv_film *film; /* borrowed; NULL: made-up pictures */
};

/* Zero-initialised is idle. */
struct cv_load_source {
    struct cv_load_source_config config;
    struct cv_timer timer;
    int64_t audio_at_us, video_at_us;
    uint32_t audio_time, video_time; /* RTP timestamps */
    uint32_t stamp_number;
    uint32_t frame_number;   /* of a film: the next one */
    int64_t key_frame_at_us; /* no key frame before this */
    bool key_frame_due;
    uint16_t picture_id;
    uint8_t tl0_index;
    uint64_t packets; /* all that were sent */
    uint64_t key_frames;
};

/* Begins to send. `phase_us` shifts its rhythm against that of others. */
void cv_load_source_start(struct cv_load_source *source, const struct cv_load_source_config *config,
                          int64_t phase_us);
void cv_load_source_stop(struct cv_load_source *source);

#endif
