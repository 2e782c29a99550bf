/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TURN servers that participants are told of: a real Allocate (RFC 8656 section 7) with the
 * credentials that a participant would get, over UDP. It is given back at once.
 */
#include "cli/doctor.h"
#include "cli/net.h"
#include "cli/request.h"
#include "media/stun.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <unistd.h>

/* RFC 8656 sections 17 and 18, RFC 8489 section 14 */
enum {
    METHOD_ALLOCATE = 0x003,
    METHOD_REFRESH = 0x004,
    ATTR_LIFETIME = 0x000D,
    ATTR_REALM = 0x0014,
    ATTR_NONCE = 0x0015,
    ATTR_REQUESTED_TRANSPORT = 0x0019,
    TRANSPORT_UDP = 17,
};

enum { KEY_BYTES = 16, TEXT_BYTES = 256 };

struct turn_server {
    int fd;
    const char *username;
    const char *password;
    char realm[TEXT_BYTES];
    char nonce[TEXT_BYTES];
};

/* The value of the first attribute of this type in a message that was parsed before. */
static struct cv_slice find_attribute(const struct cv_stun_message *message, uint16_t type) {
    size_t at = CV_STUN_HEADER_BYTES;
    while (at + 4 <= message->bytes.size) {
        size_t size = cv_get_be16(message->bytes.data + at + 2);
        if (cv_get_be16(message->bytes.data + at) == type && at + 4 + size <= message->bytes.size)
            return cv_slice_of(message->bytes.data + at + 4, size);
        at += 4 + (size + 3) / 4 * 4;
    }
    return (struct cv_slice){0};
}

static void copy_text(struct cv_slice value, char text[static TEXT_BYTES]) {
    size_t size = value.size < TEXT_BYTES ? value.size : TEXT_BYTES - 1;
    if (size > 0)
        memcpy(text, value.data, size);
    text[size] = '\0';
}

/* RFC 8489 section 9.2.2: MD5(username ":" realm ":" password) */
static bool long_term_key(const struct turn_server *server, uint8_t key[static KEY_BYTES]) {
    struct cv_buf text = {0};
    bool good = cv_buf_printf(&text, "%s:%s:%s", server->username, server->realm,
                              server->password) == CV_OK &&
                EVP_Digest(text.data, text.size, key, NULL, EVP_md5(), NULL) == 1;
    cv_wipe(text.data, text.size);
    cv_buf_release(&text);
    return good;
}

/* Sends one request, signed once the realm is known, and parses its answer into `answer`. */
static enum cv_err ask(struct turn_server *server, uint16_t method, uint8_t *answer,
                       struct cv_stun_message *ret_message) {
    uint8_t request[1024], id[CV_STUN_TRANSACTION_BYTES], key[KEY_BYTES];
    struct cv_stun_writer writer;
    size_t size, answer_size;
    RAND_bytes(id, sizeof id);
    cv_stun_begin(&writer, request, sizeof request, CV_STUN_REQUEST, method, id);
    if (method == METHOD_ALLOCATE)
        cv_stun_add_u32(&writer, ATTR_REQUESTED_TRANSPORT, (uint32_t)TRANSPORT_UDP << 24);
    else
        cv_stun_add_u32(&writer, ATTR_LIFETIME, 0);
    if (*server->realm) {
        if (!long_term_key(server, key))
            return CV_ERR_CRYPTO;
        cv_stun_add(&writer, CV_STUN_ATTR_USERNAME, server->username, strlen(server->username));
        cv_stun_add(&writer, ATTR_REALM, server->realm, strlen(server->realm));
        cv_stun_add(&writer, ATTR_NONCE, server->nonce, strlen(server->nonce));
        cv_stun_add_integrity(&writer, cv_slice_of(key, sizeof key));
    }
    enum cv_err err = cv_stun_finish(&writer, &size);
    if (!err)
        err = cv_cli_udp_ask(server->fd, cv_slice_of(request, size), answer, CV_STUN_MAX_BYTES,
                             &answer_size);
    if (!err)
        err = cv_stun_parse(cv_slice_of(answer, answer_size), ret_message);
    if (!err && memcmp(ret_message->transaction_id, id, sizeof id) != 0)
        err = CV_ERR_SEQUENCE;
    return err;
}

static void try_allocate(struct cv_doctor *doctor, struct turn_server *server, const char *url) {
    static const char check[] = "turn";
    uint8_t answer[CV_STUN_MAX_BYTES];
    struct cv_stun_message message = {0};
    enum cv_err err = ask(server, METHOD_ALLOCATE, answer, &message);
    if (!err && message.error_code == CV_STUN_UNAUTHENTICATED) {
        copy_text(find_attribute(&message, ATTR_REALM), server->realm);
        copy_text(find_attribute(&message, ATTR_NONCE), server->nonce);
        err = ask(server, METHOD_ALLOCATE, answer, &message);
    }
    if (err)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, check,
                       "See that the TURN server runs, and that its UDP port is open.",
                       "%s does not answer", url);
    else if (message.error_code == CV_STUN_UNAUTHENTICATED)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, check,
                       "Give both the same secret: ice.turn_secret_file here and "
                       "static-auth-secret there; their clocks must agree too.",
                       "%s refuses the credentials", url);
    else if (message.class != CV_STUN_SUCCESS)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, check, "Look at the TURN server's log.",
                       "%s answers with error %d", url, message.error_code);
    else if (!*server->realm)
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, check,
                       "Set use-auth-secret there: as it is, strangers can use it.",
                       "%s asks for no credentials", url);
    else
        cv_doctor_file(doctor, CV_DOCTOR_OK, check, NULL, "%s relays", url);
    if (!err && message.class == CV_STUN_SUCCESS)
        ask(server, METHOD_REFRESH, answer, &message);
}

static void judge_url(struct cv_doctor *doctor, const json_t *entry, const char *url) {
    char host[CV_CLI_HOST_BYTES], port[CV_CLI_PORT_BYTES];
    cv_cli_split_address(strchr(url, ':') + 1, "3478", host, port);
    struct turn_server server = {
        .fd = cv_cli_udp_open(host, port),
        .username = cv_cli_text(entry, "username"),
        .password = cv_cli_text(entry, "credential"),
    };
    if (server.fd < 0) {
        cv_doctor_file(doctor, CV_DOCTOR_FAIL, "turn", "Correct ice.turn_urls.", "%s: no such host",
                       url);
        return;
    }
    try_allocate(doctor, &server, url);
    close(server.fd);
}

void cv_doctor_turn(struct cv_doctor *doctor) {
    size_t i, k, seen = 0;
    const json_t *entry, *value;
    const json_t *servers = json_object_get(json_object_get(doctor->status, "ice"), "servers");
    json_array_foreach(servers, i, entry) {
        json_array_foreach(json_object_get(entry, "urls"), k, value) {
            const char *url = json_string_value(value);
            if (!url || strncmp(url, "turn", 4) != 0)
                continue;
            seen++;
            if (strncmp(url, "turn:", 5) == 0 && !strstr(url, "transport=tcp"))
                judge_url(doctor, entry, url);
            else
                cv_doctor_file(doctor, CV_DOCTOR_WARN, "turn",
                               "Try it from a browser: only TURN over UDP is tried here.",
                               "%s was not tried", url);
        }
    }
    if (seen == 0)
        cv_doctor_file(doctor, CV_DOCTOR_WARN, "turn",
                       "Set up coturn (packaging/coturn) and ice.turn_urls: without it people "
                       "behind strict firewalls can't call, and nobody can hide their address.",
                       "no TURN server is configured");
}
