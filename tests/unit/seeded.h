/* SPDX-License-Identifier: Apache-2.0 */
/* Repeatable randomness for tests: splitmix64, the same numbers for the same seed everywhere. */
#ifndef CV_TEST_SEEDED_H
#define CV_TEST_SEEDED_H

#include "base/random.h"

struct cv_seeded {
    uint64_t state;
};

static inline uint64_t cv_seeded_u64(struct cv_seeded *seeded) {
    uint64_t z = seeded->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to limit - 1 */
static inline uint32_t cv_seeded_below(struct cv_seeded *seeded, uint32_t limit) {
    return (uint32_t)(cv_seeded_u64(seeded) % limit);
}

static inline void cv_seeded_fill(void *context, uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)cv_seeded_u64(context);
}

static inline struct cv_random cv_seeded_random(struct cv_seeded *seeded) {
    return (struct cv_random){cv_seeded_fill, seeded};
}

#endif
