/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens many WebSockets over TLS and holds them, as people do who are in a meeting and say nothing.
 *
 *   sockets HOST PORT PATH COUNT [--origin URL] [--protocol NAME] [--hello FILE]
 *
 * --hello: a text message to send first on each socket: the lines of FILE in turn. Each socket
 * then waits for one message back, and acknowledges those that are numbered (docs/protocol.md).
 * Prints "open COUNT" when all stand, answers pings, and ends with exit code 0 when its standard
 * input ends, with 1 as soon as a socket is closed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024, SERVE_EVERY = 20, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

struct options {
    struct sockaddr_storage address;
    socklen_t address_size;
    const char *host;
    const char *port;
    const char *path;
    const char *origin;
    const char *protocol;
    char **hellos;
    size_t hello_count;
};

struct websocket {
    SSL *ssl;
    uint8_t *rest; /* bytes of a frame that is not whole yet */
    size_t rest_size;
};

static void die(const char *what, const char *why) {
    fprintf(stderr, "sockets: %s: %s\n", what, why);
    exit(1);
}

static void parse_address(struct options *options) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&options->address;
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)&options->address;
    uint16_t port = htons((uint16_t)atoi(options->port));
    if (inet_pton(AF_INET, options->host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = port;
        options->address_size = sizeof *in;
    } else if (inet_pton(AF_INET6, options->host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = port;
        options->address_size = sizeof *in6;
    } else {
        die(options->host, "not an IP address");
    }
}

static void read_hellos(struct options *options, const char *name) {
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    if (!file)
        die(name, "can't be read");
    while ((size = getline(&line, &capacity, file)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        options->hellos =
            realloc(options->hellos, (options->hello_count + 1) * sizeof *options->hellos);
        options->hellos[options->hello_count++] = strdup(line);
    }
    free(line);
    fclose(file);
}

static void write_all(SSL *ssl, const void *data, size_t size) {
    size_t written;
    if (SSL_write_ex(ssl, data, size, &written) != 1 || written != size)
        die("write", "the server has closed");
}

/* A client's frame is masked; a mask of zeros leaves the payload as it is. */
static void send_frame(SSL *ssl, uint8_t opcode, const void *payload, size_t size) {
    uint8_t frame[8 + UINT16_MAX] = {(uint8_t)(0x80 | opcode)};
    size_t head = size < 126 ? 2 : 4;
    if (size > UINT16_MAX)
        die("hello", "too long");
    frame[1] = (uint8_t)(0x80 | (size < 126 ? size : 126));
    if (head == 4) {
        frame[2] = (uint8_t)(size >> 8);
        frame[3] = (uint8_t)size;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, payload, size);
    write_all(ssl, frame, head + 4 + size);
}

/* {"type":"ack","ack":N} for a message with "seq":N. */
static void acknowledge(SSL *ssl, const uint8_t *message, size_t size) {
    static const char member[] = "\"seq\":";
    const uint8_t *found = memmem(message, size, member, sizeof member - 1);
    char text[64];
    if (!found)
        return;
    unsigned long seq = strtoul((const char *)found + sizeof member - 1, NULL, 10);
    send_frame(ssl, TEXT, text,
               (size_t)snprintf(text, sizeof text, "{\"type\":\"ack\",\"ack\":%lu}", seq));
}

/* Reads and handles the frames that have come; true when there was a message among them. */
static bool receive(struct websocket *socket) {
    static uint8_t buffer[BUFFER_BYTES];
    size_t size = socket->rest_size, got, at = 0;
    bool has_message = false;
    memcpy(buffer, socket->rest, size);
    if (SSL_read_ex(socket->ssl, buffer + size, sizeof buffer - size, &got) != 1)
        die("read", "the server has closed");
    size += got;
    for (;;) {
        size_t head = 2, payload = size - at >= 2 ? buffer[at + 1] & 0x7f : 0;
        if (payload == 126) {
            head = 4;
            payload = size - at >= 4 ? (size_t)(buffer[at + 2] << 8 | buffer[at + 3]) : 0;
        }
        if (size - at < head || size - at < head + payload)
            break;
        uint8_t opcode = buffer[at] & 0xf;
        if (opcode == CLOSE && payload >= 2) {
            char code[8];
            snprintf(code, sizeof code, "%d", buffer[at + head] << 8 | buffer[at + head + 1]);
            die("closed by the server with code", code);
        }
        if (opcode == PING)
            send_frame(socket->ssl, PONG, buffer + at + head, payload);
        if (opcode == TEXT)
            acknowledge(socket->ssl, buffer + at + head, payload);
        has_message |= opcode == TEXT;
        at += head + payload;
    }
    socket->rest_size = size - at;
    socket->rest = realloc(socket->rest, socket->rest_size + 1);
    memcpy(socket->rest, buffer + at, socket->rest_size);
    return has_message;
}

static void upgrade(struct websocket *socket, const struct options *options) {
    char text[2048];
    int size =
        snprintf(text, sizeof text,
                 "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s%s%s%s%s%s\r\n",
                 options->path, options->host, options->port, options->origin ? "Origin: " : "",
                 options->origin ? options->origin : "", options->origin ? "\r\n" : "",
                 options->protocol ? "Sec-WebSocket-Protocol: " : "",
                 options->protocol ? options->protocol : "", options->protocol ? "\r\n" : "");
    write_all(socket->ssl, text, (size_t)size);
    size_t used = 0, got;
    char *end;
    do {
        if (SSL_read_ex(socket->ssl, text + used, sizeof text - 1 - used, &got) != 1)
            die("upgrade", "the server has closed");
        used += got;
        text[used] = '\0';
        end = strstr(text, "\r\n\r\n");
    } while (!end && used < sizeof text - 1);
    if (strncmp(text, "HTTP/1.1 101 ", 13) != 0)
        die("upgrade refused", text);
    socket->rest_size = used - (size_t)(end + 4 - text);
    socket->rest = malloc(socket->rest_size + 1);
    memcpy(socket->rest, end + 4, socket->rest_size);
}

static void open_socket(struct websocket *websocket, SSL_CTX *context,
                        const struct options *options, size_t index) {
    int fd = socket(options->address.ss_family, SOCK_STREAM, 0);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&options->address, options->address_size) < 0)
        die("connect", strerror(errno));
    websocket->ssl = SSL_new(context);
    SSL_set_fd(websocket->ssl, fd);
    if (SSL_connect(websocket->ssl) != 1)
        die("TLS", "handshake failed");
    upgrade(websocket, options);
    if (options->hello_count == 0)
        return;
    const char *hello = options->hellos[index % options->hello_count];
    send_frame(websocket->ssl, TEXT, hello, strlen(hello));
    while (!receive(websocket)) {
    }
}

