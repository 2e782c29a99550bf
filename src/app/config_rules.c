/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of conclave.yaml: where it goes, its default, what it may be and what it means. */
#include "app/config_private.h"
#include "base/cidr.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_host(const char *text) {
    struct cv_addr addr;
    return !cv_addr_parse(cv_slice_str(text), &addr) && addr.port == 0 && !strchr(text, '[');
}

static bool is_range(const char *text) {
    struct cv_cidr cidr;
    return !cv_cidr_parse(cv_slice_str(text), &cidr);
}

static bool is_endpoint(const char *text) {
    struct cv_addr addr;
    if (!strncmp(text, "unix:", 5)) {
        return text[5] == '/' && strlen(text + 5) < 108;
    }
    return !cv_addr_parse(cv_slice_str(text), &addr) && addr.port != 0;
}

/* "https://HOST" or "https://HOST:PORT": letters, digits and what names and addresses hold. */
static bool is_origin(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    if (strncmp(text, "https://", 8) != 0 || !text[8]) {
        return false;
    }
    return strspn(text + 8, allowed) == strlen(text + 8);
}

static bool is_turn_url(const char *text) {
    size_t scheme = !strncmp(text, "turn:", 5) ? 5 : !strncmp(text, "turns:", 6) ? 6 : 0;
    return scheme && text[scheme] && !strpbrk(text, " \"<>\\^`{|}");
}

#define AT(member) offsetof(struct cv_config, member)
#define NUMBER(s, k, member, value, low, high, what)                                               \
    {                                                                                              \
        .section = (s), .key = (k), .kind = CV_CONFIG_NUMBER, .offset = AT(member),                \
        .fallback = (value), .min = (low), .max = (high), .meaning = (what)                        \
    }
#define CHOICE(s, k, member, value, what, ...)                                                     \
    {                                                                                              \
        .section = (s), .key = (k), .kind = CV_CONFIG_CHOICE, .offset = AT(member),                \
        .fallback = (value), .words = {__VA_ARGS__}, .meaning = (what)                             \
    }
#define TEXT(s, k, member, value, what, ...)                                                       \
    {                                                                                              \
        .section = (s), .key = (k), .kind = CV_CONFIG_TEXT, .offset = AT(member),                  \
        .fallback = (value), .meaning = (what), __VA_ARGS__                                        \
    }
#define LIST(s, k, member, value, what, ...)                                                       \
    {                                                                                              \
        .section = (s), .key = (k), .kind = CV_CONFIG_LIST, .offset = AT(member),                  \
        .fallback = (value), .meaning = (what), __VA_ARGS__                                        \
    }
#define HOSTS .check = is_host, .expects = "an IP address without port"
#define RANGES .check = is_range, .expects = "an address or a range such as 10.0.0.0/8"
#define YES_NO                                                                                     \
    {"false", 0}, {                                                                                \
        "true", 1                                                                                  \
    }

