/* SPDX-License-Identifier: Apache-2.0 */
/* What of WHIP's texts is looked at outside the workers. */
#include "app/whip_sdp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_slice text = cv_slice_of(data, size), ufrag, pwd;
    cv_whip_media(text);
    if (!cv_whip_credentials(text, &ufrag, &pwd) &&
        (ufrag.size < 4 || ufrag.size > 256 || pwd.size < 22 || pwd.size > 256))
        abort();
    return 0;
}
