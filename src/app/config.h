/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conclave.yaml. One table of rules (config_rules.c) holds every key with its default, its range
 * and its meaning; docs/configuration.md is that table, printed. Loading is all or nothing: the
 * first thing that is wrong is one line, "FILE:LINE:COLUMN: what", and nothing is loaded.
 *
 * Secrets are never in the file; it names the files that hold them.
 */
#ifndef CV_APP_CONFIG_H
#define CV_APP_CONFIG_H

#include "base/bytes.h"
#include "base/log.h"

enum cv_config_instant { CV_INSTANT_ANYONE, CV_INSTANT_ACCOUNTS, CV_INSTANT_OFF };
enum cv_config_ice_policy { CV_ICE_ALL, CV_ICE_RELAY };
enum cv_config_log_format { CV_LOG_FORMAT_TEXT, CV_LOG_FORMAT_JSON };

struct cv_config_list {
    char **items;
    unsigned count;
};

/* Every text is owned by the configuration and never NULL; "" where a key is unset. */
struct cv_config {
    char *name;
    char *data;
    char *user;
    char *public_url; /* without a final slash; "" : https://localhost:PORT */

    struct {
        struct cv_config_list addresses;
        int64_t port;
        int64_t stun;      /* bool */
        int64_t stun_port; /* 0: the same number as `port` */
        char *http;        /* "127.0.0.1:8080" or "unix:/run/conclave/http.sock" */
        struct cv_config_list trusted_proxies; /* CIDR */
    } listen;

    struct {
        char *certificate;
        char *key;
    } tls;

    struct {
        char *root;
    } web;

    struct {
        int64_t instant; /* enum cv_config_instant */
        int64_t opens_before_minutes;
        int64_t closes_after_minutes;
        int64_t instant_hours;
        int64_t capacity;
    } meetings;

    struct {
        int64_t session_days;
    } accounts;

    struct {
        int64_t keep_days;
        int64_t disk_floor_mib;
        char *country_database;
        char *network_database;
    } records;

    struct {
        int64_t policy; /* enum cv_config_ice_policy */
        struct cv_config_list turn_urls;
        char *turn_secret_file;
        int64_t turn_credential_minutes;
    } ice;

    struct {
        int64_t enabled; /* bool */
        int64_t workers; /* 0: one for each core */
        int64_t port;    /* of the first worker; 0: see cv_config_media_port */
        struct cv_config_list addresses;
        int64_t tcp; /* bool */
        int64_t peers;
        int64_t room_bytes;
        int64_t peer_max_bps;
    } relay;

    struct {
        struct cv_config_list allow; /* CIDR */
    } metrics;

    struct {
        int64_t level; /* enum cv_log_level */
        int64_t format;
        int64_t personal_data; /* bool */
    } log;

    struct {
        int64_t connections;
        int64_t connections_per_address;
        int64_t drain_seconds;
    } limits;
};

enum { CV_CONFIG_MAX_WORKERS = 64 };
enum { CV_CONFIG_ERROR_BYTES = 512, CV_CONFIG_FILE_BYTES = 256 * 1024 };

/*
 * Loads `text`, which came from the file `file_name` (for messages only). The empty text gives the
 * embedded default. On CV_ERR_CONFIG `error` holds the one line that says what is wrong where.
 */
enum cv_err cv_config_load(struct cv_slice text, const char *file_name, struct cv_config *config,
                           char error[static CV_CONFIG_ERROR_BYTES]);

/*
 * The text of a file, appended to `text`; `path` is relative to the folder `base_fd` (AT_FDCWD: the
 * working directory). CV_ERR_CONFIG with `error` when it can't be read or is too long.
 */
enum cv_err cv_config_read(int base_fd, const char *path, struct cv_buf *text,
                           char error[static CV_CONFIG_ERROR_BYTES]);

/* Frees what loading allocated and zeroes the struct; a zeroed struct is fine. */
void cv_config_release(struct cv_config *config);

/* The table of rules as Markdown, which is the reference part of docs/configuration.md. */
enum cv_err cv_config_reference(struct cv_buf *markdown);

/* The public origin, "https://HOST[:PORT]": public_url, or localhost and the port. */
enum cv_err cv_config_origin(const struct cv_config *config, struct cv_buf *origin);

/* The media port of the first worker; 0: any free ports, one a worker. */
int64_t cv_config_media_port(const struct cv_config *config);

#endif
