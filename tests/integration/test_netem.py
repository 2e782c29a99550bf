#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A path that loses 5 % of all packets each way and takes 20 ms: GStreamer sends over it by WHIP, and watches by WHEP.

A packet crosses it twice, so that without repair 1 - 0.95^2 = 9.75 % of them would be missing: several a second. One
try of a repair takes a round trip of 40 ms and fails where the request or the answer is lost, in 9.75 % of all cases.
There is time for four of them before a picture is due, so that fewer than one packet in ten thousand should stay lost.
LOST_FOR_GOOD leaves room for a machine that is late by itself.
"""
import contextlib
import json
import os
import subprocess
import time
import unittest
from pathlib import Path

from conclave import free_ports
from isolation import in_own_network, in_own_processes
from lossy_path import SERVER, LossyPath
from server import Server

LOSS, DELAY_MS = 0.05, 20
PATIENCE = 30  # for a whole peer: to connect, a handshake and some requests have to come through
SECONDS = 15  # that are looked at
LOST_FOR_GOOD = 0.01  # of the packets of the picture
FREEZE_SECONDS = 2  # at most: a packet that stays lost, and some tries to get a key frame instead
SHOWN = 0.85  # of the frames that were sent
HEARD = 0.95  # of the sound that was sent
FRAME_SECONDS = 0.02  # of sound
SOUND_ARRIVES = 0.85  # of its packets: 0.9025, less four standard deviations


class Peer:
    """One of the GStreamer programs, at the far end of the path."""

    def __init__(self, path, stack, program, token, *options):
        script = str(Path(__file__).with_name(program))
        self.process = stack.enter_context(subprocess.Popen(
            ["timeout", f"{2 * PATIENCE + SECONDS}", *path.people.inside, "/usr/bin/python3", "-B", script,
             token["url"], token["token"], *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ))

    def connected(self):
        return self.process.stdout.readline() == "connected\n"

    def statistics(self):
        """Counts since the last time."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def relay_figures(browser):
    status, _, text = browser.request("GET", "/metrics")
    assert status == 200
    lines = (line.split() for line in text.decode().splitlines() if line.startswith("conclave_relay_"))
    return {name.partition("{")[0].removeprefix("conclave_relay_"): int(value) for name, value in lines}


def difference(after, before):
    return {name: after[name] - before[name] for name in after}


class Netem(unittest.TestCase):
    def test_a_path_that_loses_5_percent(self):
        in_own_network(self.call)

    def test_the_load_tool_answers_too(self):
        in_own_network(self.load)

    def load(self):
        with contextlib.ExitStack() as stack:
            path = LossyPath(stack, LOSS, DELAY_MS)
            server, _ = self.serve(stack)
            done = subprocess.run(
                [*path.people.inside, os.environ["CONCLAVE"], "--data", server.data, "load", "--insecure",
                 "--subscribers", "1", "--seconds", "5"],
                capture_output=True, text=True, timeout=2 * PATIENCE, check=False,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            result, relayed = json.loads(done.stdout), relay_figures(server.browser())
            self.assertGreater(result["nacks"], 20, result)
            self.assertEqual(result["resent"], result["nacks"], result)
            self.assertGreater(relayed["repaired_total"], 0.85 * relayed["requested_total"], relayed)

    def call(self):
        with contextlib.ExitStack() as stack:
            path = LossyPath(stack, LOSS, DELAY_MS)
            server, admin = self.serve(stack)
            sender, watcher = self.people(path, stack, admin)
            end = time.monotonic() + PATIENCE
            while not watcher.statistics().get("video", {}).get("count"):
                self.assertLess(time.monotonic(), end, "no picture")
                time.sleep(0.5)
            time.sleep(1)
            browser = server.browser()
            sender.statistics()
            watcher.statistics()
            before, lost_before = relay_figures(browser), path.lost()
            time.sleep(SECONDS)
            sent, shown = sender.statistics(), watcher.statistics()
            relayed = difference(relay_figures(browser), before)
            self.assert_lossy(lost_before, path.lost())
            self.assert_repaired(sent["video"], relayed, shown["video"])
            self.assert_shown(sent["video"], shown["video"])
            self.assert_heard(sent["audio"], shown["audio"])

    def serve(self, stack):
        port = free_ports()
        server = Server(
            {
                "public_url": f"https://{SERVER}:{port}",
                "listen": {"addresses": [SERVER]},
                "relay": {"workers": 1, "port": port + 1},
                "metrics": {"allow": [SERVER]},
            },
            port=port,
        )
        stack.callback(server.close)
        return server, server.admin()

    def people(self, path, stack, admin):
        meeting = admin.api("POST", "/meetings", {"kind": "room", "title": "Far away"}, expect=201)["id"]
        peers = []
        for use, program, options in (("whip", "gst_whip.py", ["large"]), ("whep", "gst_whep.py", [])):
            token = admin.api("POST", f"/meetings/{meeting}/tokens", {"use": use, "label": use}, expect=201)
            peers.append(Peer(path, stack, program, token, *options))
        for peer in peers:
            self.assertTrue(peer.connected())
        return peers

    def assert_lossy(self, before, after):
        """The path was as bad as it was to be."""
        for (packets_before, lost_before), (packets, lost) in zip(before, after):
            packets, lost = packets - packets_before, lost - lost_before
            self.assertGreater(packets, 1000)
            self.assertAlmostEqual(lost / packets, LOSS, delta=0.02)

    def assert_repaired(self, sent, relayed, picture):
        """From the sender to the server, and from there to who watches."""
        self.assertGreater(sent["repeated"], 30, sent)
        self.assertGreaterEqual(sent["repeated"], 0.9 * sent["requested"], sent)
        self.assertGreater(relayed["requested_total"], 30, relayed)
        self.assertGreater(relayed["repaired_total"], 0.85 * relayed["requested_total"], relayed)
        self.assertLess(relayed["given_up_total"], 0.1 * relayed["requested_total"], relayed)
        self.assertGreater(relayed["retransmitted_total"], 30, relayed)
        self.assertGreater(picture["repeated"], 30, picture)
        self.assertGreater(picture["repaired"], 30, picture)
        self.assertLess(picture["lost"], LOST_FOR_GOOD * picture["packets"], (picture, relayed, sent))

    def assert_shown(self, sent, picture):
        self.assertGreater(picture["count"], SHOWN * sent["frames"], (picture, sent))
        self.assertLess(picture["longest_gap"], FREEZE_SECONDS, picture)

    def assert_heard(self, sent, sound):
        """Nobody repeats sound: what is missing, Opus makes up for from the packet after it."""
        self.assertGreater(sound["media_seconds"], HEARD * sent["frames"] * FRAME_SECONDS, (sound, sent))
        self.assertGreater(sound["audible"], HEARD * sound["count"], sound)
        self.assertGreater(sound["packets"] - sound["lost"], SOUND_ARRIVES * sound["packets"], sound)
        self.assertLess(sound["longest_gap"], FREEZE_SECONDS, sound)


if __name__ == "__main__":
    in_own_processes()
    # It takes a third of a core, but that in time: what runs beside it has no deadlines.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    unittest.main(verbosity=2)
