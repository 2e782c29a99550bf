/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key, in DATA/keys: without it the hashes in the database say nothing. Kept apart from
 * the database so that a copy of the one is worth little without the other.
 */
#ifndef CV_APP_KEYS_H
#define CV_APP_KEYS_H

#include "api/secrets.h"

enum { CV_KEYS_ERROR_BYTES = 256 };

/*
 * Reads the key from keys/master.key below the working directory, or makes one (0600, durable
 * before it is used). A file of another size is an error: a new key would void every link.
 */
enum cv_err cv_keys_load(struct cv_random random, struct cv_secrets *secrets,
                         char error[static CV_KEYS_ERROR_BYTES]);

#endif
