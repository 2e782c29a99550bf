/* SPDX-License-Identifier: Apache-2.0 */
/* A room that spans several workers: what they tell each other. */
#include "media/relay_private.h"

enum cv_err cv_relay_span(struct cv_relay *relay, int64_t now_us, const struct cv_id *meeting,
                          uint64_t workers) {
    struct cv_room *room =
        cv_map_get(&relay->rooms, cv_slice_of(meeting->text, sizeof meeting->text));
    if (!room)
        return CV_ERR_NOT_FOUND;
    room->workers = workers & ~(UINT64_C(1) << relay->config.worker);
    return CV_OK;
}

enum cv_err cv_relay_bridge_input(struct cv_relay *relay, int64_t now_us, unsigned worker,
                                  struct cv_slice record) {
    return CV_ERR_SYNTAX;
}
