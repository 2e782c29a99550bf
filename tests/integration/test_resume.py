#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Connections that are lost and come back: nothing lost, nothing twice, the place kept for 30 s."""
import os
import signal
import threading
import time
import unittest

from peer import Refused, Socket
from server import ServerCase


class Resume(ServerCase):
    def pair(self):
        host_token, guest_token, meeting = self.server.instant()
        self.meeting = meeting
        host = self.join(host_token, "Host")
        guest = self.join(guest_token, "Guest")
        host.next("joined")
        host.acknowledge()
        guest.acknowledge()
        return host, guest

    def back(self, token, **fields):
        peer = self.server.browser().socket()
        self.addCleanup(peer.drop)
        return peer, peer.hello(resume=token, **fields)

    def test_nothing_is_lost_and_nothing_comes_twice(self):
        host, guest = self.pair()
        for i in range(5):
            guest.command("signal", to=host.id, session="s", candidate={"candidate": f"c{i}", "sdpMid": "0"})
        for _ in range(2):  # the others are on their way, or not even that
            host.next("signal")
        host.drop()
        for i in range(5, 10):
            guest.command("signal", to=host.id, session="s", candidate={"candidate": f"c{i}", "sdpMid": "0"})
        self.assertEqual(guest.next("updated")["participant"]["presence"], "away")
        again, welcome = self.back(host.token, ack=host.received)
        self.assertEqual((welcome["mode"], welcome["you"]["id"]), ("full", host.id))
        self.assertNotIn("meeting", welcome)
        got = [again.next("signal")["candidate"]["candidate"] for _ in range(8)]
        self.assertEqual(got, [f"c{i}" for i in range(2, 10)])
        self.assertEqual(guest.next("updated")["participant"]["presence"], "present")

    def test_commands_that_were_not_acknowledged(self):
        host, guest = self.pair()
        guest.done("rename", name="First")
        guest.command("rename", name="Second")
        guest.command("hand", raised=True)
        guest.drop()
        sent = {2: ("rename", {"name": "Second"}), 3: ("hand", {"raised": True})}
        again, welcome = self.back(guest.token, ack=guest.received)
        self.assertEqual(welcome["mode"], "full")
        self.assertIn(welcome["ack"], (1, 2, 3))
        again.seq = welcome["ack"]
        for seq in range(welcome["ack"] + 1, 4):
            type_, fields = sent[seq]
            again.command(type_, **fields)
        again.wait_ack(3)
        host.done("hand", raised=False)
        names = [m["participant"]["name"] for m in host.pending if m["type"] == "updated"]
        self.assertEqual(names.count("First"), 1)
        self.assertEqual(host.pending[-1]["participant"]["hand"], True)
        self.assertEqual(host.pending[-1]["participant"]["name"], "Second")

    def test_a_reloaded_page_gets_its_place_back(self):
        host, guest = self.pair()
        guest.done("hand", raised=True)
        guest.drop()
        again, welcome = self.back(guest.token)
        self.assertEqual((welcome["mode"], welcome["ack"], welcome["you"]["id"]), ("state", 0, guest.id))
        own = [p for p in welcome["meeting"]["participants"] if p["id"] == guest.id]
        self.assertEqual((len(welcome["meeting"]["participants"]), own[0]["hand"]), (2, True))
        again.done("rename", name="After")
        self.assertEqual(host.next("updated")["participant"]["presence"], "present")

    def test_the_old_token_is_good_until_the_new_one_arrived(self):
        host, guest = self.pair()
        first = guest.token
        guest.drop()
        lost, welcome = self.back(first, ack=guest.received)  # the welcome may have been lost on the way
        lost.drop()
        again, welcome = self.back(first, ack=guest.received)
        self.assertEqual(welcome["type"], "welcome")
        host.done("signal", to=guest.id, session="s", candidate=None)
        again.next("signal")
        again.done("hand", raised=True)  # acknowledges what came
        again.drop()
        late, refused = self.back(first, ack=0)
        self.assertEqual((refused["code"], late.closed()), ("resume-failed", 4401))
        _, welcome = self.back(again.token, ack=again.received)
        self.assertEqual(welcome["type"], "welcome")

    def test_a_second_connection_replaces_the_first(self):
        _, guest = self.pair()
        _, welcome = self.back(guest.token, ack=guest.received)
        self.assertEqual(welcome["mode"], "full")
        self.assertEqual(guest.closed(), 4002)

    def test_another_ones_token_is_no_way_in(self):
        host, guest = self.pair()
        for token in ("A" * 27, host.id, "x", guest.token[:-1]):
            peer, refused = self.back(token, ack=0)
            self.assertEqual((refused["code"], peer.closed()), ("resume-failed", 4401))

    def test_after_leaving_there_is_no_way_back(self):
        host, guest = self.pair()
        guest.command("leave")
        self.assertEqual(guest.closed(), 4000)
        self.assertEqual(host.next("left")["reason"], "left")
        peer, refused = self.back(guest.token, ack=0)
        self.assertEqual((refused["code"], peer.closed()), ("resume-failed", 4401))

    def test_an_impossible_acknowledgement(self):
        _, guest = self.pair()
        guest.drop()
        _, welcome = self.back(guest.token, ack=1000)
        self.assertEqual(welcome["mode"], "state")

    def test_the_place_is_given_up_after_30_seconds(self):
        host, guest = self.pair()
        guest.drop()
        begun = time.monotonic()
        self.assertEqual(host.next("updated")["participant"]["presence"], "away")
        left = host.next("left", seconds=40)
        self.assertEqual(left["reason"], "lost")
        self.assertTrue(29 < time.monotonic() - begun < 32)
        peer, refused = self.back(guest.token, ack=guest.received)
        self.assertEqual((refused["code"], peer.closed()), ("resume-failed", 4401))


