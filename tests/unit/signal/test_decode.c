/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/decode.h"

#include <stdlib.h>

#include "test.h"

static enum cv_err decode(const char *text, struct cv_signal_message *message) {
    return cv_signal_decode(cv_slice_str(text), message);
}

/* The command in the text, which is to be good. */
static struct cv_command command_of(const char *text, struct cv_signal_message *message) {
    if (decode(text, message))
        fail_msg("%s: %s", text, message->problem);
    assert_int_equal(message->type, CV_SIGNAL_COMMAND);
    assert_int_equal(message->seq, 7);
    return message->command;
}

static void hello_by_each_way(void **state) {
    struct cv_signal_message m;
    assert_int_equal(decode("{\"type\":\"hello\",\"version\":1,\"link\":\"T0k-en_\",\"name\":"
                            "\"Ana\",\"hide_address\":true}",
                            &m),
                     CV_OK);
    assert_int_equal(m.type, CV_SIGNAL_HELLO);
    assert_int_equal(m.hello.way, CV_WAY_LINK);
    assert_true(cv_slice_eq_str(m.hello.token, "T0k-en_"));
    assert_true(cv_slice_eq_str(m.hello.name, "Ana"));
    assert_true(m.hello.hide_address);
    assert_false(m.hello.knows);
    cv_signal_message_release(&m);

    assert_int_equal(decode("{\"type\":\"hello\",\"version\":1,\"meeting\":\"m1\"}", &m), CV_OK);
    assert_int_equal(m.hello.way, CV_WAY_MEETING);
    assert_string_equal(m.hello.meeting.text, "m1");
    assert_int_equal(m.hello.name.size, 0);
    cv_signal_message_release(&m);

    assert_int_equal(decode("{\"type\":\"hello\",\"version\":1,\"resume\":\"t\",\"ack\":0}", &m),
                     CV_OK);
    assert_int_equal(m.hello.way, CV_WAY_RESUME);
    assert_true(m.hello.knows);
    assert_int_equal(m.hello.acked, 0);
    cv_signal_message_release(&m);

    assert_int_equal(decode("{\"type\":\"hello\",\"version\":1,\"resume\":\"t\"}", &m), CV_OK);
    assert_false(m.hello.knows);
    cv_signal_message_release(&m);
}

static void acknowledgements(void **state) {
    struct cv_signal_message m;
    assert_int_equal(decode("{\"type\":\"ack\",\"ack\":9007199254740992}", &m), CV_OK);
    assert_int_equal(m.type, CV_SIGNAL_ACK);
    assert_int_equal(m.ack, INT64_C(1) << 53);
    assert_int_equal(m.seq, 0);
    cv_signal_message_release(&m);
    command_of("{\"type\":\"leave\",\"seq\":7,\"ack\":3}", &m);
    assert_true(m.has_ack);
    assert_int_equal(m.ack, 3);
    cv_signal_message_release(&m);
}

