/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/time.h"

static struct cv_log_sink the_sink;

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void cv_log_setup(const struct cv_log_sink *sink) {
    the_sink = *sink;
}

/* Escapes what would break a line or a JSON string; the same set serves both forms. */
static enum cv_err append_quoted(struct cv_buf *line, const char *text) {
    enum cv_err err = cv_buf_append_byte(line, '"');
    for (; !err && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            err = cv_buf_printf(line, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            err = cv_buf_printf(line, "\\u%04x", c);
        } else {
            err = cv_buf_append_byte(line, c);
        }
    }
    return err ? err : cv_buf_append_byte(line, '"');
}

/* A text that can stand in a key=value line without quotes. */
static bool is_plain(const char *text) {
    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return false;
        }
    }
    return true;
}

static enum cv_err append_text(const struct cv_log_sink *sink, struct cv_buf *line, const char *key,
                               const char *text) {
    enum cv_err err = sink->json ? cv_buf_printf(line, "%s\"%s\":", line->size > 1 ? "," : "", key)
                                 : cv_buf_printf(line, "%s%s=", line->size > 0 ? " " : "", key);
    if (err) {
        return err;
    }
    return !sink->json && is_plain(text) ? cv_buf_append_str(line, text)
                                         : append_quoted(line, text);
}

static enum cv_err append_field(const struct cv_log_sink *sink, struct cv_buf *line,
                                const struct cv_log_field *field) {
    if (field->kind == CV_LOG_KIND_NUMBER) {
        return cv_buf_printf(line, sink->json ? ",\"%s\":%lld" : " %s=%lld", field->key,
                             (long long)field->number);
    }
    bool hidden = field->kind == CV_LOG_KIND_PRIVATE && !sink->personal_data;
    return append_text(sink, line, field->key, hidden || !field->text ? "-" : field->text);
}

enum cv_err cv_log_format(const struct cv_log_sink *sink, int64_t at_us, enum cv_log_level level,
                          const char *event, const struct cv_log_field *fields,
                          struct cv_buf *line) {
    char time_text[CV_TIME_TEXT_BYTES];
    cv_time_format(at_us, time_text);
    enum cv_err err = sink->json ? cv_buf_append_byte(line, '{') : CV_OK;
    if (!err) {
        err = append_text(sink, line, "time", time_text);
    }
    if (!err) {
        err = append_text(sink, line, "level", level_names[level]);
    }
    if (!err && sink->process) {
        err = append_text(sink, line, "process", sink->process);
    }
    if (!err) {
        err = append_text(sink, line, "event", event);
    }
    for (; !err && fields->kind != CV_LOG_KIND_END; fields++) {
        err = append_field(sink, line, fields);
    }
    if (!err) {
        err = cv_buf_append_str(line, sink->json ? "}\n" : "\n");
    }
    return err;
}

void cv_log_event(enum cv_log_level level, const char *event, const struct cv_log_field *fields) {
    if (!the_sink.write || level < the_sink.level) {
        return;
    }
    struct cv_buf line = {.limit_bytes = 16384};
    if (!cv_log_format(&the_sink, the_sink.wall_us(), level, event, fields, &line)) {
        the_sink.write((const char *)line.data, line.size);
    }
    cv_buf_release(&line);
}