const struct cv_config_rule cv_config_rules[] = {
    TEXT("", "name", name, "Conclave", "What the server calls itself on its pages."),
    TEXT("", "data", data, "./data", "The folder that holds everything the server keeps."),
    TEXT("", "user", user, "conclave",
         "Whom the daemon becomes when it is started as root; `nobody` where that account does not "
         "exist."),
    TEXT(
        "", "public_url", public_url, "",
        "The address under which people reach the server, for links and for the check of `Origin`. "
        "Empty: the name or address that the browser used, and `https://localhost:PORT` where "
        "there is no browser.",
        .check = is_origin, .expects = "https://HOST or https://HOST:PORT, in lower case"),

    LIST("listen", "addresses", listen.addresses,
         "0.0.0.0 ::", "Addresses on which HTTPS (TCP) and STUN (UDP) are served.", HOSTS),
    NUMBER("listen", "port", listen.port, "8443", 0, 65535,
           "TCP port of HTTPS. 0 takes any free port, for tests."),
    CHOICE("listen", "stun", listen.stun, "true",
           "Whether the server answers STUN, so that browsers learn their own address.", YES_NO),
    NUMBER(
        "listen", "stun_port", listen.stun_port, "0", 0, 65535,
        "UDP port of STUN. 0 takes the same number as `listen.port`. Where `listen.addresses` is "
        "empty, because a proxy serves HTTPS, STUN is served on all addresses if this is set."),
    TEXT("listen", "http", listen.http, "",
         "Plain HTTP for a reverse proxy that ends TLS, `127.0.0.1:8080` or "
         "`unix:/run/conclave/http.sock`. Needs `public_url`.",
         .check = is_endpoint, .expects = "ADDRESS:PORT or unix:/PATH"),
    LIST("listen", "trusted_proxies", listen.trusted_proxies, "",
         "Where the proxy connects from; only then are its X-Forwarded-For headers believed. A "
         "unix socket is always trusted.",
         RANGES),

    TEXT(
        "tls", "certificate", tls.certificate, "",
        "PEM file with the certificate and its chain. Empty: a self-signed one is made in the data "
        "folder."),
    TEXT("tls", "key", tls.key, "", "PEM file with the private key of the certificate."),

    TEXT("web", "root", web.root, "",
         "Folder of the built web client. Empty: the one that belongs to this daemon."),

    CHOICE("meetings", "instant", meetings.instant, "anyone",
           "Who may open an instant meeting: anyone, only accounts, or nobody.",
           {"anyone", CV_INSTANT_ANYONE}, {"accounts", CV_INSTANT_ACCOUNTS},
           {"off", CV_INSTANT_OFF}),
    NUMBER("meetings", "opens_before_minutes", meetings.opens_before_minutes, "60", 0, 10080,
           "How long before its planned start a meeting may be entered."),
    NUMBER("meetings", "closes_after_minutes", meetings.closes_after_minutes, "360", 1, 10080,
           "How long after its planned start a meeting closes when nobody ends it."),
    NUMBER("meetings", "instant_hours", meetings.instant_hours, "24", 1, 720,
           "How long an instant meeting may be entered, from when it was made; then it ends."),
    NUMBER("meetings", "capacity", meetings.capacity, "200", 2, 1000,
           "How many may be in a meeting that can go through the server; in others it is 2, and 4 "
           "in a mesh."),

    NUMBER("accounts", "session_days", accounts.session_days, "14", 1, 90,
           "How long a browser stays signed in."),

    NUMBER("records", "keep_days", records.keep_days, "7", 0, 3650,
           "How long call data records are kept; 0 keeps none after the call."),
    NUMBER("records", "disk_floor_mib", records.disk_floor_mib, "256", 0, 1048576,
           "When less space is free, the oldest call data records go early."),
    TEXT("records", "country_database", records.country_database, "",
         "MaxMind DB file (country) that gives an address its country. Empty: no country."),
    TEXT("records", "network_database", records.network_database, "",
         "MaxMind DB file (ASN) that gives an address its network operator. Empty: no operator."),

    CHOICE("ice", "policy", ice.policy, "all",
           "`relay`: nobody ever sees another's address; direct calls pass the TURN server.",
           {"all", CV_ICE_ALL}, {"relay", CV_ICE_RELAY}),
    LIST("ice", "turn_urls", ice.turn_urls, "",
         "TURN servers, such as `turn:turn.example.org:3478?transport=udp`.", .check = is_turn_url,
         .expects = "turn:HOST[:PORT] or turns:HOST[:PORT]"),
    TEXT("ice", "turn_secret_file", ice.turn_secret_file, "",
         "File with the secret shared with the TURN server (coturn: `static-auth-secret`)."),
    NUMBER("ice", "turn_credential_minutes", ice.turn_credential_minutes, "480", 10, 1440,
           "How long a participant's TURN credentials are good."),

    CHOICE(
        "relay", "enabled", relay.enabled, "true",
        "Whether meetings of three and more go through the server. Without it, a meeting has two "
        "people, and four in a mesh.",
        YES_NO),
    NUMBER("relay", "workers", relay.workers, "0", 0, CV_CONFIG_MAX_WORKERS,
           "Processes that forward media, each with a port of its own. 0: one for each core."),
    NUMBER("relay", "port", relay.port, "0", 0, 65535,
           "Port of the first worker, UDP and TCP; the others have the ones after it. 0: the ports "
           "after `listen.port`, or after 8443 where that is below 1024; free ones where "
           "`listen.port` is 0. The workers listen on `listen.addresses`, or on all if there are "
           "none."),
    LIST("relay", "addresses", relay.addresses, "",
         "Addresses at which clients reach the workers, best first: needed behind NAT. Empty: "
         "`listen.addresses`, and for 0.0.0.0 and :: the addresses of this machine's interfaces.",
         HOSTS),
    CHOICE("relay", "tcp", relay.tcp, "true",
           "Whether media may come by TCP, for networks that let no UDP out.", YES_NO),
    NUMBER("relay", "peers", relay.peers, "1000", 1, 100000,
           "Connections that one worker takes; more are refused."),
    NUMBER("relay", "room_bytes", relay.room_bytes, "33554432", 1048576, 1073741824,
           "Memory for packets that may be asked for again, for each meeting on each worker."),
    NUMBER("relay", "peer_max_bps", relay.peer_max_bps, "20000000", 100000, 1000000000,
           "Bits a second that one participant is sent at most."),

    LIST("metrics", "allow", metrics.allow, "",
         "Who may read `/metrics` besides this machine itself.", RANGES),

    CHOICE("log", "level", log.level, "info", "The least important lines that are written.",
           {"debug", CV_LOG_DEBUG}, {"info", CV_LOG_INFO}, {"warning", CV_LOG_WARNING},
           {"error", CV_LOG_ERROR}),
    CHOICE("log", "format", log.format, "text", "`text` is key=value.",
           {"text", CV_LOG_FORMAT_TEXT}, {"json", CV_LOG_FORMAT_JSON}),
    CHOICE("log", "personal_data", log.personal_data, "false",
           "Write names and addresses to the log. Tokens and passwords are never written.", YES_NO),

    NUMBER("limits", "connections", limits.connections, "10000", 16, 1000000,
           "Connections at a time; more are refused."),
    NUMBER("limits", "connections_per_address", limits.connections_per_address, "256", 4, 1000000,
           "Connections at a time from one address (IPv6: one /64)."),
    NUMBER("limits", "drain_seconds", limits.drain_seconds, "10", 0, 600,
           "How long requests may take to finish when the daemon stops."),
};

