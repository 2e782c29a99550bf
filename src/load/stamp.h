/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a payload of the load tool ends with: when it was sent, by whom, as which packet; and bytes
 * in front of that which follow from these, so that a receiver sees whether anything was changed.
 *
 *     lead (the codec's own bytes; a server may rewrite them) | fill | sender (32) | number (32)
 *                                                             | sent_us (64)
 */
#ifndef CV_LOAD_STAMP_H
#define CV_LOAD_STAMP_H

#include "base/bytes.h"

enum {
    CV_STAMP_LEAD_BYTES = 16,
    CV_STAMP_BYTES = 16,
    CV_STAMP_MAX_PAYLOAD = 1200,
    CV_STAMP_MIN_PAYLOAD = CV_STAMP_LEAD_BYTES + CV_STAMP_BYTES,
};

struct cv_stamp {
    uint32_t sender;
    uint32_t number;
    int64_t sent_us; /* monotonic */
};

/* Fills a payload of CV_STAMP_MIN_PAYLOAD to CV_STAMP_MAX_PAYLOAD bytes, all behind the lead. */
void cv_stamp_write(const struct cv_stamp *stamp, uint8_t *payload, size_t size);

/* CV_ERR_AUTH: some byte behind the lead isn't what was sent. CV_ERR_SYNTAX: no size of ours. */
enum cv_err cv_stamp_read(struct cv_slice payload, struct cv_stamp *ret_stamp);

#endif
