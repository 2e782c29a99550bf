/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the daemon over its unix socket (api/admin.yaml). */
#ifndef CV_CLI_REQUEST_H
#define CV_CLI_REQUEST_H

#include "cli/cli.h"

#include <jansson.h>

enum { CV_CLI_ANSWER_MAX_BYTES = 16 * 1024 * 1024 };

/*
 * Sends a request; `path` starts after /admin/v1 and is encoded already, `body` may be NULL and is
 * not taken over. Success is a 2xx answer: CV_OK, and *ret_answer (may be NULL) is the JSON answer,
 * the caller's to json_decref, or NULL for an empty one. Otherwise it says on standard error what
 * went wrong, in the daemon's own words where there are any, and returns an error: CV_ERR_CLOSED
 * when no daemon answers there.
 */
enum cv_err cv_cli_request(const struct cv_cli *cli, const char *method, const char *path,
                           const json_t *body, json_t **ret_answer);

/* The same, silently. */
enum cv_err cv_cli_probe(const struct cv_cli *cli, const char *path, json_t **ret_answer);

/*
 * All pages of a list: `path` with its query so far ("/records?limit=100"); *ret_items is an array
 * of all their items, the caller's to json_decref.
 */
enum cv_err cv_cli_request_all(const struct cv_cli *cli, const char *path, json_t **ret_items);

/* The text member `key`, or "" when there is none. Borrowed from `object`. */
const char *cv_cli_text(const json_t *object, const char *key);

#endif
