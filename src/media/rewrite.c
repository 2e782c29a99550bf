/* SPDX-License-Identifier: Apache-2.0 */
#include "media/rewrite.h"

enum { PICTURE_ID_MASK = 0x7fff };

static struct cv_rewrite_range *newest(struct cv_rewrite *rewrite) {
    return &rewrite->ranges[rewrite->range_count - 1];
}

void cv_rewrite_switch(struct cv_rewrite *rewrite, const struct cv_packet *packet,
                       uint32_t timestamp) {
    if (rewrite->running && (int32_t)(timestamp - rewrite->last_timestamp) <= 0)
        timestamp = rewrite->last_timestamp + 1;
    rewrite->running = true;
    rewrite->first = packet->number;
    rewrite->highest = packet->number - 1;
    rewrite->left_out = false;
    rewrite->timestamp_offset = timestamp - packet->timestamp;
    rewrite->last_timestamp = timestamp;
    rewrite->frame_offset = (uint16_t)(rewrite->next_frame_number - packet->frame_number);
    rewrite->tl0_offset = (uint8_t)(rewrite->next_tl0 - packet->tl0);
    rewrite->range_count = 1;
    *newest(rewrite) = (struct cv_rewrite_range){
        .from = packet->number,
        .sequence_offset = (uint16_t)(rewrite->next_sequence - packet->number),
        .picture_id_offset = (uint16_t)(rewrite->next_picture_id - packet->picture_id),
    };
}

/* From `from` on everything is `packets` and `pictures` further ahead. */
static void shift(struct cv_rewrite *rewrite, uint64_t from, uint16_t packets, uint16_t pictures) {
    struct cv_rewrite_range next = *newest(rewrite);
    next.from = from;
    next.sequence_offset = (uint16_t)(next.sequence_offset - packets);
    next.picture_id_offset = (uint16_t)(next.picture_id_offset - pictures);
    /* Right behind the last change nothing was sent between the two. */
    bool replaces = rewrite->left_out && newest(rewrite)->from + packets == from;
    if (!replaces && rewrite->range_count == CV_REWRITE_RANGES) {
        memmove(&rewrite->ranges[0], &rewrite->ranges[1],
                (CV_REWRITE_RANGES - 1) * sizeof *rewrite->ranges);
        rewrite->range_count--;
    }
    if (!replaces)
        rewrite->range_count++;
    *newest(rewrite) = next;
}

/* The newest packet of the run is to be left out. */
static void leave_out(struct cv_rewrite *rewrite, const struct cv_packet *packet) {
    uint64_t gap = packet->number - rewrite->highest;
    bool same_frame = rewrite->left_out && rewrite->left_out_timestamp == packet->timestamp &&
                      rewrite->left_out_spatial == packet->spatial;
    bool same_picture = rewrite->left_out && rewrite->left_out_picture_id == packet->picture_id;
    /* What is missing in the middle of a frame that is left out, would be too. */
    uint16_t packets = same_frame ? (uint16_t)gap : 1;
    uint16_t pictures = packet->has_picture_id && !same_picture ? 1 : 0;
    shift(rewrite, packet->number + 1, packets, pictures);
    rewrite->left_out = true;
    rewrite->left_out_timestamp = packet->timestamp;
    rewrite->left_out_spatial = packet->spatial;
    rewrite->left_out_picture_id = packet->picture_id;
    rewrite->highest = packet->number;
}

static const struct cv_rewrite_range *range_of(const struct cv_rewrite *rewrite, uint64_t number) {
    for (size_t i = rewrite->range_count; i > 0; i--)
        if (rewrite->ranges[i - 1].from <= number)
            return &rewrite->ranges[i - 1];
    return NULL;
}

/* Whether the place of `number` was closed by a later change: it was left out with its frame. */
static bool is_closed(const struct cv_rewrite *rewrite, uint64_t number,
                      const struct cv_rewrite_range *range) {
    if (range == &rewrite->ranges[rewrite->range_count - 1])
        return false;
    uint16_t end = (uint16_t)(range[1].from + range[1].sequence_offset);
    return (int16_t)((uint16_t)(number + range->sequence_offset) - end) >= 0;
}

enum cv_rewrite_result cv_rewrite_place(struct cv_rewrite *rewrite, const struct cv_packet *packet,
                                        bool keep, struct cv_rewritten *ret_rewritten) {
    bool newer = packet->number > rewrite->highest;
    if (newer && !keep) {
        leave_out(rewrite, packet);
        return CV_REWRITE_NOTHING;
    }
    const struct cv_rewrite_range *range =
        packet->number < rewrite->first ? NULL : range_of(rewrite, packet->number);
    if (!range || is_closed(rewrite, packet->number, range))
        return CV_REWRITE_NOTHING;
    struct cv_rewritten out = {
        .sequence = (uint16_t)(packet->number + range->sequence_offset),
        .picture_id = (packet->picture_id + range->picture_id_offset) & PICTURE_ID_MASK,
        .frame_number = (uint16_t)(packet->frame_number + rewrite->frame_offset),
        .tl0 = (uint8_t)(packet->tl0 + rewrite->tl0_offset),
        .timestamp = packet->timestamp + rewrite->timestamp_offset,
    };
    if (newer) {
        rewrite->highest = packet->number;
        rewrite->left_out = false;
        rewrite->next_sequence = (uint16_t)(out.sequence + 1);
        rewrite->next_picture_id = (out.picture_id + 1) & PICTURE_ID_MASK;
        rewrite->next_frame_number = (uint16_t)(out.frame_number + 1);
        rewrite->next_tl0 = (uint8_t)(out.tl0 + 1);
        if ((int32_t)(out.timestamp - rewrite->last_timestamp) > 0)
            rewrite->last_timestamp = out.timestamp;
    }
    *ret_rewritten = out;
    return keep ? CV_REWRITE_SEND : CV_REWRITE_FILL;
}
