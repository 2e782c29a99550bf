/* SPDX-License-Identifier: Apache-2.0 */
#include "io/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

static void fill(void *context, uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t got = getrandom(data, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        data += got;
        size -= (size_t)got;
    }
}

struct cv_random cv_random_system(void) {
    return (struct cv_random){.fill = fill};
}
