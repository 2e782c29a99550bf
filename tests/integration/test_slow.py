#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that don't read: bounded, dropped, and nobody else's problem."""
import time
import unittest
from pathlib import Path

from server import ServerCase

DESCRIPTION = {"type": "offer", "sdp": "v=0\r\n" + "a=x\r\n" * 6000}  # over 40 KB in JSON


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


class Slow(ServerCase):
    def test_who_does_not_read_is_dropped_and_may_come_back(self):
        host_token, guest_token, _ = self.server.instant()
        host, guest = self.join(host_token, "Host"), self.join(guest_token, "Guest")
        host.next("joined")
        before = resident_bytes(self.server.control_pid())
        for _ in range(10):  # 256 KB may wait for one client
            host.command("signal", to=guest.id, session="s", description=DESCRIPTION)
        self.assertEqual(host.next("updated")["participant"]["presence"], "away")
        self.assertEqual(guest.closed(), 4013)
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        welcome = again.hello(resume=guest.token, ack=guest.received)
        self.assertEqual((welcome["mode"], welcome["you"]["id"]), ("state", guest.id))
        self.assertLess(resident_bytes(self.server.control_pid()) - before, 8 << 20)
        self.assertEqual(host.next("updated")["participant"]["presence"], "present")
        metrics = self.server.browser().request("GET", "/metrics")[2].decode()
        self.assertIn("conclave_websockets_slow_total 1\n", metrics)

    def test_who_acknowledges_slowly_but_reads_is_kept(self):
        host_token, guest_token, _ = self.server.instant()
        host, guest = self.join(host_token, "Host"), self.join(guest_token, "Guest")
        for _ in range(5):  # over 256 KB in all, under what one client may send in a minute
            for _ in range(3):
                host.command("signal", to=guest.id, session="s", description=DESCRIPTION)
            for _ in range(3):
                guest.next("signal")
            guest.send_json({"type": "ack", "ack": guest.received})
        self.assertIsNone(guest.done("hand", raised=True))

    def test_others_are_served_meanwhile(self):
        sleepers = []
        for _ in range(40):
            host_token, guest_token, _ = self.server.instant()
            sleepers += [self.join(host_token, "Host"), self.join(guest_token, "Guest")]
        for i in range(0, len(sleepers), 2):
            for _ in range(3):
                sleepers[i].command("signal", to=sleepers[i + 1].id, session="s", description=DESCRIPTION)
        browser = self.server.browser()
        worst = 0
        for _ in range(20):
            begun = time.monotonic()
            self.assertEqual(browser.request("GET", "/api/v1/server")[0], 200)
            worst = max(worst, time.monotonic() - begun)
        self.assertLess(worst, 2)  # far from what a blocked loop would take, even on a busy machine


if __name__ == "__main__":
    unittest.main(verbosity=2)
