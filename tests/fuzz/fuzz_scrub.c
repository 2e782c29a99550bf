/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is in a page, what is filled with zeros lies in it and leaves its header alone. */
#include "store/scrub.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { PAGE = 512, NUMBER_BYTES = 4 };
    if (size < NUMBER_BYTES + PAGE)
        return 0;
    uint32_t number = cv_get_be32(data);
    size_t head = number == 1 ? 100 : 0, gap, gap_bytes;
    cv_scrub_gap(data + NUMBER_BYTES, PAGE, number, &gap, &gap_bytes);
    if (gap_bytes && (gap < head + 8 || gap > PAGE || gap_bytes > PAGE - gap))
        abort();
    return 0;
}
