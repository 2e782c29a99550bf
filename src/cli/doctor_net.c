/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor looks at from outside the server: HTTPS and its certificate, address, STUN. */
#include "cli/doctor.h"
#include "cli/net.h"
#include "cli/request.h"
#include "media/stun.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EXPIRES_SOON_DAYS = 14, PATIENCE_S = 5, DATE_BYTES = 16 };

static const char own_certificate_advice[] =
    "Get a certificate for the server's name from a certificate authority (an ACME client does it "
    "for nothing), set tls.certificate and tls.key, and send the server SIGHUP.";

/* A handshake on `fd`, for the server's public name; NULL: what is there speaks no TLS. */
static SSL *shake_hands(SSL_CTX *context, int fd, const char *host) {
    SSL *ssl = SSL_new(context);
    if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1 &&
        SSL_connect(ssl) == 1)
        return ssl;
    SSL_free(ssl);
    return NULL;
}

/* "2026-01-31", in UTC */
static const char *date_of(const ASN1_TIME *time, char text[static DATE_BYTES]) {
    struct tm date;
    if (ASN1_TIME_to_tm(time, &date) != 1 || strftime(text, DATE_BYTES, "%Y-%m-%d", &date) == 0)
        text[0] = '\0';
    return text;
}

/* Whether `time` is yet to come; the whole days until then, or since. */
static bool lies_ahead(const ASN1_TIME *time, int *ret_days) {
    int seconds = 0;
    *ret_days = 0;
    ASN1_TIME_diff(ret_days, &seconds, NULL, time);
    return *ret_days > 0 || seconds > 0;
}

static void judge_certificate(struct cv_doctor *doctor, SSL *ssl, X509 *certificate,
                              const char *host) {
    char subject[128], date[DATE_BYTES];
    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
    const ASN1_TIME *start = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    int days, days_to_start;
    bool named = X509_check_host(certificate, host, 0, 0, NULL) == 1 ||
                 X509_check_ip_asc(certificate, host, 0) == 1;
    if (!lies_ahead(end, &days))
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "certificate", own_certificate_advice,
                       "expired on %s", date_of(end, date));
    else if (lies_ahead(start, &days_to_start))
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "certificate",
                       "Set the clock of this machine right. If it is right, use a certificate "
                       "that is valid already.",
                       "not valid before %s", date_of(start, date));
    else if (!named)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "certificate", own_certificate_advice,
                       "%s is not for %s", subject, host);
    else if (SSL_get_verify_result(ssl) != X509_V_OK)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "certificate", own_certificate_advice,
                       "browsers will warn of it: %s",
                       X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
    else if (days < EXPIRES_SOON_DAYS)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "certificate",
                       "Renew it, and send the server SIGHUP.", "expires in %d days, on %s", days,
                       date_of(end, date));
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "certificate", NULL, "for %s, %d days left", host,
                       days);
}

void cv_doctor_certificate(struct cv_doctor *doctor) {
    int port = (int)json_integer_value(json_object_get(doctor->status, "port"));
    char host[256], service[8];
    if (port == 0) {
        cv_doctor_file(doctor, CV_DOCTOR_OK, "https", NULL,
                       "left to the reverse proxy in front of the server");
        return;
    }
    if (!cv_doctor_public_host(doctor, host, sizeof host))
        return;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    X509 *certificate = NULL;
    int fd = -1;
    if (!context)
        return;
    SSL_CTX_set_default_verify_paths(context);
    snprintf(service, sizeof service, "%d", port);
    fd = cv_cli_tcp_open("localhost", service, PATIENCE_S);
    if (fd < 0) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "https",
                       "Look at the server's log, and whether a local firewall closes the port.",
                       "TCP port %d of this machine is closed", port);
        goto out;
    }
    ssl = shake_hands(context, fd, host);
    if (!ssl) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "https",
                       "See which program has the port (ss -ltnp), and look at the server's log.",
                       "what answers on TCP port %d of this machine speaks no TLS", port);
        goto out;
    }
    cv_doctor_file(doctor, CV_DOCTOR_OK, "https", NULL, "port %d speaks %s", port,
                   SSL_get_version(ssl));
    certificate = SSL_get1_peer_certificate(ssl);
    if (certificate)
        judge_certificate(doctor, ssl, certificate, host);
