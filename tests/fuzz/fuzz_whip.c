/* SPDX-License-Identifier: Apache-2.0 */
/* What of WHIP's texts is looked at outside the workers. */
#include "app/whip_sdp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_slice text = cv_slice_of(data, size), ufrag, pwd;
    struct cv_buf fragment = {0}, offer = {0}, again = {0};
    cv_whip_media(text);
    cv_whip_fragment(text, &fragment);
    if (!cv_whip_credentials(text, &ufrag, &pwd)) {
        if (ufrag.size < 4 || pwd.size < 22)
            abort();
        /* With the same credentials twice is once. */
        cv_whip_restart(text, ufrag, pwd, &offer);
        cv_whip_restart(cv_buf_slice(&offer), ufrag, pwd, &again);
        if (!cv_slice_eq(cv_buf_slice(&offer), cv_buf_slice(&again)))
            abort();
    }
    cv_buf_release(&fragment);
    cv_buf_release(&offer);
    cv_buf_release(&again);
    return 0;
}