static void every_command(void **state) {
    struct cv_signal_message m;
    struct cv_command c;
    c = command_of("{\"seq\":7,\"type\":\"media\",\"audio\":true,\"video\":false,\"screen\":true}",
                   &m);
    assert_int_equal(c.type, CV_COMMAND_MEDIA);
    assert_true(c.media.audio && !c.media.video && c.media.screen);
    assert_true(cv_id_empty(&c.by));
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"connection\",\"peer\":\"p2\",\"state\":\"connected\","
                   "\"path\":\"relay\"}",
                   &m);
    assert_int_equal(c.type, CV_COMMAND_CONNECTION);
    assert_string_equal(c.connection.peer.text, "p2");
    assert_int_equal(c.connection.state, CV_CONNECTION_CONNECTED);
    assert_int_equal(c.connection.path, CV_PATH_RELAY);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"connection\",\"peer\":\"p2\",\"state\":\"failed\"}", &m);
    assert_int_equal(c.connection.path, CV_PATH_UNKNOWN);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"stats\",\"peer\":\"p2\",\"audio\":{\"packets_sent\":5,"
                   "\"packets_lost\":-2,\"jitter_ms\":1.5,\"bytes_sent\":1e6,\"other\":9},"
                   "\"video\":null}",
                   &m);
    assert_int_equal(c.type, CV_COMMAND_STATS);
    assert_int_equal(c.stats.audio.packets_sent, 5);
    assert_int_equal(c.stats.audio.packets_lost, 0);
    assert_int_equal(c.stats.audio.bytes_sent, 1000000);
    assert_true(c.stats.audio.jitter_ms > 1.4 && c.stats.audio.jitter_ms < 1.6);
    assert_int_equal(c.stats.video.packets_sent, 0);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"hand\",\"raised\":true}", &m);
    assert_true(c.type == CV_COMMAND_HAND && c.raised);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"rename\",\"name\":\"\\u00c4na \\ud83d\\ude00\"}", &m);
    assert_int_equal(c.type, CV_COMMAND_RENAME);
    assert_true(cv_slice_eq_str(c.name, "\xc3\x84na \xf0\x9f\x98\x80"));
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"leave\",\"new\":{\"field\":[1]}}", &m);
    assert_int_equal(c.type, CV_COMMAND_LEAVE);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"admit\",\"participant\":\"p2\"}", &m);
    assert_int_equal(c.type, CV_COMMAND_ADMIT);
    assert_string_equal(c.target.text, "p2");
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"admit\",\"participant\":\"all\"}", &m);
    assert_int_equal(c.type, CV_COMMAND_ADMIT_ALL);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"deny\",\"participant\":\"p2\"}", &m);
    assert_int_equal(c.type, CV_COMMAND_DENY);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"lock\",\"locked\":true}", &m);
    assert_true(c.type == CV_COMMAND_LOCK && c.locked);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"lobby\",\"enabled\":true}", &m);
    assert_true(c.type == CV_COMMAND_LOBBY && c.lobby);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"mute\",\"participant\":\"p2\",\"kind\":\"screen\"}", &m);
    assert_true(c.type == CV_COMMAND_MUTE && c.mute.kind == CV_PART_SCREEN);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"remove\",\"participant\":\"p2\",\"block\":true}", &m);
    assert_true(c.type == CV_COMMAND_REMOVE && c.remove.block);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"remove\",\"participant\":\"p2\"}", &m);
    assert_false(c.remove.block);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"role\",\"participant\":\"p2\",\"role\":\"moderator\"}",
                   &m);
    assert_true(c.type == CV_COMMAND_ROLE && c.role.role == CV_ROLE_MODERATOR);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"end\"}", &m);
    assert_int_equal(c.type, CV_COMMAND_END);
    cv_signal_message_release(&m);
}

static void commands_of_relayed_calls(void **state) {
    struct cv_signal_message m;
    struct cv_command c;
    c = command_of("{\"seq\":7,\"type\":\"relay\",\"session\":\"r1\",\"description\":{\"type\":"
                   "\"offer\",\"sdp\":\"v=0\"}}",
                   &m);
    assert_int_equal(c.type, CV_COMMAND_RELAY);
    assert_true(cv_slice_eq_str(c.relay.session, "r1") && cv_slice_eq_str(c.relay.sdp, "v=0"));
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"want\",\"session\":\"r1\",\"slots\":[{\"mid\":\"9\","
                   "\"participant\":\"p2\",\"source\":\"camera\",\"width\":640,\"height\":360},"
                   "{\"mid\":\"10\",\"participant\":\"p3\",\"source\":\"screen\",\"width\":0,"
                   "\"height\":65535,\"stage\":true}]}",
                   &m);
    assert_int_equal(c.type, CV_COMMAND_WANT);
    assert_int_equal(c.want.count, 2);
    assert_true(cv_slice_eq_str(c.want.items[0].mid, "9"));
    assert_string_equal(c.want.items[0].participant.text, "p2");
    assert_true(!c.want.items[0].screen && !c.want.items[0].stage);
    assert_int_equal(c.want.items[0].width, 640);
    assert_true(c.want.items[1].screen && c.want.items[1].stage);
    assert_int_equal(c.want.items[1].height, 65535);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"want\",\"session\":\"r1\",\"slots\":[]}", &m);
    assert_int_equal(c.want.count, 0);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"mode\",\"relayed\":true}", &m);
    assert_true(c.type == CV_COMMAND_MODE && c.relayed);
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"pass\",\"to\":\"all\",\"channel\":\"chat\","
                   "\"data\":\"hi\",\"x\":1}",
                   &m);
    assert_true(c.type == CV_COMMAND_PASS && cv_id_empty(&c.pass.to));
    assert_true(cv_slice_eq_str(c.pass.payload, "{\"channel\":\"chat\",\"data\":\"hi\"}"));
    cv_signal_message_release(&m);
    c = command_of("{\"seq\":7,\"type\":\"pass\",\"to\":\"p2\",\"channel\":\"control\","
                   "\"data\":\"\"}",
                   &m);
    assert_string_equal(c.pass.to.text, "p2");
    cv_signal_message_release(&m);
}

