#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Calls through the server: when they are, and what becomes of them when something dies. The peers
are aiortc's, so Debian's own Python has to run this."""
import os
import signal
import time
import unittest

from conclave import process_tree
from media_peer import MediaPeer
from peer import Closed
from server import Server, ServerCase

WORKERS = 2


def processes(server, role):
    """The pids of the daemon's processes of that role, by the name that each gives itself."""
    found = []
    for pid in process_tree(server.pid)[1:]:
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as comm:
                if comm.read().strip().startswith(role):
                    found.append(pid)
        except FileNotFoundError:
            pass
    return found


class Modes(ServerCase):
    config = {"relay": {"workers": WORKERS}}

    def media(self, **options):
        media = MediaPeer(**options)
        self.addCleanup(media.close)
        return media

    def connect(self, peer, session="s1", level=200, rids=(), **options):
        """The peer's connection to the relay: sound and picture up, one slot of each down."""
        media = self.media(sends=["audio", "video"], receives=["audio", "video"], level=level, **options)
        offer = media.offer()
        if rids:
            lines = "".join(f"a=rid:{rid} send\r\n" for rid in rids) + f"a=simulcast:send {';'.join(rids)}\r\n"
            offer = offer.replace("a=mid:1\r\n", "a=mid:1\r\n" + lines)
        peer.command("relay", session=session, description={"type": "offer", "sdp": offer})
        answer = peer.next("relay", "relay_gone", "error")
        self.assertEqual(answer["type"], "relay", answer)
        self.assertEqual(answer["session"], session)
        self.assertEqual(answer["description"]["type"], "answer")
        media.answer(answer["description"]["sdp"])
        media.wait_connected()
        return media

    def want(self, peer, media, whom, session="s1"):
        slot = {"mid": media.mids("video", "recvonly")[0], "participant": whom, "source": "camera",
                "width": 160, "height": 120}
        peer.command("want", session=session, slots=[slot])
        return slot["mid"]

    def three(self):
        host, guest, meeting = self.server.instant()
        peers = [self.join(host, "Ana"), self.join(guest, "Ben")]
        self.assertEqual(peers[0].welcome["meeting"]["mode"], "direct")
        peers.append(self.join(guest, "Cem"))
        self.assertEqual(peers[2].welcome["meeting"]["mode"], "relayed")
        for peer in peers[:2]:
            self.assertEqual(peer.next("meeting")["mode"], "relayed")
        return peers, meeting

    def test_three_see_and_hear_one_another(self):
        (ana, ben, cem), meeting = self.three()
        media = [self.connect(peer, level=level) for peer, level in ((ana, 60), (ben, 120), (cem, 200))]
        mid = self.want(ana, media[0], cem.id)
        media[0].wait(lambda: abs(media[0].levels.get(mid, 0) - 200) < 20)
        self.want(ana, media[0], ben.id)
        media[0].wait(lambda: abs(media[0].levels.get(mid, 0) - 120) < 20)
        sound = media[2].mids("audio", "recvonly")[0]
        media[2].wait(lambda: media[2].frames.get(sound, 0) > 20)
        slots = ana.next("slots")
        self.assertEqual(slots["session"], "s1")
        self.assertEqual(cem.next("watched")["session"], "s1")
        ben.done("leave")
        time.sleep(1)
        for peer in (ana, cem):
            peer.done("leave")
        self.check_record(meeting)

    def check_record(self, meeting):
        end = time.monotonic() + 5
        while True:
            done = self.server.conclave("cdr", "list", "--format", "csv", "--meeting", meeting["id"])
            if done.stdout.count("relay_packets_sent") == 3 or time.monotonic() > end:
                break
            time.sleep(0.1)
        self.assertEqual(done.stdout.count("Server: connecting, connected (udp), closed"), 3, done.stdout)
        self.assertEqual(done.stdout.count("relay_packets_sent"), 3, done.stdout)

    def test_a_moderator_asks_and_lets_go(self):
        host, guest, _ = self.server.instant()
        ana, ben = self.join(host, "Ana"), self.join(guest, "Ben")
        refused = ben.done("mode", relayed=True)
        self.assertEqual(refused["code"], "denied")
        refused = ben.done("relay", session="s", description={"type": "offer", "sdp": "v=0"})
        self.assertEqual(refused["code"], "state")
        ana.done("mode", relayed=True)
        told = ben.next("meeting")
        self.assertEqual((told["mode"], told["relay_asked"]), ("relayed", True))
        ana.command("mode", relayed=False)
        while (told := ben.next("meeting"))["relay_asked"]:
            self.assertEqual(told["mode"], "relayed")
        self.assertEqual(told["mode"], "relayed")
        begun = time.monotonic()
        self.assertEqual(ben.next("meeting", seconds=15)["mode"], "direct")
        self.assertGreater(time.monotonic() - begun, 9)

    def test_an_offer_that_is_none(self):
        (ana, *_), _ = self.three()
        ana.command("relay", session="s9", description={"type": "offer", "sdp": "v=0\r\n"})
        gone = ana.next("relay_gone")
        self.assertEqual((gone["session"], gone["code"]), ("s9", "bad-offer"))
        self.assertTrue(gone["message"])

    def test_what_is_passed_arrives_and_is_bounded(self):
        (ana, ben, cem), _ = self.three()
        ana.command("pass", to="all", channel="chat", data="hello")
        for peer in (ben, cem):
            self.assertEqual(peer.next("passed")["data"], "hello")
        ana.command("pass", to=cem.id, channel="control", data="for you")
        passed = cem.next("passed")
        self.assertEqual((passed["from"], passed["channel"]), (ana.id, "control"))
        errors = [ana.done("pass", to=ben.id, channel="chat", data="x" * 8000) for _ in range(10)]
        self.assertIn("full", [error["code"] for error in errors if error])
        self.assertIsNone(errors[0])

    def test_who_is_muted_is_not_heard(self):
        (ana, ben, cem), _ = self.three()
        ben.command("media", audio=True, video=True, screen=False)
        media = [self.connect(peer) for peer in (ana, ben)]
        sound = media[0].mids("audio", "recvonly")[0]
        media[0].wait(lambda: media[0].frames.get(sound, 0) > 20)
        ana.done("mute", participant=ben.id, kind="audio")
        self.assertEqual(ben.next("muted")["kind"], "audio")
        time.sleep(1)
        before = media[0].frames[sound]
        time.sleep(1)
        self.assertLess(media[0].frames[sound] - before, 5)
        ben.command("media", audio=True, video=True, screen=False)
        media[0].wait(lambda: media[0].frames[sound] > before + 20)

    def test_who_is_removed_is_out_of_the_relay(self):
        (ana, ben, _), _ = self.three()
        media = [self.connect(peer) for peer in (ana, ben)]
        sounds = [each.mids("audio", "recvonly")[0] for each in media]
        for each, sound in zip(media, sounds):
            each.wait(lambda each=each, sound=sound: each.frames.get(sound, 0) > 20)
        ana.done("remove", participant=ben.id)
        self.assertEqual(ben.closed(), 4001)
        time.sleep(1)
        before = [each.frames[sound] for each, sound in zip(media, sounds)]
        time.sleep(1)
        for each, sound, count in zip(media, sounds, before):
            self.assertLess(each.frames[sound] - count, 5)


