/* SPDX-License-Identifier: Apache-2.0 */
#include "load/load_private.h"

uint64_t cv_load_packets_sent(const struct cv_load *load) {
    uint64_t sent = 0;
    for (size_t i = 0; i < load->publishing; i++)
        sent += load->members[i].source.packets;
    return sent;
}

uint64_t cv_load_expected_streams(const struct cv_load *load) {
    unsigned kinds = (load->options->audio ? 1u : 0u) + (load->options->video ? 1u : 0u);
    uint64_t streams = 0;
    for (size_t i = 0; i < load->member_count; i++) {
        const struct cv_load_member *member = &load->members[i];
        /* Nobody receives what the same person sends. */
        bool own = member->person < load->options->publishers;
        if (member->receives)
            streams += kinds * (load->options->publishers - own);
    }
    return streams;
}

static double ms(const struct cv_histogram *histogram, unsigned permille) {
    return (double)cv_histogram_quantile(histogram, permille) / (double)CV_US_PER_MS;
}

static void add_members(const struct cv_load *load, json_t *result) {
    unsigned receivers = 0, failed = 0, key_frames = 0;
    for (size_t i = 0; i < load->member_count; i++) {
        const struct cv_load_member *member = &load->members[i];
        receivers += member->receives;
        failed += member->failed || (member->receives && !member->has_media);
        key_frames += (unsigned)member->source.key_frames;
    }
    json_object_set_new(result, "connections", json_integer((json_int_t)load->member_count));
    json_object_set_new(result, "receivers", json_integer(receivers));
    json_object_set_new(result, "failed", json_integer(failed));
    json_object_set_new(result, "key_frames", json_integer(key_frames));
    json_object_set_new(result, "join_p50_ms", json_real(ms(&load->joins, 500)));
    json_object_set_new(result, "join_p99_ms", json_real(ms(&load->joins, 990)));
}

static void add_packets(const struct cv_load *load, const struct cv_load_tally *tally,
                        json_t *result) {
    uint64_t all = tally->received + tally->lost;
    double seconds = (double)load->steady_us / (double)CV_US_PER_S;
    json_object_set_new(result, "packets_sent",
                        json_integer((json_int_t)(cv_load_packets_sent(load) - load->sent_before)));
    json_object_set_new(result, "packets_received", json_integer((json_int_t)tally->received));
    json_object_set_new(result, "packets_per_s", json_real((double)tally->received / seconds));
    json_object_set_new(result, "mbit_per_s", json_real((double)tally->bytes * 8e-6 / seconds));
    json_object_set_new(result, "lost", json_integer((json_int_t)tally->lost));
    json_object_set_new(result, "loss_pct",
                        json_real(all ? 100.0 * (double)tally->lost / (double)all : 0.0));
    json_object_set_new(result, "streams", json_integer((json_int_t)tally->streams));
    json_object_set_new(result, "streams_expected",
                        json_integer((json_int_t)cv_load_expected_streams(load)));
    json_object_set_new(result, "retransmitted", json_integer((json_int_t)tally->retransmitted));
    json_object_set_new(result, "nacks", json_integer((json_int_t)tally->nacks));
    json_object_set_new(result, "resent", json_integer((json_int_t)tally->resent));
    json_object_set_new(result, "verified", json_integer((json_int_t)tally->verified));
    json_object_set_new(result, "damaged", json_integer((json_int_t)tally->damaged));
    json_object_set_new(result, "latency_p50_us",
                        json_integer(cv_histogram_quantile(&load->latency, 500)));
    json_object_set_new(result, "latency_p99_us",
                        json_integer(cv_histogram_quantile(&load->latency, 990)));
}

/* The processes that there were all the time, each on its own. */
static json_t *processes(const struct cv_load *load, double steady_ns) {
    json_t *list = json_array();
    for (unsigned i = 0; i < load->after.process_count; i++) {
        const struct cv_cost_process *after = &load->after.processes[i];
        for (unsigned k = 0; k < load->before.process_count; k++) {
            const struct cv_cost_process *before = &load->before.processes[k];
            if (before->pid != after->pid)
                continue;
            double pct = 100.0 * (double)(after->cpu_ns - before->cpu_ns) / steady_ns;
            json_array_append_new(list, json_pack("{s:i, s:s, s:f, s:I}", "pid", (int)after->pid,
                                                  "name", after->name, "cpu_pct", pct, "memory_kb",
                                                  (json_int_t)after->memory_kib));
        }
    }
    return list;
}

static void add_costs(const struct cv_load *load, uint64_t received, json_t *result) {
    double steady_ns = (double)load->steady_us * 1e3;
    double cpu_ns = (double)(load->after.cpu_ns - load->before.cpu_ns);
    bool known = load->options->server != 0;
    json_object_set_new(result, "server_cpu_ns_per_packet",
                        known && received ? json_real(cpu_ns / (double)received) : json_null());
    json_object_set_new(result, "server_cpu_pct",
                        known ? json_real(100.0 * cpu_ns / steady_ns) : json_null());
    double kib = (double)(load->after.memory_kib - load->empty.memory_kib);
    json_object_set_new(result, "server_memory_kb_per_peer",
                        known ? json_real(kib / (double)load->member_count) : json_null());
    if (known)
        json_object_set_new(result, "server_processes", processes(load, steady_ns));
    json_object_set_new(result, "tool_cpu_pct",
                        json_real(100.0 * (double)load->own_cpu_ns / steady_ns));
}

json_t *cv_load_report(const struct cv_load *load) {
    struct cv_load_tally tally = {0};
    json_t *result = json_object();
    for (size_t i = 0; i < load->member_count; i++)
        cv_load_peer_tally(load->members[i].peer, &tally);
    json_object_set_new(result, "target", json_string(load->target->name));
    json_object_set_new(result, "publishers", json_integer(load->options->publishers));
    json_object_set_new(result, "subscribers", json_integer(load->options->subscribers));
    json_object_set_new(result, "seconds", json_real((double)load->steady_us / CV_US_PER_S));
    add_members(load, result);
    add_packets(load, &tally, result);
    add_costs(load, tally.received, result);
    return result;
}
