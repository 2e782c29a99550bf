/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of one sequenced message without its numbers, built once and shared by the queues of
 * all who get it. Immutable; counted references, for one thread.
 */
#ifndef CV_SIGNAL_TEXT_H
#define CV_SIGNAL_TEXT_H

#include "base/bytes.h"

struct cv_signal_text {
    uint32_t refs;
    uint32_t size;
    char data[]; /* `"type":"…", … }`: an object without its opening brace; no NUL */
};

/* Copies `data`; one reference, the caller's. NULL without memory. */
struct cv_signal_text *cv_signal_text_new(struct cv_slice data);
struct cv_signal_text *cv_signal_text_ref(struct cv_signal_text *text);
/* Takes NULL, returns NULL. */
struct cv_signal_text *cv_signal_text_unref(struct cv_signal_text *text);

#endif