static void a_signal_is_written_anew(void **state) {
    static const struct {
        const char *body;
        const char *payload;
    } cases[] = {
        {"\"description\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\",\"extra\":1}",
         "{\"session\":\"s-1\",\"description\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}}"},
        {"\"candidate\":{\"candidate\":\"candidate:1 \\u003cb>\",\"sdpMid\":\"0\","
         "\"sdpMLineIndex\":0,\"usernameFragment\":null,\"x\":[]}",
         "{\"session\":\"s-1\",\"candidate\":{\"candidate\":\"candidate:1 <b>\",\"sdpMid\":\"0\","
         "\"sdpMLineIndex\":0,\"usernameFragment\":null}}"},
        {"\"candidate\":{\"candidate\":\"\"}",
         "{\"session\":\"s-1\",\"candidate\":{\"candidate\":\"\",\"sdpMid\":null,"
         "\"sdpMLineIndex\":null,\"usernameFragment\":null}}"},
        {"\"candidate\":null", "{\"session\":\"s-1\",\"candidate\":null}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_buf text = {0};
        cv_buf_printf(&text, "{\"seq\":7,\"type\":\"signal\",\"to\":\"p2\",\"session\":\"s-1\",%s}",
                      cases[i].body);
        struct cv_signal_message m;
        struct cv_command c = command_of(cv_buf_cstr(&text), &m);
        assert_int_equal(c.type, CV_COMMAND_SIGNAL);
        assert_string_equal(c.signal.to.text, "p2");
        assert_true(cv_slice_eq_str(c.signal.payload, cases[i].payload));
        cv_signal_message_release(&m);
        cv_buf_release(&text);
    }
}

static void malformed_commands_name_the_field(void **state) {
    static const struct {
        const char *body;
        const char *problem;
    } cases[] = {
        {"\"type\":\"dance\"", "type: unknown"},
        {"\"type\":\"media\",\"audio\":true,\"video\":1,\"screen\":\"x\"", "video: not a boolean"},
        {"\"type\":\"media\",\"audio\":true,\"video\":false", "screen: missing"},
        {"\"type\":\"hand\",\"raised\":null", "raised: not a boolean"},
        {"\"type\":\"mode\",\"relayed\":1", "relayed: not a boolean"},
        {"\"type\":\"relay\",\"session\":\"r\",\"description\":{\"type\":\"answer\",\"sdp\":"
         "\"v\"}",
         "description.type: not offer"},
        {"\"type\":\"relay\",\"session\":\"r\",\"description\":{\"type\":\"offer\"}",
         "sdp: missing"},
        {"\"type\":\"want\",\"session\":\"r\"", "slots: not an array"},
        {"\"type\":\"want\",\"session\":\"r\",\"slots\":[1]", "slots: an item is not an object"},
        {"\"type\":\"want\",\"session\":\"r\",\"slots\":[{\"mid\":\"1\"}]", "participant: missing"},
        {"\"type\":\"want\",\"session\":\"r\",\"slots\":[{\"mid\":\"1\",\"participant\":"
         "\"p\",\"source\":\"mic\",\"width\":1,\"height\":1}]",
         "source: unknown"},
        {"\"type\":\"want\",\"session\":\"r\",\"slots\":[{\"mid\":\"1\",\"participant\":"
         "\"p\",\"source\":\"camera\",\"width\":65536,\"height\":1}]",
         "width: out of range"},
        {"\"type\":\"pass\",\"to\":\"all\",\"channel\":\"files\",\"data\":\"\"",
         "channel: unknown"},
        {"\"type\":\"connection\",\"peer\":\"p2\",\"state\":\"connected\",\"path\":\"udp\"",
         "path: unknown"},
        {"\"type\":\"rename\",\"name\":\"\"", "name: too short or too long"},
        {"\"type\":\"rename\",\"name\":\"a\\nb\"",
         "name: too long, or with characters that can't be shown"},
        {"\"type\":\"admit\",\"participant\":[\"p2\"]", "participant: not a string"},
        {"\"type\":\"deny\",\"participant\":\"p 2\"",
         "participant: other characters than A-Z a-z 0-9 _ -"},
        {"\"type\":\"deny\",\"participant\":\"p2345678901234567890123456789012\"",
         "participant: too short or too long"},
        {"\"type\":\"mute\",\"participant\":\"p\",\"kind\":\"smell\"", "kind: unknown"},
        {"\"type\":\"role\",\"participant\":\"p\",\"role\":\"admin\"", "role: unknown"},
        {"\"type\":\"remove\",\"participant\":\"p\",\"block\":\"yes\"", "block: not a boolean"},
        {"\"type\":\"connection\",\"peer\":\"p\",\"state\":\"new\"", "state: unknown"},
        {"\"type\":\"connection\",\"peer\":\"p\",\"state\":\"closed\",\"path\":\"\"",
         "path: too short or too long"},
        {"\"type\":\"stats\",\"peer\":\"p\",\"audio\":[]", "audio: not an object"},
        {"\"type\":\"stats\",\"peer\":\"p\",\"audio\":{\"rtt_ms\":\"1\"}", "rtt_ms: not a number"},
        {"\"type\":\"stats\",\"peer\":\"p\",\"audio\":{\"bytes_sent\":1e300}",
         "bytes_sent: out of range"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\"",
         "description, candidate: exactly one is needed"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"candidate\":null,\"description\":{}",
         "description, candidate: exactly one is needed"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s s\",\"candidate\":null",
         "session: other characters than A-Z a-z 0-9 _ -"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"candidate\":\"x\"",
         "candidate: not an object"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"candidate\":{\"candidate\":\"x\","
         "\"sdpMLineIndex\":65536}",
         "sdpMLineIndex: out of range"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"candidate\":{\"candidate\":\"x\","
         "\"sdpMid\":1}",
         "sdpMid: not a string"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"description\":{\"type\":"
         "\"rollback\",\"sdp\":\"v\"}",
         "description.type: unknown"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"description\":{\"type\":\"offer\"}",
         "sdp: missing"},
        {"\"type\":\"signal\",\"to\":\"p\",\"session\":\"s\",\"description\":\"x\"",
         "description: not an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_buf text = {0};
        cv_buf_printf(&text, "{\"seq\":7,\"ack\":2,%s}", cases[i].body);
        struct cv_signal_message m;
        assert_int_equal(decode(cv_buf_cstr(&text), &m), CV_ERR_TYPE);
        assert_string_equal(m.problem, cases[i].problem);
        assert_int_equal(m.type, CV_SIGNAL_COMMAND);
        assert_int_equal(m.seq, 7);
        assert_int_equal(m.ack, 2);
        cv_signal_message_release(&m);
        cv_buf_release(&text);
    }
}

static void a_malformed_hello_names_the_field(void **state) {
    static const struct {
        const char *body;
        const char *problem;
    } cases[] = {
        {"\"link\":\"t\"", "version: missing"},
        {"\"version\":2,\"link\":\"t\"", "version: out of range"},
        {"\"version\":1", "link, meeting, resume: exactly one is needed"},
        {"\"version\":1,\"link\":\"t\",\"resume\":\"t\"",
         "link, meeting, resume: exactly one is needed"},
        {"\"version\":1,\"link\":\"\"", "link: too short or too long"},
        {"\"version\":1,\"link\":\"a/b\"", "link: other characters than A-Z a-z 0-9 _ -"},
        {"\"version\":1,\"link\":7", "link: not a string"},
        {"\"version\":1,\"link\":\"t\",\"name\":\"\\u202ex\"",
         "name: too long, or with characters that can't be shown"},
        {"\"version\":1,\"link\":\"t\",\"hide_address\":0", "hide_address: not a boolean"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_buf text = {0};
        cv_buf_printf(&text, "{\"type\":\"hello\",%s}", cases[i].body);
        struct cv_signal_message m;
        assert_int_equal(decode(cv_buf_cstr(&text), &m), CV_ERR_TYPE);
        assert_int_equal(m.type, CV_SIGNAL_HELLO);
        assert_string_equal(m.problem, cases[i].problem);
        cv_signal_message_release(&m);
        cv_buf_release(&text);
    }
}

static void impossible_frames_are_refused_whole(void **state) {
    static const char *const frames[] = {
        "",
        "x",
        "[]",
        "7",
        "{}",
        "{\"type\":7,\"seq\":1}",
        "{\"type\":\"leave\"}",
        "{\"type\":\"leave\",\"seq\":0}",
        "{\"type\":\"leave\",\"seq\":-1}",
        "{\"type\":\"leave\",\"seq\":1.0}",
        "{\"type\":\"leave\",\"seq\":\"1\"}",
        "{\"type\":\"leave\",\"seq\":9007199254740993}",
        "{\"type\":\"leave\",\"seq\":99999999999999999999}",
        "{\"type\":\"leave\",\"seq\":1,\"ack\":-1}",
        "{\"type\":\"leave\",\"seq\":1,\"ack\":null}",
        "{\"type\":\"ack\"}",
        "{\"type\":\"leave\",\"seq\":1,\"seq\":1}",
        "{\"type\":\"leave\",\"seq\":1} x",
        "{\"type\":\"leave\",\"seq\":1,\"x\":\"\\u0000\"}",
        "{\"type\":\"leave\",\"seq\":1,\"x\":\"\xff\"}",
        "{\"type\":\"leave\",\"seq\":1,}",
    };
    struct cv_signal_message m;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (decode(frames[i], &m) != CV_ERR_SYNTAX)
            fail_msg("%s", frames[i]);
}

/* `depth` arrays inside one another, in a field that nobody reads. */
static enum cv_err decode_deep(int depth) {
    struct cv_buf text = {0};
    cv_buf_append_str(&text, "{\"type\":\"leave\",\"seq\":1,\"s\":\"[{[{\\\"[[\",\"x\":");
    for (int i = 0; i < depth; i++)
        cv_buf_append_byte(&text, '[');
    for (int i = 0; i < depth; i++)
        cv_buf_append_byte(&text, ']');
    cv_buf_append_byte(&text, '}');
    struct cv_signal_message m;
    enum cv_err err = cv_signal_decode(cv_buf_slice(&text), &m);
    if (!err)
        cv_signal_message_release(&m);
    cv_buf_release(&text);
    return err;
}

static void depth_is_limited(void **state) {
    assert_int_equal(decode_deep(CV_SIGNAL_MAX_DEPTH - 1), CV_OK);
    assert_int_equal(decode_deep(CV_SIGNAL_MAX_DEPTH), CV_ERR_SYNTAX);
    assert_int_equal(decode_deep(20000), CV_ERR_SYNTAX);
}

static enum cv_err decode_padded(size_t size) {
    static char text[CV_SIGNAL_MAX_FRAME_BYTES + 2];
    static const char message[] = "{\"type\":\"leave\",\"seq\":1}";
    memset(text, ' ', size);
    memcpy(text, message, sizeof message - 1);
    struct cv_signal_message m;
    enum cv_err err = cv_signal_decode(cv_slice_of(text, size), &m);
    if (!err)
        cv_signal_message_release(&m);
    return err;
}

static void size_is_limited(void **state) {
    assert_int_equal(decode_padded(CV_SIGNAL_MAX_FRAME_BYTES), CV_OK);
    assert_int_equal(decode_padded(CV_SIGNAL_MAX_FRAME_BYTES + 1), CV_ERR_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_by_each_way),
        cmocka_unit_test(acknowledgements),
        cmocka_unit_test(every_command),
        cmocka_unit_test(commands_of_relayed_calls),
        cmocka_unit_test(a_signal_is_written_anew),
        cmocka_unit_test(malformed_commands_name_the_field),
        cmocka_unit_test(a_malformed_hello_names_the_field),
        cmocka_unit_test(impossible_frames_are_refused_whole),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(size_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
