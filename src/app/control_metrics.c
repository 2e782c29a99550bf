/* SPDX-License-Identifier: Apache-2.0 */
/* For those who watch the server: /healthz, /readyz, and /metrics in Prometheus' text format. */
#include "app/control_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

struct metric {
    const char *name;
    const char *type; /* "counter" or "gauge" */
    const char *help;
    double value;
};

static uint64_t resident_bytes(void) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) {
        return 0;
    }
    if (fscanf(file, "%*u %llu", &pages) != 1) {
        pages = 0;
    }
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static enum cv_err print_metric(struct cv_buf *text, const struct metric *metric) {
    return cv_buf_printf(text, "# HELP conclave_%s %s\n# TYPE conclave_%s %s\nconclave_%s %.17g\n",
                         metric->name, metric->help, metric->name, metric->type, metric->name,
                         metric->value);
}

static enum cv_err print_answers(struct cv_buf *text, const struct cv_server_counters *server) {
    enum cv_err err = cv_buf_append_str(text, "# HELP conclave_http_answers_total HTTP answers by "
                                              "class of status.\n"
                                              "# TYPE conclave_http_answers_total counter\n");
    for (int i = 1; i <= 5 && !err; i++) {
        err = cv_buf_printf(text, "conclave_http_answers_total{class=\"%dxx\"} %" PRIu64 "\n", i,
                            server->answers[i]);
    }
    return err;
}

static enum cv_err print_all(struct control *control, struct cv_buf *text) {
    const struct cv_server_counters *server = cv_server_counters(control->server);
    struct cv_hub_counters hub;
    struct cv_store_stats store;
    struct cv_tls_certificate certificate = {0};
    cv_hub_counters(control->hub, &hub);
    cv_store_stats(control->store, &store);
    if (control->tls) {
        cv_tls_certificate(control->tls, &certificate);
    }
    const struct metric metrics[] = {
        {"connections_total", "counter", "Connections accepted.", (double)server->connections},
        {"connections", "gauge", "Connections now.", (double)server->connections_now},
        {"connections_refused_total", "counter", "Connections over a limit.",
         (double)server->connections_refused},
        {"tls_handshakes_failed_total", "counter", "TLS handshakes that failed.",
         (double)server->handshakes_failed},
        {"http_requests_total", "counter", "Requests, HTTP/1.1 and HTTP/2.",
         (double)(server->requests_http1 + server->requests_http2)},
        {"http2_requests_total", "counter", "HTTP/2 requests.", (double)server->requests_http2},
        {"http_requests", "gauge", "Requests being answered now.", (double)server->requests_now},
        {"http_bad_requests_total", "counter", "Malformed requests and those over a limit.",
         (double)server->bad_requests},
        {"http_timeouts_total", "counter", "Connections that were too slow.",
         (double)server->timeouts},
        {"http2_floods_total", "counter", "HTTP/2 connections ended for flooding.",
         (double)server->floods},
        {"websockets_total", "counter", "WebSockets accepted.", (double)server->websockets},
        {"websockets", "gauge", "WebSockets now.", (double)server->websockets_now},
        {"websockets_slow_total", "counter", "WebSockets dropped because they were too slow.",
         (double)(server->websockets_slow + hub.slow)},
        {"websockets_dead_total", "counter", "WebSockets dropped because they fell silent.",
         (double)server->websockets_dead},
        {"websocket_messages_in_total", "counter", "WebSocket messages received.",
         (double)server->messages_in},
        {"websocket_messages_out_total", "counter", "WebSocket messages sent.",
         (double)server->messages_out},
        {"bytes_in_total", "counter", "Bytes received, inside TLS.", (double)server->bytes_in},
        {"bytes_out_total", "counter", "Bytes sent, inside TLS.", (double)server->bytes_out},
        {"meetings_loaded", "gauge", "Meetings in memory.", (double)hub.meetings},
        {"participants", "gauge", "People in meetings or waiting.", (double)hub.participants},
        {"commands_total", "counter", "Commands of participants.", (double)hub.commands},
        {"meetings_reloaded_total", "counter", "Meetings loaded anew because the store failed.",
         (double)hub.failed},
        {"store_batches_total", "counter", "Batches answered by the store.", (double)store.batches},
        {"store_commits_total", "counter", "Commits, each for all batches waiting.",
         (double)store.commits},
        {"store_failed_total", "counter", "Batches that failed.", (double)store.failed},
        {"store_fault", "gauge", "1 when the store's last write failed.",
         (double)(store.fault != CV_STORE_FAULT_NONE)},
        {"store_queued", "gauge", "Batches waiting.", (double)store.queued},
        {"stun_requests_total", "counter", "Datagrams on the STUN port.",
         (double)control->stun.requests},
        {"stun_answers_total", "counter", "STUN answers.", (double)control->stun.answers},
        {"records_deleted_total", "counter", "Call data records deleted.",
         (double)control->retention.deleted},
        {"disk_low", "gauge", "1 when the disk is below records.disk_floor_mib.",
         (double)control->retention.low},
        {"resident_bytes", "gauge", "Resident memory of this process.", (double)resident_bytes()},
        {"certificate_expires_seconds", "gauge", "When the certificate expires, Unix time.",
         (double)certificate.not_after_us / (double)CV_US_PER_S},
    };
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics && !err; i++) {
        err = print_metric(text, &metrics[i]);
    }
    if (!err) {
        err = print_answers(text, server);
    }
    return err ? err : control_print_relay_metrics(control, text);
}

/* This machine, and whom the operator has named; a proxy's clients count as themselves. */
static bool may_read(const struct control *control, const struct cv_http_request *request) {
    if (request->has_peer && request->client.family == CV_ADDR_NONE) {
        return request->peer_uid == 0 || request->peer_uid == geteuid();
    }
    return cv_addr_scope(&request->client) == CV_ADDR_LOOPBACK ||
           cv_cidr_any_contains(control->settings.metrics_allow,
                                control->settings.metrics_allow_count, &request->client);
}

void control_serve_metrics(struct control *control, struct cv_exchange *exchange) {
    struct cv_buf text = {0};
    if (!may_read(control, cv_exchange_request(exchange))) {
        cv_exchange_fail(exchange, 404, "not-found", "There is nothing at this address.");
    } else if (print_all(control, &text)) {
        cv_exchange_fail(exchange, 503, "unavailable", "The server has no memory for this now.");
    } else {
        cv_exchange_reply(exchange, 200, "text/plain; version=0.0.4; charset=utf-8",
                          cv_buf_slice(&text));
    }
    cv_buf_release(&text);
}

void control_serve_health(struct control *control, struct cv_exchange *exchange, bool ready) {
    struct cv_store_stats store;
    cv_store_stats(control->store, &store);
    if (ready && (!control->ready || control->draining)) {
        cv_exchange_fail(exchange, 503, "not-ready",
                         control->draining ? "The server is finishing."
                                           : "The server is starting.");
    } else if (ready && store.fault != CV_STORE_FAULT_NONE) {
        cv_exchange_fail(exchange, 503, "store", "The store has failed; the log says how.");
    } else if (ready && !control_relay_is_ready(control)) {
        cv_exchange_fail(exchange, 503, "relay", "No media worker is running.");
    } else {
        cv_exchange_json(exchange, 200, cv_slice_str("{\"status\":\"ok\"}"));
    }
}
