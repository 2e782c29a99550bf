/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured log lines: one event, a few fields, as key=value text or JSON. Nothing here writes:
 * the process that owns the log gives a sink, and until it does, lines go nowhere.
 *
 * Redaction is the default. A field made by CV_LOG_PRIVATE (names, addresses, mail addresses,
 * titles) is printed as "-" unless the operator asked for personal data. Tokens, passwords and link
 * secrets have no field at all: they are never passed to the log.
 */
#ifndef CV_BASE_LOG_H
#define CV_BASE_LOG_H

#include "base/bytes.h"

enum cv_log_level { CV_LOG_DEBUG, CV_LOG_INFO, CV_LOG_WARNING, CV_LOG_ERROR };

enum cv_log_kind {
    CV_LOG_KIND_END = 0,
    CV_LOG_KIND_TEXT,
    CV_LOG_KIND_PRIVATE,
    CV_LOG_KIND_NUMBER,
};

struct cv_log_field {
    const char *key;
    enum cv_log_kind kind;
    const char *text; /* NULL prints as "-" */
    int64_t number;
};

#define CV_LOG_TEXT(name, value) ((struct cv_log_field){(name), CV_LOG_KIND_TEXT, (value), 0})
#define CV_LOG_PRIVATE(name, value) ((struct cv_log_field){(name), CV_LOG_KIND_PRIVATE, (value), 0})
#define CV_LOG_NUMBER(name, value)                                                                 \
    ((struct cv_log_field){(name), CV_LOG_KIND_NUMBER, NULL, (int64_t)(value)})

struct cv_log_sink {
    enum cv_log_level level; /* lines below it are dropped */
    bool json;
    bool personal_data;  /* print private fields too */
    const char *process; /* "supervisor", "control"; static */
    int64_t (*wall_us)(void);
    /* One whole line with its newline. */
    void (*write)(const char *line, size_t size);
};

/* The sink is copied. Not to be called while another thread logs. */
void cv_log_setup(const struct cv_log_sink *sink);

/* `event` is a short fixed English phrase; `fields` ends with a zeroed field. */
void cv_log_event(enum cv_log_level level, const char *event, const struct cv_log_field *fields);

#define CV_LOG(level, event, ...)                                                                  \
    cv_log_event(                                                                                  \
        (level), (event),                                                                          \
        (const struct cv_log_field[]){__VA_ARGS__ __VA_OPT__(, ){NULL, CV_LOG_KIND_END, NULL, 0}})

/* One line as it would be written, for the sink above and for tests. */
enum cv_err cv_log_format(const struct cv_log_sink *sink, int64_t at_us, enum cv_log_level level,
                          const char *event, const struct cv_log_field *fields,
                          struct cv_buf *line);

#endif
