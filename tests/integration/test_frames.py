#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What no client of ours would send: each gets a clear error or a close with its code, and others are served."""
import json
import time
import unittest

from server import ServerCase

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class Frames(ServerCase):
    def stranger(self):
        peer = self.server.browser().socket()
        self.addCleanup(peer.drop)
        return peer

    def guest(self):
        _, guest, _ = self.server.instant()
        return self.join(guest)

    def tearDown(self):
        self.assertEqual(self.server.browser().request("GET", "/healthz")[0], 200)

    def test_hello_is_checked(self):
        _, token, _ = self.server.instant()
        for fields in (
            {"name": "A"},
            {"link": token},
            {"link": token, "name": ""},
            {"link": token, "name": "x" * 65},
            {"link": token, "name": "a\nb"},
            {"link": token, "name": "\u202egnp"},
            {"link": 1, "name": "A"},
            {"link": "a b", "name": "A"},
            {"link": token, "name": "A", "version": 2},
            {"link": token, "resume": token, "name": "A"},
        ):
            with self.subTest(fields):
                peer = self.stranger()
                answer = peer.hello(**fields)
                self.assertEqual((answer["type"], answer.get("code")), ("refused", "bad-message"))
                self.assertEqual(peer.closed(), 4400)

    def test_no_hello_in_time(self):
        peer, begun = self.stranger(), time.monotonic()
        self.assertEqual(peer.closed(seconds=15), 4408)
        self.assertGreater(time.monotonic() - begun, 9)

    def test_what_is_no_message_closes(self):
        for text in ("", "null", "[]", "{", '{"type":"hello","type":"hello"}', "[" * 40 + "]" * 40, '{"type":1}', "{}"):
            with self.subTest(text):
                peer = self.stranger()
                peer.send_frame(TEXT, text.encode())
                self.assertEqual(peer.closed(), 4400)
        peer = self.stranger()
        peer.send_frame(BINARY, b"{}")
        self.assertEqual(peer.closed(), 4400)

    def test_a_message_over_64_kib_closes(self):
        peer = self.guest()
        peer.send_frame(TEXT, b'{"type":"rename","seq":1,"name":"' + b"x" * 66000 + b'"}')
        self.assertEqual(peer.closed(), 1009)

    def test_broken_frames_close(self):
        for code, opcode, data, how in (
            (1002, TEXT, b"{}", {"masked": False}),
            (1002, 0x3, b"", {}),
            (1002, 0x0, b"x", {}),
            (1002, PING, b"x", {"final": False}),
            (1002, PING, b"x" * 126, {}),
            (1002, CLOSE, b"\x03", {}),
            (1007, TEXT, b"\xff\xfe", {}),
        ):
            with self.subTest(opcode=opcode, data=data[:4]):
                peer = self.stranger()
                peer.send_frame(opcode, data, **how)
                # wslay gives up some of them without a code.
                self.assertIn(peer.closed(), (code, 1006))

    def test_malformed_commands_are_answered_nine_times(self):
        peer = self.guest()
        for _ in range(9):
            self.assertEqual(peer.done("dance")["code"], "bad-message")
        peer.command("mute")
        self.assertEqual(peer.closed(), 4400)

    def test_a_duplicate_is_passed_over_and_a_gap_closes(self):
        host, guest, _ = self.server.instant()
        host, guest = self.join(host, "Hana"), self.join(guest, "Gus")
        self.assertIsNone(guest.done("hand", raised=True))
        guest.send_json({"type": "hand", "seq": 1, "raised": False})
        self.assertIsNone(guest.done("rename", name="Gerd"))
        while host.next("updated")["participant"]["name"] != "Gerd":
            pass
        guest.send_json({"type": "hand", "seq": 9, "raised": False})
        self.assertEqual(guest.closed(), 4409)
        again = self.stranger().hello(resume=guest.token, ack=guest.received)
        self.assertEqual(again["mode"], "state")
        hands = {p["name"]: p["hand"] for p in again["meeting"]["participants"]}
        self.assertEqual(hands, {"Hana": False, "Gerd": True})

    def test_a_flood_closes(self):
        peer = self.guest()
        try:
            for _ in range(300):
                peer.command("hand", raised=True)
        except OSError:
            pass
        self.assertIn(peer.closed(), (4429, 1006))

    def test_depth_and_type_of_fields(self):
        peer = self.guest()
        for fields in (
            {"type": "hand", "raised": "yes"},
            {"type": "media", "audio": 1, "video": 0, "screen": 0},
            {"type": "signal", "to": "x", "session": "s"},
            {"type": "signal", "to": "x", "session": "s p", "candidate": None},
            {"type": "signal", "to": "x", "session": "s", "description": {"type": "offer", "sdp": "x" * 50000}},
            {"type": "stats", "peer": "x", "audio": [], "video": {}},
        ):
            with self.subTest(fields["type"]):
                kind = fields.pop("type")
                self.assertEqual(peer.done(kind, **fields)["code"], "bad-message")
        peer.seq += 1
        deep = json.dumps({"type": "hand", "seq": peer.seq, "raised": True})[:-1] + ',"x":' + "[" * 20 + "]" * 20 + "}"
        peer.send_frame(TEXT, deep.encode())
        self.assertEqual(peer.closed(), 4400)


class ManyAtOnce(ServerCase):
    def test_one_after_the_other_is_malformed_and_a_call_goes_on(self):
        host, guest, _ = self.server.instant()
        host, guest = self.join(host, "Hana"), self.join(guest, "Gus")
        for i in range(100):
            stranger = self.server.browser().socket()
            stranger.send_frame(TEXT, bytes([i % 256]) * (i * 10))
            stranger.drop()
        self.assertIsNone(guest.done("hand", raised=True))
        self.assertTrue(host.next("updated")["participant"]["hand"])


if __name__ == "__main__":
    unittest.main()