const size_t cv_config_rule_count = sizeof cv_config_rules / sizeof *cv_config_rules;

const struct cv_config_rule *cv_config_find_rule(const char *path) {
    size_t size = strcspn(path, "[");
    for (size_t i = 0; i < cv_config_rule_count; i++) {
        const struct cv_config_rule *rule = &cv_config_rules[i];
        char name[CV_CONFIG_PATH_BYTES];
        int n = snprintf(name, sizeof name, "%s%s%s", rule->section, *rule->section ? "." : "",
                         rule->key);
        if ((size_t)n == size && !memcmp(name, path, size)) {
            return rule;
        }
    }
    return NULL;
}

void cv_config_expectation(const struct cv_config_rule *rule,
                           char text[static CV_CONFIG_ERROR_BYTES]) {
    size_t used = 0;
    switch (rule->kind) {
    case CV_CONFIG_NUMBER:
        snprintf(text, CV_CONFIG_ERROR_BYTES, "a whole number from %" PRId64 " to %" PRId64,
                 rule->min, rule->max);
        return;
    case CV_CONFIG_CHOICE:
        for (size_t i = 0; i < CV_CONFIG_WORDS && rule->words[i].str; i++) {
            used += (size_t)snprintf(text + used, CV_CONFIG_ERROR_BYTES - used, "%s%s",
                                     i ? " or " : "", rule->words[i].str);
        }
        return;
    case CV_CONFIG_TEXT:
        snprintf(text, CV_CONFIG_ERROR_BYTES, "%s", rule->expects ? rule->expects : "a text");
        return;
    case CV_CONFIG_LIST:
        snprintf(text, CV_CONFIG_ERROR_BYTES, "a list; each item %s",
                 rule->expects ? rule->expects : "a text");
        return;
    }
}

static enum cv_err print_rule(struct cv_buf *markdown, const struct cv_config_rule *rule) {
    char expects[CV_CONFIG_ERROR_BYTES];
    cv_config_expectation(rule, expects);
    const char *fallback = *rule->fallback ? rule->fallback : "(empty)";
    return cv_buf_printf(markdown, "| `%s%s%s` | `%s` | %s | %s |\n", rule->section,
                         *rule->section ? "." : "", rule->key, fallback, expects, rule->meaning);
}

enum cv_err cv_config_reference(struct cv_buf *markdown) {
    const char *section = NULL;
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < cv_config_rule_count && !err; i++) {
        const struct cv_config_rule *rule = &cv_config_rules[i];
        if (!section || strcmp(section, rule->section) != 0) {
            section = rule->section;
            err = cv_buf_printf(markdown,
                                "%s### %s\n\n| key | default | may be | meaning |\n"
                                "| --- | --- | --- | --- |\n",
                                i ? "\n" : "", *section ? section : "general");
        }
        if (!err) {
            err = print_rule(markdown, rule);
        }
    }
    return err;
}
