/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CV_SIGNAL_DECODE_PRIVATE_H
#define CV_SIGNAL_DECODE_PRIVATE_H

#include "signal/decode.h"
#include "signal/fields.h"

/*
 * Reads the command named `type`. Problems are noted in `fields`, an unknown type among them;
 * CV_ERR_MEMORY is the only error.
 */
enum cv_err cv_signal_decode_command(struct cv_fields *fields, struct cv_slice type,
                                     struct cv_signal_message *message);

#endif
