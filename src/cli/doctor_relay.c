/* SPDX-License-Identifier: Apache-2.0 */
/* The relay: whether its workers run, its ports can be reached, and its addresses make sense. */
#include "base/addr.h"
#include "cli/doctor.h"
#include "cli/net.h"
#include "cli/request.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 200, CONNECT_S = 2 };

static bool connects(const char *host, const char *port) {
    int fd = cv_cli_tcp_open(host, port, CONNECT_S);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* A worker is silent to strangers; where none listens, the host says so. */
static bool listens(const char *host, const char *port) {
    int fd = cv_cli_udp_open(host, port);
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char answer[16];
    if (fd < 0)
        return false;
    bool refused = send(fd, "conclave", 8, 0) < 0 ||
                   (poll(&poll_fd, 1, WAIT_MS) > 0 && recv(fd, answer, sizeof answer, 0) < 0);
    close(fd);
    return !refused;
}

static void check_worker(struct cv_doctor *doctor, const char *address, const json_t *worker) {
    int number = (int)json_integer_value(json_object_get(worker, "worker"));
    int port = (int)json_integer_value(json_object_get(worker, "port"));
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    if (!json_is_true(json_object_get(worker, "ready")))
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "relay", "Look at the server's log.",
                       "media worker %d is not running", number);
    else if (!listens(address, service))
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "relay",
                       "Open the UDP ports of the relay in every firewall on the way.",
                       "UDP port %d at %s can't be reached", port, address);
    else if (json_is_true(json_object_get(worker, "tcp")) && !connects(address, service))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "relay",
                       "Open the TCP ports of the relay too, for people whose networks let no UDP "
                       "out; or set relay.tcp to false.",
                       "TCP port %d at %s can't be reached", port, address);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "relay", NULL, "media worker %d at %s, port %d",
                       number, address, port);
}

/* The best address is what most people are told to connect to. */
static void check_address(struct cv_doctor *doctor, const char *address) {
    struct cv_addr addr;
    if (cv_addr_parse(cv_slice_str(address), &addr))
        return;
    enum cv_addr_scope scope = cv_addr_scope(&addr);
    if (scope != CV_ADDR_GLOBAL)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "relay address",
                       "Behind NAT: name the public address in relay.addresses and forward the "
                       "ports. For people of this network alone it is good as it is.",
                       "%s is %s: it can't be reached from the Internet", address,
                       cv_addr_scope_name(scope));
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "relay address", NULL, "%s", address);
}

void cv_doctor_relay(struct cv_doctor *doctor) {
    const json_t *relay = json_object_get(doctor->status, "relay");
    const json_t *workers = json_object_get(relay, "workers");
    const char *address = json_string_value(json_array_get(json_object_get(relay, "addresses"), 0));
    size_t i;
    const json_t *worker;
    if (!json_array_size(workers)) {
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "relay",
                       "Set relay.enabled for meetings of more than two.",
                       "there is no relay: meetings have two people, or four in a mesh");
        return;
    }
    if (!address) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "relay address",
                       "Name this machine's address in relay.addresses.",
                       "the relay has no address that it could tell anybody");
        return;
    }
    check_address(doctor, address);
    json_array_foreach(workers, i, worker) {
        check_worker(doctor, address, worker);
    }
}
