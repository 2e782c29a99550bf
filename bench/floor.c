/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor under a forwarding server's cost: receives, decrypts once, encrypts for each receiver,
 * sends; and nothing else. No ICE, no DTLS, no reports, no retransmission, no choice of what goes
 * where: addresses and keys are read from a plan (src/load/floor.c), and every packet goes to all
 * receivers but its sender. What a server takes beyond this is the price of being one.
 *
 *     floor ADDRESS PORT PLAN
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    BATCH = 32,
    PACKET_BYTES = 1500,
    KEY_BYTES = 16,
    SALT_BYTES = 12,
    TAG_BYTES = 16,
    MAX_PEERS = 1024,
    SEND_MESSAGES = 64,
    SEND_BYTES = 256 * 1024, /* stays in the second-level cache */
    RUN_BYTES = 65000,
    RUN_PACKETS = 64,
    BUFFER_BYTES = 4 * 1024 * 1024,
};

struct direction {
    EVP_CIPHER_CTX *context;
    uint8_t salt[SALT_BYTES];
};

struct peer {
    struct sockaddr_in address;
    bool sends, receives;
    struct direction in, out;
};

struct packet {
    uint8_t data[PACKET_BYTES];
    size_t size, header_size;
    const struct peer *from; /* NULL: dropped */
};

static int fd;
static struct peer peers[MAX_PEERS];
static size_t peer_count;
static struct peer *by_port[UINT16_MAX + 1]; /* all are on one host */
static struct packet packets[BATCH];

static struct {
    uint8_t bytes[SEND_BYTES];
    size_t size;
    struct iovec vectors[SEND_MESSAGES];
    struct mmsghdr messages[SEND_MESSAGES];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } controls[SEND_MESSAGES];
    unsigned count;
} queue;

/* RFC 3711 section 4.3, with the 12-byte salt of RFC 7714 section 12 */
static void derive(const uint8_t *key, const uint8_t *salt, uint8_t label, uint8_t *out, int size) {
    uint8_t iv[16] = {0}, zeros[KEY_BYTES] = {0};
    int written;
    memcpy(iv, salt, SALT_BYTES);
    iv[7] ^= label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || !EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, iv) ||
        !EVP_EncryptUpdate(context, out, &written, zeros, size))
        errx(1, "no key");
    EVP_CIPHER_CTX_free(context);
}

static void make_direction(struct direction *direction, const uint8_t *key, const uint8_t *salt,
                           bool encrypt) {
    uint8_t session_key[KEY_BYTES];
    derive(key, salt, 0, session_key, KEY_BYTES);
    derive(key, salt, 2, direction->salt, SALT_BYTES);
    direction->context = EVP_CIPHER_CTX_new();
    if (!direction->context ||
        !EVP_CipherInit_ex(direction->context, EVP_aes_128_gcm(), NULL, session_key, NULL, encrypt))
        errx(1, "no cipher");
}

/* RFC 7714 section 8.1. The rollover counter stays 0: a run is shorter than 65,536 packets. */
static void make_iv(const struct direction *direction, const uint8_t *packet, uint8_t *iv) {
    memset(iv, 0, SALT_BYTES);
    memcpy(iv + 2, packet + 8, 4);
    memcpy(iv + 10, packet + 2, 2);
    for (int i = 0; i < SALT_BYTES; i++)
        iv[i] ^= direction->salt[i];
}

static void from_hex(const char *text, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (sscanf(text + 2 * i, "%2hhx", &out[i]) != 1)
            errx(1, "the plan has no key in \"%s\"", text);
}

static void read_plan(const char *path) {
    char host[16], role[16], text[4][2 * KEY_BYTES + 1];
    unsigned port;
    FILE *plan = fopen(path, "re");
    if (!plan)
        err(1, "%s", path);
    while (fscanf(plan, "%15[0-9.]:%u %15s %32s %32s %32s %32s\n", host, &port, role, text[0],
                  text[1], text[2], text[3]) == 7) {
        uint8_t keys[4][KEY_BYTES];
        if (peer_count == MAX_PEERS || port > UINT16_MAX)
            errx(1, "the plan is too large");
        struct peer *peer = &peers[peer_count++];
        for (int i = 0; i < 4; i++)
            from_hex(text[i], keys[i], i % 2 ? SALT_BYTES : KEY_BYTES);
        peer->address.sin_family = AF_INET;
        peer->address.sin_port = htons((uint16_t)port);
        inet_pton(AF_INET, host, &peer->address.sin_addr);
        peer->sends = strcmp(role, "receives") != 0;
        peer->receives = strcmp(role, "sends") != 0;
        make_direction(&peer->in, keys[0], keys[1], false);
        make_direction(&peer->out, keys[2], keys[3], true);
        by_port[port] = peer;
    }
    fclose(plan);
}

