/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "media/demux.h"
#include "picture.h"
#include "receiver.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 1500, MAX_STREAMS = 128, FEEDBACK_US = 50000 };
enum { CHECK_US = 2500000, FIRST_CHECKS_US = 50000 };

static void open_encoding(struct client *client, struct client_encoding *encoding) {
    cv_random_fill(client->config.random, encoding, offsetof(struct client_encoding, frame));
    encoding->picture_id &= 0x7fff;
    encoding->kept = calloc(CLIENT_KEPT, sizeof *encoding->kept);
    assert_non_null(encoding->kept);
}

void client_init(struct client *client, const struct client_config *config) {
    memset(client, 0, sizeof *client);
    client->config = *config;
    client->path = (struct cv_ice_path){{{10, 0, 0, config->id}, 5000, CV_ADDR_V4}, 0};
    client->checked_us = -CHECK_US;
    open_encoding(client, &client->audio);
    open_encoding(client, &client->screen);
    for (size_t i = 0; i < CLIENT_ENCODINGS; i++)
        open_encoding(client, &client->video[i]);
}

void client_close(struct client *client) {
    client->dtls = cv_dtls_free(client->dtls);
    client->send = cv_srtp_free(client->send);
    client->receive = cv_srtp_free(client->receive);
    client->connected = false;
}

void client_release(struct client *client) {
    client_close(client);
    free(client->audio.kept);
    free(client->screen.kept);
    for (size_t i = 0; i < CLIENT_ENCODINGS; i++)
        free(client->video[i].kept);
    for (size_t i = 0; i < client->slot_count; i++)
        free(client->slots[i].reassembly);
}

/* --- offer and answer --- */

struct text {
    char *data;
    size_t size, capacity;
};

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text->data + text->size, text->capacity - text->size, format, arguments);
    va_end(arguments);
    text->size += (size_t)size;
    assert_true(text->size < text->capacity);
}

