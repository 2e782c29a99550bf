/* SPDX-License-Identifier: Apache-2.0 */
/* conclave.yaml: every text is taken whole, or refused with one line that says where. */
#include "app/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_config config = {0};
    char error[CV_CONFIG_ERROR_BYTES];
    enum cv_err err = cv_config_load(cv_slice_of(data, size), "f", &config, error);
    if (err && (config.name || strchr(error, '\n') || strncmp(error, "f:", 2) != 0))
        abort();
    if (!err && (!config.name || config.listen.port < 0 || config.listen.port > 65535))
        abort();
    cv_config_release(&config);
    return 0;
}
