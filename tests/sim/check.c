/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

unsigned sim_seed;
unsigned sim_step;

void sim_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: seed %u, step %u: %s\n", file, line, sim_seed, sim_step, what);
    abort();
}