static void put_line(struct text *text, const struct client *client, const char *ufrag,
                     const char *mid, bool video, bool sends) {
    const struct cv_fingerprint *own = cv_dtls_identity_fingerprint(client->config.identity);
    const bool layered = client->config.layered;
    const int payload_type = layered ? CLIENT_PT_VP9 : CLIENT_PT_VP8;
    if (video)
        put(text, "m=video 9 UDP/TLS/RTP/SAVPF %d %d\r\n", payload_type, CLIENT_PT_RTX);
    else
        put(text, "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\n", CLIENT_PT_OPUS);
    put(text, "c=IN IP4 0.0.0.0\r\na=mid:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", mid, ufrag,
        "0123456789012345678901");
    put(text, "a=fingerprint:sha-256 ");
    for (size_t i = 0; i < own->size; i++)
        put(text, "%s%02X", i ? ":" : "", own->digest[i]);
    put(text, "\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=%s\r\n",
        sends ? "sendonly" : "recvonly");
    put(text, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\n", CLIENT_EXT_MID);
    if (client->config.twcc)
        put(text,
            "a=extmap:%d http://www.ietf.org/id/"
            "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n",
            CLIENT_EXT_TWCC);
    if (!video) {
        put(text, "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n", CLIENT_EXT_LEVEL);
        put(text, "a=rtpmap:%d opus/48000/2\r\n", CLIENT_PT_OPUS);
        return;
    }
    put(text, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n", CLIENT_EXT_RID);
    put(text, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n",
        CLIENT_EXT_REPAIRED_RID);
    if (layered)
        put(text,
            "a=extmap:%d https://aomediacodec.github.io/av1-rtp-spec/"
            "#dependency-descriptor-rtp-header-extension\r\n",
            CLIENT_EXT_DEPENDENCY);
    put(text, "a=rtpmap:%d %s/90000\r\na=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\n",
        payload_type, layered ? "VP9" : "VP8", payload_type, payload_type);
    if (client->config.twcc)
        put(text, "a=rtcp-fb:%d transport-cc\r\n", payload_type);
    put(text, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", CLIENT_PT_RTX, CLIENT_PT_RTX,
        payload_type);
}

static void put_sender(struct text *text, const struct client *client, const char *ufrag,
                       const char *mid, bool video) {
    put_line(text, client, ufrag, mid, video, true);
    if (strcmp(mid, "c") == 0 && client->config.simulcast)
        put(text, "a=rid:l send\r\na=rid:m send\r\na=rid:h send\r\na=simulcast:send l;m;h\r\n");
    else if (video)
        put(text, "a=ssrc-group:FID %u %u\r\na=ssrc:%u cname:x\r\na=ssrc:%u cname:x\r\n",
            strcmp(mid, "c") == 0 ? client->video[0].ssrc : client->screen.ssrc,
            strcmp(mid, "c") == 0 ? client->video[0].rtx_ssrc : client->screen.rtx_ssrc,
            strcmp(mid, "c") == 0 ? client->video[0].ssrc : client->screen.ssrc,
            strcmp(mid, "c") == 0 ? client->video[0].rtx_ssrc : client->screen.rtx_ssrc);
}

size_t client_offer(struct client *client, const char *ufrag, char *sdp, size_t capacity) {
    struct text text = {sdp, 0, capacity};
    char mid[8];
    snprintf(client->ufrag, sizeof client->ufrag, "%s", ufrag);
    put(&text, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
    if (client->config.sends)
        put(&text, " m c s t");
    for (size_t i = client->config.first_slot; i < client->config.audio_slots; i++)
        put(&text, " a%zu", i);
    for (size_t i = client->config.first_slot; i < client->config.video_slots; i++)
        put(&text, " v%zu", i);
    put(&text, "\r\n");
    if (client->config.sends) {
        put_sender(&text, client, ufrag, "m", false);
        put_sender(&text, client, ufrag, "c", true);
        put_sender(&text, client, ufrag, "s", true);
        put_sender(&text, client, ufrag, "t", false);
    }
    for (size_t i = client->config.first_slot; i < client->config.audio_slots; i++) {
        snprintf(mid, sizeof mid, "a%zu", i);
        put_line(&text, client, ufrag, mid, false, false);
    }
    for (size_t i = client->config.first_slot; i < client->config.video_slots; i++) {
        snprintf(mid, sizeof mid, "v%zu", i);
        put_line(&text, client, ufrag, mid, true, false);
    }
    return text.size;
}

static struct client_slot *slot_by_mid(struct client *client, const char *mid) {
    for (size_t i = 0; i < client->slot_count; i++)
        if (strcmp(client->slots[i].mid, mid) == 0)
            return &client->slots[i];
    assert_true(client->slot_count < CLIENT_MAX_SLOTS);
    struct client_slot *slot = &client->slots[client->slot_count++];
    snprintf(slot->mid, sizeof slot->mid, "%s", mid);
    slot->video = mid[0] == 'v';
    receiver_open(slot);
    return slot;
}

static void read_answer_line(struct client *client, const char *line, char *mid) {
    unsigned ssrc, rtx_ssrc;
    sscanf(line, "a=ice-ufrag:%63s", client->server_ufrag);
    sscanf(line, "a=ice-pwd:%63s", client->server_password);
    if (sscanf(line, "a=mid:%7s", mid) == 1)
        return;
    if (mid[0] != 'a' && mid[0] != 'v')
        return;
    if (sscanf(line, "a=ssrc-group:FID %u %u", &ssrc, &rtx_ssrc) == 2)
        slot_by_mid(client, mid)->rtx_ssrc = rtx_ssrc;
    if (sscanf(line, "a=ssrc:%u", &ssrc) == 1 && ssrc != slot_by_mid(client, mid)->rtx_ssrc)
        slot_by_mid(client, mid)->ssrc = ssrc;
}

void client_answer(struct client *client, struct cv_slice answer) {
    static const struct cv_fingerprint none = {0};
    char line[1024], mid[8] = "";
    struct cv_fingerprint fingerprint = none;
    for (size_t at = 0; at < answer.size;) {
        const uint8_t *end = memchr(answer.data + at, '\n', answer.size - at);
        assert_non_null(end);
        size_t size = (size_t)(end - answer.data) - at;
        assert_true(size < sizeof line);
        memcpy(line, answer.data + at, size);
        line[size] = '\0';
        read_answer_line(client, line, mid);
        unsigned byte;
        const char *hex = strstr(line, "a=fingerprint:sha-256 ");
        for (size_t i = 0; hex && i < 32; i++) {
            assert_int_equal(sscanf(hex + 22 + 3 * i, "%2x", &byte), 1);
            fingerprint.digest[i] = (uint8_t)byte;
            fingerprint.size = 32;
        }
        at += size + 1;
    }
    if (!client->dtls) {
        client->dtls = cv_dtls_new(client->config.identity, CV_DTLS_CLIENT, &fingerprint);
        assert_non_null(client->dtls);
    }
    client->checked_us = -CHECK_US;
}

/* --- connection --- */

static void send_check(struct client *client, int64_t now_us) {
    uint8_t id[CV_STUN_TRANSACTION_BYTES], bytes[256];
    char username[160];
    struct cv_stun_writer writer;
    size_t size = 0;
    cv_random_fill(client->config.random, id, sizeof id);
    snprintf(username, sizeof username, "%s:%s", client->server_ufrag, client->ufrag);
    cv_stun_begin(&writer, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add(&writer, CV_STUN_ATTR_USERNAME, username, strlen(username));
    cv_stun_add_u32(&writer, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u64(&writer, CV_STUN_ATTR_ICE_CONTROLLING, 1);
    if (client->nominates_at_us == 0)
        client->nominates_at_us = now_us + client->config.nominates_after_us;
    if (now_us >= client->nominates_at_us)
        cv_stun_add(&writer, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_integrity(&writer, cv_slice_str(client->server_password));
    cv_stun_add_fingerprint(&writer);
    assert_int_equal(cv_stun_finish(&writer, &size), CV_OK);
    client->checked_us = now_us;
    client->output(client->context, bytes, size);
}

static void send_handshake(struct client *client) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    size_t size;
    while (client->dtls && (size = cv_dtls_output(client->dtls, datagram)) > 0)
        client->output(client->context, datagram, size);
}

static void follow_handshake(struct client *client) {
    struct cv_dtls_keys keys;
    if (client->connected || cv_dtls_export_keys(client->dtls, &keys) != CV_OK)
        return;
    client->send =
        cv_srtp_new(keys.profile, CV_SRTP_SEND, keys.send_key, keys.send_salt, MAX_STREAMS);
    client->receive = cv_srtp_new(keys.profile, CV_SRTP_RECEIVE, keys.receive_key,
                                  keys.receive_salt, MAX_STREAMS);
    assert_true(client->send && client->receive);
    client->connected = true;
}

void client_input(struct client *client, int64_t now_us, uint8_t *datagram, size_t size) {
    size_t plain = 0;
    switch (cv_datagram_kind(cv_slice_of(datagram, size))) {
    case CV_DATAGRAM_STUN:
        send_handshake(client);
        break;
    case CV_DATAGRAM_DTLS:
        if (client->dtls)
            cv_dtls_input(client->dtls, cv_slice_of(datagram, size));
        send_handshake(client);
        follow_handshake(client);
        break;
    case CV_DATAGRAM_RTP:
        client->received_bytes += size;
        client->received_packets++;
        if (!client->connected)
            break;
        if (cv_srtp_unprotect(client->receive, datagram, size, &plain) == CV_OK)
            receiver_rtp(client, now_us, datagram, plain);
        else
            receiver_blame(client, "a packet that can't be decrypted, or came twice");
        break;
    case CV_DATAGRAM_RTCP:
        if (client->connected &&
            cv_srtcp_unprotect(client->receive, datagram, size, &plain) == CV_OK)
            receiver_rtcp(client, now_us, cv_slice_of(datagram, plain));
        break;
    case CV_DATAGRAM_UNKNOWN:
        receiver_blame(client, "a datagram that is nothing");
        break;
    }
}

void client_tick(struct client *client, int64_t now_us) {
    bool nominated = client->checked_us >= client->nominates_at_us;
    int64_t every_us = nominated ? CHECK_US : FIRST_CHECKS_US;
    if (client->server_ufrag[0] && now_us - client->checked_us >= every_us)
        send_check(client, now_us);
    if (!client->connected || now_us < client->twcc_due_us)
        return;
    client->twcc_due_us = now_us + FEEDBACK_US;
    receiver_feedback(client, now_us);
}

/* --- sending --- */

static void send_rtp(struct client *client, const uint8_t *plain, size_t size) {
    uint8_t packet[ROOM];
    size_t sealed;
    if (!client->connected)
        return;
    memcpy(packet, plain, size);
    assert_int_equal(
        cv_srtp_protect(client->send, packet, size, (struct cv_slice){0}, sizeof packet, &sealed),
        CV_OK);
    client->output(client->context, packet, sealed);
}

void client_send_rtcp(struct client *client, uint8_t *data, size_t size, size_t capacity) {
    size_t sealed;
    if (!client->connected || size == 0)
        return;
    assert_int_equal(cv_srtcp_protect(client->send, data, size, capacity, &sealed), CV_OK);
    client->output(client->context, data, sealed);
}

static size_t elements(struct client *client, const struct client_encoding *encoding, bool repair,
                       uint8_t values[8], struct cv_rtp_element out[4]) {
    static const char *const rids[] = {"l", "m", "h"};
    bool audio = encoding == &client->audio, screen = encoding == &client->screen;
    const char *mid = audio ? "m" : screen ? "s" : "c";
    size_t count = 0;
    out[count++] = (struct cv_rtp_element){CLIENT_EXT_MID, cv_slice_str(mid)};
    if (!audio && !screen && client->config.simulcast)
        out[count++] = (struct cv_rtp_element){repair ? CLIENT_EXT_REPAIRED_RID : CLIENT_EXT_RID,
                                               cv_slice_str(rids[encoding - client->video])};
    if (client->config.twcc) {
        cv_put_be16(values, client->twcc_sequence++);
        out[count++] = (struct cv_rtp_element){CLIENT_EXT_TWCC, cv_slice_of(values, 2)};
    }
    if (audio)
        out[count++] = (struct cv_rtp_element){CLIENT_EXT_LEVEL, cv_slice_of(values + 2, 1)};
    return count;
}

void client_send_audio(struct client *client, int64_t now_us, uint8_t level) {
    struct client_encoding *encoding = &client->audio;
    uint8_t packet[ROOM], values[8];
    struct cv_rtp_element list[4];
    size_t size = 0;
    struct cv_rtp head = {
        .payload_type = CLIENT_PT_OPUS,
        .sequence = encoding->sequence++,
        .timestamp = (uint32_t)(now_us * 48 / 1000) + encoding->timestamp_offset,
        .ssrc = encoding->ssrc,
    };
    values[2] = (uint8_t)(0x80 | level);
    size_t count = elements(client, encoding, false, values, list);
    assert_int_equal(cv_rtp_write_header(&head, 0, list, count, packet, sizeof packet, &size),
                     CV_OK);
    memset(packet + size, client->config.id, 80);
    send_rtp(client, packet, size + 80);
}

static unsigned encoding_number(const struct client *client,
                                const struct client_encoding *encoding) {
    return encoding == &client->screen ? PICTURE_SCREEN : (unsigned)(encoding - client->video);
}

void client_send_frame(struct client *client, int64_t now_us, struct client_encoding *encoding,
                       size_t packets, size_t bytes, bool key_frame) {
    struct picture picture = {
        .sender = client->config.id,
        .encoding = (uint8_t)encoding_number(client, encoding),
        .packets = (uint8_t)packets,
        .frame = encoding->frame,
    };
    picture.key = key_frame || encoding->frame == 0 || encoding->key_frame_asked;
    if (picture.key)
        picture.frame = encoding->frame = (encoding->frame + 3) / 4 * 4;
    picture.temporal = picture_temporal(encoding->frame);
    encoding->key_frame_asked = false;
    encoding->picture_id = (encoding->picture_id + 1) & 0x7fff;
    encoding->tl0 = (uint8_t)(encoding->tl0 + (picture.temporal == 0));
    for (size_t i = 0; i < packets; i++) {
        struct client_kept *kept = &encoding->kept[encoding->sequence % CLIENT_KEPT];
        struct cv_rtp_element list[4];
        uint8_t values[8];
        size_t size = 0;
        struct cv_rtp head = {
            .marker = i + 1 == packets,
            .payload_type = CLIENT_PT_VP8,
            .sequence = encoding->sequence,
            .timestamp = (uint32_t)(now_us * 9 / 100) + encoding->timestamp_offset,
            .ssrc = encoding->ssrc,
        };
        size_t count = elements(client, encoding, false, values, list);
        assert_int_equal(
            cv_rtp_write_header(&head, 0, list, count, kept->data, sizeof kept->data, &size),
            CV_OK);
        picture.index = (uint8_t)i;
        kept->size = size + picture_write(&picture, encoding->picture_id, encoding->tl0,
                                          kept->data + size, bytes);
        send_rtp(client, kept->data, kept->size);
        encoding->sequence++;
    }
    encoding->frame++;
}

static unsigned layers_sent(const struct client *client) {
    return LAYERS_SPATIAL - client->stopped_layers;
}

static void send_layer(struct client *client, struct client_encoding *encoding, uint32_t timestamp,
                       struct picture *picture, size_t bytes) {
    for (size_t i = 0; i < picture->packets; i++) {
        struct client_kept *kept = &encoding->kept[encoding->sequence % CLIENT_KEPT];
        struct cv_rtp_element list[5];
        uint8_t values[8], descriptor[CV_DEPENDENCY_MAX_BYTES];
        size_t size = 0, count = elements(client, encoding, false, values, list);
        const struct layers_packet packet = {
            .spatial = picture->encoding,
            .temporal = picture->temporal,
            .key = picture->key,
            .first = i == 0,
            .last = i + 1 == picture->packets,
            .frame_number = encoding->frame_number,
            .active = cv_dependency_all(layers_sent(client) * LAYERS_TEMPORAL),
        };
        const struct cv_rtp head = {
            .marker = packet.last && packet.spatial + 1u == layers_sent(client),
            .payload_type = CLIENT_PT_VP9,
            .sequence = encoding->sequence,
            .timestamp = timestamp,
            .ssrc = encoding->ssrc,
        };
        size_t used = layers_descriptor(client->config.mode, &packet, descriptor);
        list[count++] =
            (struct cv_rtp_element){CLIENT_EXT_DEPENDENCY, cv_slice_of(descriptor, used)};
        assert_int_equal(
            cv_rtp_write_header(&head, 0, list, count, kept->data, sizeof kept->data, &size),
            CV_OK);
        picture->index = (uint8_t)i;
        kept->size = size + picture_write_layer(picture, encoding->picture_id, encoding->tl0,
                                                kept->data + size, bytes);
        send_rtp(client, kept->data, kept->size);
        encoding->sequence++;
    }
    encoding->frame_number++;
}

void client_send_layers(struct client *client, int64_t now_us, struct client_encoding *encoding,
                        size_t packets, size_t bytes, bool key_frame) {
    bool key = key_frame || encoding->frame == 0 || encoding->key_frame_asked;
    uint32_t timestamp = (uint32_t)(now_us * 9 / 100) + encoding->timestamp_offset;
    if (key)
        encoding->frame = (encoding->frame + 3) / 4 * 4;
    encoding->key_frame_asked = false;
    encoding->picture_id = (encoding->picture_id + 1) & 0x7fff;
    encoding->tl0 = (uint8_t)(encoding->tl0 + (picture_temporal(encoding->frame) == 0));
    for (unsigned s = 0; s < layers_sent(client); s++) {
        struct picture picture = {
            .sender = client->config.id,
            .encoding = (uint8_t)s,
            .temporal = picture_temporal(encoding->frame),
            .packets = (uint8_t)(packets >> (LAYERS_SPATIAL - 1 - s)),
            .key = key,
            .frame = encoding->frame,
        };
        if (picture.packets == 0 || (client->config.light_top && s + 1 == LAYERS_SPATIAL))
            picture.packets = 1;
        send_layer(client, encoding, timestamp, &picture, bytes);
    }
    encoding->frame++;
}

/* The descriptor that a packet was sent with, as repairs have it, too. */
static struct cv_slice descriptor_of(const struct cv_rtp *rtp) {
    const struct cv_rtp_extension_map map = {
        .kind_of = {[CLIENT_EXT_DEPENDENCY] = CV_RTP_EXT_DEPENDENCY}};
    struct cv_rtp_extensions extensions;
    cv_rtp_extensions_read(rtp, &map, &extensions);
    return extensions.dependency;
}

void client_resend(struct client *client, struct client_encoding *encoding, uint16_t sequence) {
    const struct client_kept *kept = &encoding->kept[sequence % CLIENT_KEPT];
    uint8_t packet[ROOM], values[8];
    struct cv_rtp_element list[5];
    struct cv_rtp head;
    size_t size = 0;
    if (cv_rtp_parse(cv_slice_of(kept->data, kept->size), &head) != CV_OK ||
        head.sequence != sequence)
        return;
    struct cv_slice payload = head.payload, descriptor = descriptor_of(&head);
    head.payload_type = CLIENT_PT_RTX;
    head.sequence = encoding->rtx_sequence++;
    head.ssrc = encoding->rtx_ssrc;
    size_t count = elements(client, encoding, true, values, list);
    if (descriptor.size > 0)
        list[count++] = (struct cv_rtp_element){CLIENT_EXT_DEPENDENCY, descriptor};
    assert_int_equal(cv_rtp_write_header(&head, 0, list, count, packet, sizeof packet, &size),
                     CV_OK);
    cv_put_be16(packet + size, sequence);
    memcpy(packet + size + 2, payload.data, payload.size);
    send_rtp(client, packet, size + 2 + payload.size);
}

void client_send_sender_report(struct client *client, int64_t now_us,
                               const struct client_encoding *encoding, int64_t hz) {
    uint8_t data[ROOM];
    struct cv_rtcp_writer writer;
    const struct cv_rtcp_sender_report report = {
        .ssrc = encoding->ssrc,
        /* Its own clock is an hour ahead. */
        .ntp_time = (uint64_t)(now_us / CV_US_PER_S + 3600) << 32 |
                    ((uint64_t)(now_us % CV_US_PER_S) << 32) / (uint64_t)CV_US_PER_S,
        .rtp_time =
            (uint32_t)((uint64_t)now_us * (uint64_t)hz / CV_US_PER_S) + encoding->timestamp_offset,
    };
    cv_rtcp_begin(&writer, data, sizeof data - CV_SRTCP_MAX_OVERHEAD);
    cv_rtcp_add_sr(&writer, &report, NULL, 0);
    client_send_rtcp(client, data, writer.size, sizeof data);
}

void client_send_pli(struct client *client, const struct client_slot *slot) {
    uint8_t data[ROOM];
    struct cv_rtcp_writer writer;
    cv_rtcp_begin(&writer, data, sizeof data - CV_SRTCP_MAX_OVERHEAD);
    cv_rtcp_add_pli(&writer, client->audio.ssrc, slot->ssrc);
    client_send_rtcp(client, data, writer.size, sizeof data);
}
