/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629): validation, and the check for texts that people see (names, titles). */
#ifndef CV_BASE_UTF8_H
#define CV_BASE_UTF8_H

#include "base/bytes.h"

/* No overlong forms, no surrogates, nothing past U+10FFFF. */
bool cv_utf8_valid(struct cv_slice text);

/*
 * Valid UTF-8 of at most `max_chars` code points, no C0/C1 control, no line or paragraph
 * separator, and no bidirectional override or isolate (they let one name pass for another); and
 * something to be seen. CV_ERR_SYNTAX or CV_ERR_LIMIT otherwise. The empty text passes.
 */
enum cv_err cv_utf8_check_label(struct cv_slice text, size_t max_chars);

#endif
