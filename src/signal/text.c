/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/text.h"

#include <assert.h>
#include <stdlib.h>

struct cv_signal_text *cv_signal_text_new(struct cv_slice data) {
    assert(data.size <= UINT32_MAX);
    struct cv_signal_text *text = malloc(sizeof *text + data.size);
    if (!text)
        return NULL;
    text->refs = 1;
    text->size = (uint32_t)data.size;
    memcpy(text->data, data.data, data.size);
    return text;
}

struct cv_signal_text *cv_signal_text_ref(struct cv_signal_text *text) {
    text->refs++;
    return text;
}

struct cv_signal_text *cv_signal_text_unref(struct cv_signal_text *text) {
    if (text && --text->refs == 0)
        free(text);
    return NULL;
}
