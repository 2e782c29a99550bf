/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness as a parameter: pure code takes a cv_random and tests give it a seeded one.
 * The real source (getrandom) is in io/, seeded ones in tests/.
 */
#ifndef CV_BASE_RANDOM_H
#define CV_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct cv_random {
    void (*fill)(void *context, uint8_t *data, size_t size);
    void *context;
};

static inline void cv_random_fill(struct cv_random random, void *data, size_t size) {
    random.fill(random.context, data, size);
}

static inline uint32_t cv_random_u32(struct cv_random random) {
    uint32_t v;
    cv_random_fill(random, &v, sizeof v);
    return v;
}

#endif
