/* SPDX-License-Identifier: Apache-2.0 */
/* The real source behind base/random.h: the kernel's generator. */
#ifndef CV_IO_RANDOM_H
#define CV_IO_RANDOM_H

#include "base/random.h"

/* Needs no set-up and no release. The process aborts should the kernel refuse: nobody may go on
 * with keys that are not random. */
struct cv_random cv_random_system(void);

#endif
