/* SPDX-License-Identifier: Apache-2.0 */
/* Times in requests: what is read and can be written reads back as the same millisecond. */
#include "base/time.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int64_t at_us;
    if (cv_time_parse(cv_slice_of(data, size), &at_us))
        return 0;
    char text[CV_TIME_TEXT_BYTES];
    cv_time_format(at_us, text);
    int64_t again_us;
    if (cv_time_parse(cv_slice_str(text), &again_us))
        abort();
    /* An offset reaches past the years 1970 to 9999 by a day at most; those are clamped. */
    bool clamped = at_us < 0 || at_us - again_us >= CV_US_PER_MS;
    if (!clamped && again_us / CV_US_PER_MS != at_us / CV_US_PER_MS)
        abort();
    if (clamped && llabs(at_us - again_us) > CV_US_PER_DAY)
        abort();
    return 0;
}