out:
    X509_free(certificate);
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (fd >= 0)
        close(fd);
}

static bool same_host(const struct sockaddr *a, const struct sockaddr *b) {
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return memcmp(&((const struct sockaddr_in *)(const void *)a)->sin_addr,
                      &((const struct sockaddr_in *)(const void *)b)->sin_addr, 4) == 0;
    return a->sa_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr, 16) == 0;
}

static bool is_local(const struct addrinfo *addresses) {
    struct ifaddrs *interfaces = NULL;
    bool local = false;
    if (getifaddrs(&interfaces) != 0)
        return false;
    for (const struct addrinfo *it = addresses; it && !local; it = it->ai_next)
        for (struct ifaddrs *own = interfaces; own && !local; own = own->ifa_next)
            local = own->ifa_addr && same_host(own->ifa_addr, it->ai_addr);
    freeifaddrs(interfaces);
    return local;
}

void cv_doctor_public_address(struct cv_doctor *doctor) {
    static const char check[] = "public address";
    char host[256], numeric[64] = "";
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (!cv_doctor_public_host(doctor, host, sizeof host))
        return;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, check,
                       "Correct public_url, or give the name an A or AAAA record.",
                       "%s has no address", host);
        return;
    }
    getnameinfo(found->ai_addr, found->ai_addrlen, numeric, sizeof numeric, NULL, 0,
                NI_NUMERICHOST);
    if (strcmp(host, "localhost") == 0 || strncmp(numeric, "127.", 4) == 0 ||
        strcmp(numeric, "::1") == 0)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, check,
                       "Set public_url to the name under which others reach this machine.",
                       "%s reaches this machine only from itself", host);
    else if (!is_local(found))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, check,
                       "Behind NAT: see that the router forwards the TCP and UDP ports. Otherwise "
                       "correct the name's address.",
                       "%s is %s, which no interface of this machine has", host, numeric);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, check, NULL, "%s is %s, an address of this machine",
                       host, numeric);
    freeaddrinfo(found);
}

/* A Binding request to `host`; true when a matching success came back. */
static bool binding_answers(const char *host, const char *port) {
    uint8_t request[64], answer[CV_STUN_MAX_BYTES], id[CV_STUN_TRANSACTION_BYTES];
    struct cv_stun_writer writer;
    struct cv_stun_message message;
    size_t size = 0, answer_size = 0;
    bool good = false;
    int fd = cv_cli_udp_open(host, port);
    if (fd < 0)
        return false;
    RAND_bytes(id, sizeof id);
    cv_stun_begin(&writer, request, sizeof request, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add_fingerprint(&writer);
    if (cv_stun_finish(&writer, &size) == CV_OK &&
        cv_cli_udp_ask(fd, cv_slice_of(request, size), answer, sizeof answer, &answer_size) ==
            CV_OK &&
        cv_stun_parse(cv_slice_of(answer, answer_size), &message) == CV_OK)
        good =
            message.class == CV_STUN_SUCCESS && memcmp(message.transaction_id, id, sizeof id) == 0;
    close(fd);
    return good;
}

void cv_doctor_stun(struct cv_doctor *doctor) {
    int port =
        (int)json_integer_value(json_object_get(json_object_get(doctor->status, "stun"), "port"));
    char service[8], host[256] = "localhost";
    if (port == 0) {
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "udp",
                       "Set listen.stun, unless another STUN or TURN server is configured.",
                       "the server's own STUN is switched off");
        return;
    }
    snprintf(service, sizeof service, "%d", port);
    cv_doctor_public_host(doctor, host, sizeof host);
    if (!binding_answers("localhost", service))
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "udp",
                       "Look at the server's log, and whether a local firewall drops UDP.",
                       "no STUN answer on UDP port %d of this machine", port);
    else if (!binding_answers(host, service))
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "udp",
                       "Open the UDP port in every firewall on the way; some routers can't be "
                       "reached from inside by their outer address, so try from another network.",
                       "no STUN answer on %s, UDP port %d", host, port);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, "udp", NULL, "STUN answers on %s, UDP port %d", host,
                       port);
}
