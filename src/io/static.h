/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built web client, served from a folder. The folder is read once, at the start: its files,
 * their precompressed variants (name.br, name.gz) and their hashes. A request's path is looked up
 * in that table and never reaches the file system. File bytes are read when they are sent, so
 * they cost no memory in between.
 *
 * Cache-Control: a year and immutable for /assets/ (whose names hold a hash), no-cache for
 * everything else. Strong entity tags, If-None-Match, HEAD; no ranges.
 */
#ifndef CV_IO_STATIC_H
#define CV_IO_STATIC_H

#include "io/exchange.h"

struct cv_static;

/*
 * Reads the folder, without following symbolic links and without names that begin with a dot.
 * CV_ERR_SYSTEM (errno), CV_ERR_LIMIT (over 4096 files or 8 levels), CV_ERR_MEMORY.
 */
enum cv_err cv_static_new(const char *folder, struct cv_static **ret_static);
struct cv_static *cv_static_free(struct cv_static *files);

/* How many names it serves. */
size_t cv_static_count(const struct cv_static *files);

/*
 * Answers a request for a file of the folder ("/" is "/index.html"): GET and HEAD with the file,
 * 304, or 404 if it has changed on the disk since the start; any other method with 405. False,
 * the exchange untouched, when there is no such name.
 */
bool cv_static_serve(struct cv_static *files, struct cv_exchange *exchange);

/*
 * Answers with the file of that name ("/index.html"), whatever was asked for, and this status: 200
 * for the routes that exist only in the client, 404 for a page that says so.
 */
bool cv_static_serve_name(struct cv_static *files, struct cv_exchange *exchange, int status,
                          const char *name);

#endif