/* Decrypts in place; `from` stays NULL for what isn't a packet of a sender. */
static void take(struct packet *packet, size_t size, const struct sockaddr_in *source) {
    const struct peer *peer = by_port[ntohs(source->sin_port)];
    uint8_t iv[SALT_BYTES], *data = packet->data;
    size_t header = 12 + 4 * (size_t)(data[0] & 15);
    int written;
    packet->from = NULL;
    if (!peer || !peer->sends || size < header + 4 + TAG_BYTES || (data[1] >= 200 && data[1] < 208))
        return;
    if (data[0] & 0x10)
        header += 4 + 4 * (size_t)(data[header + 2] << 8 | data[header + 3]);
    if (size < header + TAG_BYTES)
        return;
    EVP_CIPHER_CTX *context = peer->in.context;
    int payload = (int)(size - header - TAG_BYTES);
    make_iv(&peer->in, data, iv);
    if (!EVP_DecryptInit_ex(context, NULL, NULL, NULL, iv) ||
        !EVP_DecryptUpdate(context, NULL, &written, data, (int)header) ||
        !EVP_DecryptUpdate(context, data + header, &written, data + header, payload) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, data + size - TAG_BYTES) ||
        EVP_DecryptFinal_ex(context, data + size, &written) <= 0)
        return;
    packet->size = size;
    packet->header_size = header;
    packet->from = peer;
}

static void encrypt(const struct peer *peer, const struct packet *packet, uint8_t *out) {
    uint8_t iv[SALT_BYTES];
    int written;
    EVP_CIPHER_CTX *context = peer->out.context;
    size_t header = packet->header_size, payload = packet->size - header - TAG_BYTES;
    memcpy(out, packet->data, header);
    make_iv(&peer->out, out, iv);
    if (!EVP_EncryptInit_ex(context, NULL, NULL, NULL, iv) ||
        !EVP_EncryptUpdate(context, NULL, &written, out, (int)header) ||
        !EVP_EncryptUpdate(context, out + header, &written, packet->data + header, (int)payload) ||
        !EVP_EncryptFinal_ex(context, out + packet->size, &written) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + header + payload))
        errx(1, "encryption failed");
}

static void flush(void) {
    for (unsigned done = 0; done < queue.count;) {
        int sent = sendmmsg(fd, queue.messages + done, queue.count - done, 0);
        done += sent > 0 ? (unsigned)sent : 1;
    }
    queue.count = 0;
    queue.size = 0;
}

/* One message: `count` packets of `size` bytes, the last one maybe shorter. */
static void add_run(const struct peer *peer, size_t bytes, uint16_t size, unsigned count) {
    struct msghdr *message = &queue.messages[queue.count].msg_hdr;
    struct iovec *vector = &queue.vectors[queue.count];
    *vector = (struct iovec){queue.bytes + queue.size, bytes};
    *message = (struct msghdr){.msg_name = (void *)(uintptr_t)&peer->address,
                               .msg_namelen = sizeof peer->address,
                               .msg_iov = vector,
                               .msg_iovlen = 1};
    if (count > 1) {
        message->msg_control = queue.controls[queue.count].bytes;
        message->msg_controllen = sizeof queue.controls[queue.count].bytes;
        struct cmsghdr *control = CMSG_FIRSTHDR(message);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(control), &size, sizeof size);
    }
    queue.size += bytes;
    queue.count++;
}

static void send_batch(const struct peer *peer, int count) {
    size_t bytes = 0, size = 0;
    unsigned run = 0;
    if (queue.count + BATCH > SEND_MESSAGES || queue.size + BATCH * PACKET_BYTES > SEND_BYTES)
        flush();
    for (int i = 0; i < count; i++) {
        const struct packet *packet = &packets[i];
        if (!packet->from || packet->from == peer)
            continue;
        if (run > 0 && (packet->size > size || bytes % size != 0 || run == RUN_PACKETS ||
                        bytes + packet->size > RUN_BYTES)) {
            add_run(peer, bytes, (uint16_t)size, run);
            run = 0;
            bytes = 0;
        }
        if (run == 0)
            size = packet->size;
        encrypt(peer, packet, queue.bytes + queue.size + bytes);
        bytes += packet->size;
        run++;
    }
    if (run > 0)
        add_run(peer, bytes, (uint16_t)size, run);
}

static void forward(void) {
    static struct sockaddr_in sources[BATCH];
    static struct iovec vectors[BATCH];
    static struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){packets[i].data, sizeof packets[i].data};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &sources[i],
                                              .msg_namelen = sizeof sources[i],
                                              .msg_iov = &vectors[i],
                                              .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++)
        take(&packets[i], messages[i].msg_len, &sources[i]);
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].receives)
            send_batch(&peers[i], count);
    flush();
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    int bytes = BUFFER_BYTES;
    if (argc != 4 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
        errx(2, "usage: floor ADDRESS PORT PLAN");
    address.sin_port = htons((uint16_t)atoi(argv[2]));
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
        err(1, "%s:%s", argv[1], argv[2]);
    read_plan(argv[3]);
    for (;;)
        forward();
}
