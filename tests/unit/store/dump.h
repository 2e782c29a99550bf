/* SPDX-License-Identifier: Apache-2.0 */
/* An answer as text, every field of it, so that two can be compared and a difference be read. */
#ifndef CV_TEST_STORE_DUMP_H
#define CV_TEST_STORE_DUMP_H

#include "port/store.h"

/* `ops` are those of the answer's batch. */
void dump_answer(struct cv_buf *text, const struct cv_store_op *ops,
                 const struct cv_store_answer *answer);

/* What was asked. */
void dump_op(struct cv_buf *text, const struct cv_store_op *op);

#endif
