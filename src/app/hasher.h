/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords, hashed with argon2id on one thread of their own: it takes tens of milliseconds and 64
 * MiB, which the loop can't wait for. One thread bounds both the memory and the share of the
 * machine that guessing at passwords can take (docs/adr/0003-password-thread.md).
 */
#ifndef CV_APP_HASHER_H
#define CV_APP_HASHER_H

#include "api/ports.h"
#include "io/loop.h"

enum { CV_HASHER_QUEUE = 16, CV_HASHER_PASSWORD_BYTES = 1024 };

struct cv_hasher;

enum cv_err cv_hasher_new(struct cv_loop *loop, struct cv_hasher **ret_hasher);
/* Waits for the password in hand; those that wait are dropped, their `done` is not called. */
struct cv_hasher *cv_hasher_free(struct cv_hasher *hasher);

struct cv_api_passwords cv_hasher_passwords(struct cv_hasher *hasher);

#endif
