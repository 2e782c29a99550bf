#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Call data records: what they hold, who may read them, for how long; and that exports do no harm."""
import csv
import io
import json
import time
import unittest
from datetime import datetime, timedelta

from peer import media_statistics
from server import Server, ServerCase

HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", '"quoted", really', "plain; Ana", "Ünïcode ✓"]


def call(case, server, browser, names=("Host", "Guest")):
    """A whole call of two in an instant meeting of this account; the meeting."""
    host_token, guest_token, meeting = server.instant(browser)
    host = case.join(host_token, names[0])
    guest = case.join(guest_token, names[1])
    for peer, other in ((host, guest), (guest, host)):
        peer.done("connection", peer=other.id, state="connecting")
        peer.done("connection", peer=other.id, state="connected", path="host")
        peer.done("stats", peer=other.id, audio=media_statistics(10), video=media_statistics(20))
    guest.command("leave")
    guest.closed()
    host.command("end")
    host.closed()
    return meeting


class Records(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()

    def records(self, meeting):
        return self.ada.api("GET", f"/meetings/{meeting['id']}/records", expect=200)["items"]

    def test_what_is_kept_of_a_call(self):
        meeting = call(self, self.server, self.ada)
        (record,) = self.records(meeting)
        self.assertEqual((record["meeting"], record["title"]), (meeting["id"], "Instant meeting"))
        ended, expires = (datetime.fromisoformat(record[key][:-1]) for key in ("ended_at", "expires_at"))
        self.assertEqual(expires - ended, timedelta(days=7))
        host, guest = record["participants"]
        self.assertEqual((host["name"], host["role"], host["left_reason"]), ("Host", "host", "ended"))
        self.assertEqual((guest["name"], guest["role"], guest["left_reason"]), ("Guest", "guest", "left"))
        self.assertLessEqual(guest["joined_at"], guest["left_at"])
        self.assertIn(guest["address"], ("127.0.0.1", "::1"))
        self.assertEqual([c["state"] for c in host["connections"]], ["connecting", "connected"])
        self.assertEqual((host["connections"][1]["path"], host["connections"][1]["peer"]), ("host", "Guest"))
        self.assertEqual((host["statistics"]["audio_packets_sent"], host["statistics"]["video_rtt_ms"]), (10, 20))
        self.assertNotIn("country", guest)

    def test_a_call_that_goes_on_is_listed(self):
        host_token, _, meeting = self.server.instant(self.ada)
        host = self.join(host_token, "Host")
        (record,) = self.records(meeting)
        self.assertNotIn("ended_at", record)
        self.assertNotIn("left_at", record["participants"][0])
        host.drop()

    def test_many_calls_come_in_pages(self):
        room = self.ada.api("POST", "/meetings", {"kind": "room", "title": "Daily"}, expect=201)
        for _ in range(3):
            owner = self.ada.socket()
            owner.hello(meeting=room["id"])
            owner.done("end")
            owner.closed()
        path, pages = f"/meetings/{room['id']}/records?limit=2", []
        page = self.ada.api("GET", path, expect=200)
        pages.append(len(page["items"]))
        page = self.ada.api("GET", f"{path}&cursor={page['next']}", expect=200)
        self.assertEqual(pages + [len(page["items"]), page.get("next")], [2, 1, None])

    def test_who_only_waited_leaves_no_trace(self):
        host_token, guest_token, meeting = self.server.instant(self.ada)
        self.ada.api("PATCH", f"/meetings/{meeting['id']}", {"lobby": True}, expect=200)
        host, waiting = self.join(host_token, "Host"), self.join(guest_token, "Curious")
        host.done("deny", participant=waiting.id)
        self.assertEqual(waiting.closed(), 4001)
        host.command("end")
        host.closed()
        self.assertNotIn("Curious", json.dumps(self.records(meeting)))

    def test_exports_do_no_harm(self):
        meetings = {call(self, self.server, self.ada, (name, "Guest"))["id"] for name in HOSTILE}
        text = self.server.conclave("cdr", "list", "--format", "csv")
        self.assertEqual(text.returncode, 0, text.stderr)
        rows = list(csv.reader(io.StringIO(text.stdout)))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        for cell in (cell for row in rows for cell in row):
            self.assertFalse(cell.lstrip(" '\"")[:1] in "=+-@\t\r" and cell[:1] in "=+-@\t\r" and cell, cell)
            self.assertFalse(any(ord(c) < 32 and c != "\n" for c in cell), cell)
        for name in HOSTILE:
            self.assertTrue(any(name in cell for row in rows for cell in row), name)
        listed = json.loads(self.server.conclave("cdr", "list", "--format", "json").stdout)
        listed = listed.get("items", listed) if isinstance(listed, dict) else listed
        self.assertLessEqual(meetings, {record["meeting"] for record in listed})
        table = self.server.conclave("cdr", "list", "--format", "table")
        self.assertEqual(table.returncode, 0)
        self.assertIn("Ünïcode ✓", table.stdout)
        self.assertFalse(any(ord(c) < 32 and c != "\n" for c in table.stdout))

    def test_deleting_the_meeting_deletes_them(self):
        meeting = call(self, self.server, self.ada, ("Nobody Else", "Guest"))
        self.ada.api("DELETE", f"/meetings/{meeting['id']}", expect=204)
        self.assertNotIn(meeting["id"], self.server.conclave("cdr", "list", "--format", "json").stdout)
        for path in self.server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"Nobody Else", path.read_bytes(), path)


class Retention(unittest.TestCase):
    def join(self, token, name):
        peer = self.server.browser().socket()
        self.addCleanup(peer.drop)
        peer.join(token, name)
        return peer

    def start(self, config):
        self.server = Server(config)
        self.addCleanup(self.server.close)
        self.ada = self.server.admin()

    def wait_gone(self, meeting):
        end = time.monotonic() + 10
        while self.ada.api("GET", f"/meetings/{meeting['id']}/records", expect=200)["items"]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def assert_nothing_on_disk(self, words):
        for path in self.server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(words, path.read_bytes(), path)

    def test_none_are_kept_where_none_shall_be(self):
        self.start({"records": {"keep_days": 0}})
        meeting = call(self, self.server, self.ada, ("Somebody Known", "Guest"))
        self.wait_gone(meeting)
        self.assert_nothing_on_disk(b"Somebody Known")

    def test_the_oldest_go_when_the_disk_is_low(self):
        self.start({})
        meeting = call(self, self.server, self.ada, ("Somebody Known", "Guest"))
        self.assertEqual(len(self.ada.api("GET", f"/meetings/{meeting['id']}/records", expect=200)["items"]), 1)
        self.server.stop()
        self.server.write_config({"records": {"disk_floor_mib": 1048576}})
        self.server.start()
        self.wait_gone(meeting)
        self.assert_nothing_on_disk(b"Somebody Known")


if __name__ == "__main__":
    unittest.main(verbosity=2)