/* Handles what has come on any of the sockets; with `wait`, until standard input ends. */
static void serve(struct websocket *sockets, size_t count, bool wait) {
    struct pollfd *fds = calloc(count + 1, sizeof *fds);
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = SSL_get_fd(sockets[i].ssl), .events = POLLIN};
    fds[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    do {
        if (poll(fds, count + 1, wait ? -1 : 0) < 0)
            die("poll", strerror(errno));
        for (size_t i = 0; i < count; i++)
            if (fds[i].revents)
                receive(&sockets[i]);
    } while (wait && !fds[count].revents);
    free(fds);
}

int main(int argc, char **argv) {
    if (argc < 5)
        die("usage",
            "sockets HOST PORT PATH COUNT [--origin URL] [--protocol NAME] [--hello FILE]");
    struct options options = {.host = argv[1], .port = argv[2], .path = argv[3]};
    size_t count = strtoul(argv[4], NULL, 10);
    parse_address(&options);
    for (int i = 5; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--origin") == 0)
            options.origin = argv[i + 1];
        else if (strcmp(argv[i], "--protocol") == 0)
            options.protocol = argv[i + 1];
        else if (strcmp(argv[i], "--hello") == 0)
            read_hellos(&options, argv[i + 1]);
        else
            die(argv[i], "unknown option");
    }
    struct rlimit limit = {count + 64, count + 64};
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    struct websocket *sockets = calloc(count, sizeof *sockets);
    for (size_t i = 0; i < count; i++) {
        open_socket(&sockets[i], context, &options, i);
        if (i % SERVE_EVERY == 0)
            serve(sockets, i + 1, false);
    }
    printf("open %zu\n", count);
    fflush(stdout);
    serve(sockets, count, true);
    return 0;
}
