/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No server, but the bare loop that servers are compared with (bench/floor.c): it and the tool are
 * told the same addresses and keys. The plan has a line for each connection:
 *
 *     ADDRESS sends|receives|both KEY SALT KEY SALT    (hex: of what it sends; of what it receives)
 *
 * It goes into a FIFO when all sockets are open; whoever reads it begins at its end.
 */
#include "load/load_private.h"

#include <stdio.h>

static enum cv_err open_plan(struct cv_load *load) {
    FILE *plan = fopen(load->options->plan, "we");
    if (!plan) {
        cv_load_problem(load, "%s: %m", load->options->plan);
        return CV_OK;
    }
    load->room = plan;
    cv_load_opened(load);
    return CV_OK;
}

static void write_hex(FILE *plan, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        fprintf(plan, "%02x", bytes[i]);
    fputc(' ', plan);
}

static void join(struct cv_load_member *member) {
    struct cv_load *load = member->load;
    struct cv_load_keys keys;
    struct cv_addr local = cv_load_peer_local(member->peer);
    char address[CV_ADDR_TEXT_BYTES];
    FILE *plan = load->room;
    cv_random_fill(load->net.random, &keys, sizeof keys);
    cv_addr_format(&local, address);
    fprintf(plan, "%s %s ", address,
            !member->publishes  ? "receives"
            : !member->receives ? "sends"
                                : "both");
    write_hex(plan, keys.send_key, sizeof keys.send_key);
    write_hex(plan, keys.send_salt, sizeof keys.send_salt);
    write_hex(plan, keys.receive_key, sizeof keys.receive_key);
    write_hex(plan, keys.receive_salt, sizeof keys.receive_salt);
    fputc('\n', plan);
    if (load->begun == load->member_count) {
        fclose(plan);
        load->room = NULL;
    }
    if (cv_load_peer_start_plain(member->peer, &load->options->address, &keys))
        cv_load_member_failed(member, "no way to the loop");
}

static void close_plan(struct cv_load *load) {
    if (load->room)
        fclose(load->room);
}

const struct cv_load_target cv_load_target_floor = {
    .name = "floor", .open = open_plan, .join = join, .close = close_plan};
