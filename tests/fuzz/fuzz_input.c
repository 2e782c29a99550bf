/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of REST requests: whatever comes is read or refused, and what is read is as it should be.
 */
#include "api/input.h"

#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_input input;
    if (cv_input_parse(&input, cv_slice_of(data, size)))
        return 0;
    struct cv_slice title = cv_input_text(&input, "title", CV_INPUT_REQUIRED, 1, 120);
    struct cv_slice email = cv_input_email(&input);
    struct cv_slice password = cv_input_secret(&input, "password", 10, 256);
    int64_t minutes = cv_input_int(&input, "duration_minutes", 60, 5, 1440);
    cv_input_bool(&input, "lobby", false);
    cv_input_time(&input, "starts_at", CV_INPUT_OPTIONAL);
    bool good = cv_input_finish(&input);
    if (cv_utf8_check_label(title, 120) || cv_utf8_check_label(email, CV_INPUT_EMAIL_MAX) ||
        password.size > 1024 || minutes < 5 || minutes > 1440)
        abort();
    if (good && (title.size == 0 || email.size == 0 || password.size < 10))
        abort();
    if (good != (input.error_count == 0) || input.error_count > CV_INPUT_MAX_ERRORS)
        abort();
    cv_input_release(&input);
    return 0;
}
