#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Links: what they lead to, and that a stranger learns nothing from those that lead nowhere."""
import json
import socket
import time
import unittest
from datetime import datetime, timedelta, timezone

from peer import tls_context
from server import ServerCase, token_of


def in_hours(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat(timespec="seconds")


class Links(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()

    def meeting(self, **fields):
        return self.ada.api("POST", "/meetings", {"kind": "room", "title": "Weekly", **fields}, expect=201)

    def link(self, meeting, **fields):
        made = self.ada.api("POST", f"/meetings/{meeting['id']}/links", {"role": "guest", **fields}, expect=201)
        return made, token_of(made["url"])

    def resolve(self, token, expect=200):
        return self.server.browser().api("POST", "/links/resolve", {"token": token}, expect=expect)

    def raw_resolve(self, token):
        """The whole answer, byte for byte, but for its Date; and how long it took."""
        body = json.dumps({"token": token}).encode()
        host = self.server.origin.partition("//")[2]
        with tls_context().wrap_socket(socket.create_connection(("127.0.0.1", self.server.port))) as sock:
            begun = time.monotonic()
            sock.sendall(
                f"POST /api/v1/links/resolve HTTP/1.1\r\nHost: {host}\r\nOrigin: {self.server.origin}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                + body
            )
            answer = b""
            while data := sock.recv(65536):
                answer += data
            took = time.monotonic() - begun
        return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"date:")), took

    def test_what_a_genuine_link_tells(self):
        meeting = self.meeting(lobby=True)
        made, token = self.link(meeting, label="Ana Pérez", role="participant")
        self.assertEqual(len(token), 27)
        self.assertEqual(made["url"], f"{self.server.origin}/j#{token}")
        self.assertEqual(
            self.resolve(token),
            {
                "kind": "room",
                "title": "Weekly",
                "state": "open",
                "lobby": True,
                "topology": "auto",
                "role": "participant",
                "label": "Ana Pérez",
                "host_name": "Ada",
                "retention": {"records_days": 7},
            },
        )

    def test_lists_hold_no_secret(self):
        meeting = self.meeting()
        made, token = self.link(meeting, label="Ana", shared=True)
        listed = self.ada.api("GET", f"/meetings/{meeting['id']}/links", expect=200)["items"]
        del made["url"]
        self.assertEqual(listed, [made])
        self.assertNotIn(token, json.dumps(listed))

    def test_fields(self):
        meeting = self.meeting()
        for body in ({}, {"role": "host"}, {"role": "king"}, {"role": "guest", "label": "x" * 65}, {"role": 1}):
            self.ada.api("POST", f"/meetings/{meeting['id']}/links", body, expect=422)

    def test_strangers_get_one_answer(self):
        meeting = self.meeting()
        made, revoked = self.link(meeting)
        self.ada.api("DELETE", f"/meetings/{meeting['id']}/links/{made['id']}", expect=204)
        gone = self.meeting()
        _, deleted = self.link(gone)
        self.ada.api("DELETE", f"/meetings/{gone['id']}", expect=204)
        _, genuine = self.link(meeting)
        changed = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")
        cases = {
            "unknown": "A" * 27,
            "revoked": revoked,
            "deleted": deleted,
            "malformed": "!" * 27,
            "empty": "",
            "long": "A" * 64,
            "too long": "A" * 500,
            "one letter off": changed,
            "not ASCII": "é" * 20,
            "a session's token": self.ada.cookie.partition("=")[2],
        }
        answers = {name: self.raw_resolve(token)[0] for name, token in cases.items()}
        first = answers["unknown"]
        self.assertTrue(first.startswith(b"HTTP/1.1 404 "))
        for name, answer in answers.items():
            self.assertEqual(answer, first, name)
        # Over the signalling socket, too.
        told = set()
        for token in ("A" * 27, revoked, deleted, changed):
            peer = self.server.browser().socket()
            told.add((json.dumps(peer.hello(link=token, name="Eve")), peer.closed()))
        self.assertEqual(len(told), 1, told)
        self.assertEqual(told.pop()[1], 4401)

    def test_strangers_get_it_after_the_same_time(self):
        meeting = self.meeting()
        made, revoked = self.link(meeting)
        self.ada.api("DELETE", f"/meetings/{meeting['id']}/links/{made['id']}", expect=204)
        times = {"A" * 27: [], revoked: [], "!" * 27: []}
        for _ in range(15):
            for token, taken in times.items():
                taken.append(self.raw_resolve(token)[1])
        quickest = [min(taken) for taken in times.values()]
        self.assertLess(max(quickest) - min(quickest), 0.005, quickest)

    def test_too_early_and_over(self):
        later = self.meeting(kind="scheduled", starts_at=in_hours(5))
        _, token = self.link(later)
        told = self.resolve(token)
        self.assertEqual((told["state"], told["opens_at"]), ("scheduled", later["opens_at"]))
        peer = self.server.browser().socket()
        refused = peer.hello(link=token, name="Ana")
        self.assertEqual((refused["code"], refused["opens_at"], peer.closed()), ("too-early", later["opens_at"], 4403))
        self.ada.api("POST", f"/meetings/{later['id']}/end", expect=204)
        self.assertEqual(self.resolve(token)["state"], "ended")
        peer = self.server.browser().socket()
        self.assertEqual((peer.hello(link=token, name="Ana")["code"], peer.closed()), ("ended", 4410))

    def test_revoking_puts_out_within_a_second(self):
        meeting = self.meeting()
        made, token = self.link(meeting, shared=True)
        _, other = self.link(meeting)
        ana, bea = self.join(token), self.join(other, "Bea")
        begun = time.monotonic()
        self.ada.api("DELETE", f"/meetings/{meeting['id']}/links/{made['id']}", expect=204)
        self.assertEqual(ana.closed(), 4001)
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(ana.next_pending("closed")["code"], "revoked")
        self.assertEqual(bea.next("left")["id"], ana.id)
        back = self.server.browser().socket()
        self.assertEqual(back.hello(resume=ana.token, ack=ana.received)["code"], "resume-failed")
        self.assertEqual(back.closed(), 4401)
        self.ada.api("DELETE", f"/meetings/{meeting['id']}/links/{made['id']}", expect=204)
        self.ada.api("DELETE", f"/meetings/{meeting['id']}/links/lAAAAAAAAAAAAAAAAAAAAAA", expect=404)
        bea.done("hand", raised=True)  # a wrong id disturbs nobody

    def test_a_label_is_the_name(self):
        meeting = self.meeting()
        _, token = self.link(meeting, label="Ana Pérez")
        peer = self.join(token, "Somebody else")
        self.assertEqual(peer.welcome["you"]["name"], "Ana Pérez")
        _, plain = self.link(meeting)
        nameless = self.server.browser().socket()
        refused = nameless.hello(link=plain)
        self.assertEqual((refused["code"], nameless.closed()), ("bad-message", 4400))

    def test_a_personal_link_holds_one_place(self):
        meeting = self.meeting()
        _, token = self.link(meeting)
        first = self.join(token)
        second = self.join(token)
        self.assertEqual(first.closed(), 4002)
        self.assertEqual(len(second.welcome["meeting"]["participants"]), 1)

    def test_urls_are_those_of_the_visitor(self):
        browser = self.server.browser()
        browser.connect = f"127.0.0.1:{self.server.port}"
        host = {"Host": browser.connect, "Origin": "https://" + browser.connect}
        made = browser.api("POST", "/instant", headers=host, expect=201)
        self.assertTrue(made["guest_url"].startswith(f"https://{browser.connect}/j#"), made["guest_url"])


class Limits(ServerCase):
    def test_guessing_is_slowed_down(self):
        browser = self.server.browser()
        statuses = [browser.request("POST", "/api/v1/links/resolve", {"token": "A" * 27})[0] for _ in range(150)]
        self.assertEqual(statuses[:100], [404] * 100)
        self.assertIn(429, statuses)


if __name__ == "__main__":
    unittest.main(verbosity=2)