class Deaths(unittest.TestCase):
    """Each with a daemon of its own, for a part of it dies."""

    connect, want, media = Modes.connect, Modes.want, Modes.media

    def setUp(self):
        self.server = Server({"relay": {"workers": 1}})
        self.addCleanup(self.server.close)

    def join(self, token, name):
        return ServerCase.join(self, token, name)

    def two_connected(self):
        host, guest, _ = self.server.instant()
        ana, ben = self.join(host, "Ana"), self.join(guest, "Ben")
        ana.done("mode", relayed=True)
        media = [self.connect(ana, level=60), self.connect(ben, level=200)]
        mid = self.want(ana, media[0], ben.id)
        media[0].wait(lambda: abs(media[0].levels.get(mid, 0) - 200) < 20)
        return ana, ben, media, mid

    def test_a_worker_killed_is_offered_to_anew(self):
        ana, ben, _, _ = self.two_connected()
        begun = time.monotonic()
        os.kill(processes(self.server, "conclave-media")[0], signal.SIGKILL)
        for peer in (ana, ben):
            gone = peer.next("relay_gone")
            self.assertEqual((gone["session"], gone["code"]), ("s1", "lost"))
        media = None
        while media is None:
            try:
                media = self.connect(ana, session=f"s{time.monotonic_ns()}")
            except AssertionError:
                if time.monotonic() - begun > 10:
                    raise
                time.sleep(0.1)

    def test_media_goes_on_without_control(self):
        ana, ben, media, mid = self.two_connected()
        token, received = ana.token, ana.received
        self.server.kill_control()
        before = media[0].frames[mid]
        media[0].wait(lambda: media[0].frames[mid] > before + 10)
        for peer in (ana, ben):
            try:
                while True:
                    peer.receive(5)
            except (Closed, OSError):
                pass
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        welcome = again.hello(resume=token, ack=received)
        self.assertEqual((welcome["mode"], welcome["meeting"]["mode"]), ("state", "relayed"))
        self.assertTrue(welcome["meeting"]["relay_asked"])
        self.assertEqual(again.next("slots")["session"], "s1")
        # Who does not come back in 30 s has no place, and no media.
        while again.next("left", seconds=40)["id"] != ben.id:
            pass
        time.sleep(1)
        before = media[0].frames[mid]
        time.sleep(1)
        self.assertLess(media[0].frames[mid] - before, 3)

    def test_what_is_watched_is_told_again_after_control_died(self):
        """A client stops encoding what it isn't told of: after a restart, too, encodings have names."""
        host, guest, _ = self.server.instant()
        ana, ben = self.join(host, "Ana"), self.join(guest, "Ben")
        ana.done("mode", relayed=True)
        media = [self.connect(ana, rids=("q", "h")), self.connect(ben)]
        self.want(ben, media[1], ana.id)
        while not (watched := ana.next("watched")["camera"]):
            pass
        self.assertEqual(watched, ["q"])
        self.server.kill_control()
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        self.assertEqual(again.hello(resume=ana.token, ack=ana.received)["mode"], "state")
        self.assertEqual(again.next("watched")["camera"], watched)


if __name__ == "__main__":
    unittest.main()
