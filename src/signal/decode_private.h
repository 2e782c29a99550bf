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

/*
 * What goes on to others is written anew from what was understood, never copied through: `object`
 * becomes the message's payload, and is released; NULL comes to CV_ERR_MEMORY.
 */
enum cv_err cv_signal_set_payload(struct cv_signal_message *message, struct json_t *object,
                                  struct cv_slice *ret_payload);
struct json_t *cv_signal_copy_string(struct cv_slice text);

/* decode_relay.c: those about the relay, with `message` for what has to be kept. */
enum cv_err cv_signal_read_relay(struct cv_fields *fields, struct cv_signal_message *message);
enum cv_err cv_signal_read_want(struct cv_fields *fields, struct cv_signal_message *message);
enum cv_err cv_signal_read_pass(struct cv_fields *fields, struct cv_signal_message *message);

#endif
