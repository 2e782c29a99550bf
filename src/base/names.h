/* SPDX-License-Identifier: Apache-2.0 */
/* Enumerations with a name for each value, in a table by value: from the name to the value. */
#ifndef CV_BASE_NAMES_H
#define CV_BASE_NAMES_H

#include "base/bytes.h"

/* The place of `name` among `count` names, or -1. Bytes compare as they are. */
static inline int cv_names_find(const char *const names[], int count, struct cv_slice name) {
    for (int i = 0; i < count; i++)
        if (cv_slice_eq_str(name, names[i]))
            return i;
    return -1;
}

#endif