class Restart(ServerCase):
    """The control process, or all of the daemon, dies in mid-meeting."""

    def setUp(self):
        self.host_token, self.guest_token, _ = self.server.instant()
        self.host = self.join(self.host_token, "Host")
        self.guest = self.join(self.guest_token, "Guest")
        self.host.done("lock", locked=True)
        self.guest.done("hand", raised=True)

    def come_back(self, peer):
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        return again, again.hello(resume=peer.token, ack=peer.received)

    def check(self):
        for peer in (self.host, self.guest):
            self.assertEqual(peer.closed(), 1006)
        guest, welcome = self.come_back(self.guest)
        self.assertEqual((welcome["mode"], welcome["you"]["id"]), ("state", self.guest.id))
        meeting = welcome["meeting"]
        self.assertEqual((meeting["locked"], meeting["state"]), (True, "live"))
        self.assertEqual({p["id"] for p in meeting["participants"]}, {self.host.id, self.guest.id})
        own = next(p for p in meeting["participants"] if p["id"] == self.guest.id)
        self.assertEqual((own["name"], own["role"]), ("Guest", "guest"))
        host, welcome = self.come_back(self.host)
        self.assertEqual((welcome["mode"], welcome["you"]["role"]), ("state", "host"))
        guest.done("signal", to=host.id, session="s", description={"type": "offer", "sdp": "v=0"})
        self.assertEqual(host.next("signal")["from"], guest.id)
        # The meeting is still locked, and its host still the host.
        stranger = self.server.browser().socket()
        self.assertEqual(stranger.hello(link=self.guest_token, name="Eve")["code"], "locked")
        stranger.drop()
        self.assertIsNone(host.done("remove", participant=guest.id, block=False))
        self.assertEqual(guest.closed(), 4001)

    def test_control_dies(self):
        begun = time.monotonic()
        self.server.kill_control()
        self.assertLess(time.monotonic() - begun, 5)
        self.check()

    def test_everything_dies(self):
        self.server.kill_all()
        self.check()

    def test_nobody_waits_in_vain_while_control_restarts(self):
        """The sockets stay open with the supervisor: connections wait, they are not refused."""
        browser = self.server.browser()
        before = self.server.control_pid()
        os.kill(before, signal.SIGKILL)
        for _ in range(5):
            self.assertEqual(browser.request("GET", "/healthz")[0], 200)
            browser.close()


class Draining(ServerCase):
    def test_sigterm_lets_people_come_back(self):
        host_token, guest_token, _ = self.server.instant()
        host = self.join(host_token, "Host")
        guest = self.join(guest_token, "Guest")
        guest.done("hand", raised=True)
        stopper = threading.Thread(target=lambda: self.assertEqual(self.server.stop(signal.SIGTERM), 0))
        stopper.start()
        self.assertEqual(host.closed(), 1001)
        self.assertEqual(guest.closed(), 1001)
        stopper.join()
        with self.assertRaises((ConnectionError, OSError, Refused)):
            Socket(self.server.browser().host, origin=self.server.origin)
        self.server.start()
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        welcome = again.hello(resume=guest.token, ack=guest.received)
        self.assertEqual((welcome["mode"], welcome["you"]["id"]), ("state", guest.id))
        self.assertEqual(len(welcome["meeting"]["participants"]), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
