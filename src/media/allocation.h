/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which layers of which sources one receiver gets: its video slots share the bit rate that its
 * path has room for. By class, the most important first:
 *
 * - in a class everybody gets the lowest before anybody gets more, and then all rise together, the
 *   earlier slot first;
 * - a class rises as far as it can before a later one does; but to the lowest of the later ones a
 *   quarter of the rate is left, so that a large picture doesn't blacken all the small ones for its
 *   last step;
 * - what a slot shows already it keeps while there is room; a step up needs some room to spare, or
 *   an estimate that wavers would switch layers all the time.
 *
 * More rate never lowers a picture that is alone in the first class, and lowers a later class only
 * where an earlier one rises.
 */
#ifndef CV_MEDIA_ALLOCATION_H
#define CV_MEDIA_ALLOCATION_H

#include <stddef.h>
#include <stdint.h>

enum {
    CV_ALLOCATION_MAX_OPTIONS = 16, /* layers that one source is offered in */
    CV_ALLOCATION_HEADROOM = 15,    /* percent of the rate that a step up has to leave */
    CV_ALLOCATION_NONE = -1,
};

enum cv_allocation_class {
    CV_ALLOCATION_SCREEN,    /* text has to be readable */
    CV_ALLOCATION_STAGE,     /* whom the receiver looks at */
    CV_ALLOCATION_SPEAKER,   /* the active speaker, where that is somebody else */
    CV_ALLOCATION_THUMBNAIL, /* the rest */
    CV_ALLOCATION_CLASS_COUNT,
};

struct cv_allocation_option {
    int64_t bps;     /* with all overhead, as the estimate counts it */
    uint8_t spatial; /* encoding or spatial layer, and temporal layer: the caller's to know */
    uint8_t temporal;
};

struct cv_allocation_slot {
    enum cv_allocation_class class;
    /*
     * In rising order of rate and of quality. What is of no use for the tile (a picture larger
     * than it) is left out; 0: nothing to show.
     */
    size_t option_count;
    struct cv_allocation_option options[CV_ALLOCATION_MAX_OPTIONS];
    /*
     * The index of an option, CV_ALLOCATION_NONE for none: what it shows now when calling, what it
     * is to show afterwards. An index past the last option counts as the last.
     */
    int chosen;
    int present; /* filled in: `chosen` as it was when calling */
};

/*
 * Chooses for each slot; returns the sum of what was chosen, which is not more than
 * `available_bps`. The same input gives the same choice.
 */
int64_t cv_allocate(struct cv_allocation_slot *slots, size_t count, int64_t available_bps);

/* The rate with which every slot would get its highest option: more is of no use. */
int64_t cv_allocation_wanted_bps(const struct cv_allocation_slot *slots, size_t count);

#endif
