/* SPDX-License-Identifier: Apache-2.0 */
/* What the media workers tell of themselves each second, for /metrics: one line a worker. */
#include "app/control_private.h"

#include <inttypes.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "figures are read alike");

enum part { IN_STATUS, IN_COUNTERS, IN_TRANSPORT, IN_IO };

struct relay_metric {
    const char *name;
    const char *type; /* "counter" or "gauge" */
    const char *help;
    enum part part;
    size_t offset; /* of a uint64_t there */
};

#define COUNTER(n, p, s, m, h)                                                                     \
    { (n), "counter", (h), (p), offsetof(struct s, m) }
#define GAUGE(n, p, s, m, h)                                                                       \
    { (n), "gauge", (h), (p), offsetof(struct s, m) }
#define RELAY(n, m, h) COUNTER(n, IN_COUNTERS, cv_relay_counters, m, h)
#define TRANSPORT(n, m, h) COUNTER(n, IN_TRANSPORT, cv_transport_counters, m, h)
#define IO(n, m, h) COUNTER(n, IN_IO, cv_ipc_relay_io, m, h)

static const struct relay_metric metrics[] = {
    COUNTER("starts_total", IN_STATUS, cv_workers_status, starts, "Times the worker was started."),
    COUNTER("hung_total", IN_STATUS, cv_workers_status, hung,
            "Times the worker was killed because it hung."),
    COUNTER("malformed_messages_total", IN_STATUS, cv_workers_status, malformed,
            "Messages of the worker that were refused."),
    GAUGE("rooms", IN_COUNTERS, cv_relay_counters, rooms, "Meetings."),
    GAUGE("peers", IN_COUNTERS, cv_relay_counters, peers, "Connections of participants."),
    RELAY("packets_in_total", packets_in, "RTP packets received."),
    RELAY("packets_out_total", packets_out, "RTP packets sent."),
    RELAY("bytes_out_total", bytes_out, "Bytes of RTP sent."),
    RELAY("retransmitted_total", retransmitted, "Packets sent again."),
    RELAY("requested_total", requested, "Lost packets that their senders were asked for."),
    RELAY("repaired_total", repaired, "Packets that came because they were asked for."),
    RELAY("given_up_total", given_up, "Lost packets that are waited for no more."),
    RELAY("key_frames_asked_total", key_frames_asked, "Key frames asked for."),
    RELAY("refused_total", refused, "Offers refused for want of room."),
    RELAY("strangers_total", strangers, "Datagrams that belong to nobody."),
    TRANSPORT("rtp_total", rtp, "Datagrams with RTP."),
    TRANSPORT("rtcp_total", rtcp, "Datagrams with RTCP."),
    TRANSPORT("checks_total", checks, "Connectivity checks answered."),
    TRANSPORT("handshake_total", handshake, "Datagrams with DTLS."),
    TRANSPORT("unvalidated_total", unvalidated, "Datagrams from a path without a check."),
    TRANSPORT("early_total", early, "Media before there were keys."),
    TRANSPORT("unknown_total", unknown, "Datagrams of no known kind, or without our password."),
    TRANSPORT("replayed_total", replayed, "Packets that came twice."),
    TRANSPORT("forged_total", forged, "Packets that failed authentication."),
    TRANSPORT("malformed_total", malformed, "Packets that SRTP refused otherwise."),
    IO("datagrams_in_total", datagrams_in, "Datagrams received."),
    IO("datagrams_out_total", datagrams_out, "Datagrams sent."),
    IO("runs_total", runs, "Messages to the kernel for them; a run of equal-sized ones is one."),
    IO("sends_total", sends, "System calls that sent those."),
    IO("oversized_total", oversized, "Datagrams dropped because they were too long."),
    IO("unsent_total", unsent, "Datagrams that the kernel did not take."),
    IO("split_total", split, "Runs of datagrams that had to be sent one by one."),
    IO("tcp_accepted_total", tcp_accepted, "TCP connections accepted."),
    IO("tcp_refused_total", tcp_refused, "TCP connections over a limit."),
    IO("tcp_ended_total", tcp_ended, "TCP connections ended: silent, slow or malformed."),
    IO("tcp_dropped_total", tcp_dropped, "Datagrams for TCP connections that were slow or gone."),
    GAUGE("tcp_connections", IN_IO, cv_ipc_relay_io, tcp_now, "TCP connections now."),
    IO("bridge_in_total", bridge_in, "Records that came from other workers."),
    IO("bridge_out_total", bridge_out, "Records for other workers."),
    IO("bridge_dropped_total", bridge_dropped, "Records for other workers without room."),
    IO("bridge_bad_total", bridge_bad, "Malformed records of other workers."),
};

static uint64_t value_of(const struct cv_workers_status *status,
                         const struct relay_metric *metric) {
    const void *const parts[] = {status, &status->counters, &status->counters.transport,
                                 &status->io};
    uint64_t value;
    memcpy(&value, (const char *)parts[metric->part] + metric->offset, sizeof value);
    return value;
}

static enum cv_err print_head(struct cv_buf *text, const char *name, const char *type,
                              const char *help) {
    return cv_buf_printf(text, "# HELP conclave_relay_%s %s\n# TYPE conclave_relay_%s %s\n", name,
                         help, name, type);
}

enum cv_err control_print_relay_metrics(struct control *control, struct cv_buf *text) {
    unsigned count = cv_workers_count(control->workers);
    struct cv_workers_status status;
    enum cv_err err =
        count ? print_head(text, "load_permille", "gauge", "Of the worker's core, last second.")
              : CV_OK;
    for (unsigned i = 0; i < count && !err; i++) {
        cv_workers_status(control->workers, i, &status);
        err = cv_buf_printf(text, "conclave_relay_load_permille{worker=\"%u\"} %" PRIu32 "\n", i,
                            status.permille);
    }
    for (size_t m = 0; count && m < sizeof metrics / sizeof *metrics && !err; m++) {
        err = print_head(text, metrics[m].name, metrics[m].type, metrics[m].help);
        for (unsigned i = 0; i < count && !err; i++) {
            cv_workers_status(control->workers, i, &status);
            err = cv_buf_printf(text, "conclave_relay_%s{worker=\"%u\"} %" PRIu64 "\n",
                                metrics[m].name, i, value_of(&status, &metrics[m]));
        }
    }
    return err;
}
