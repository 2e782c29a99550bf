#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The media workers: what they may do, what they send and how, and what strangers can't do to them.
The peers are aiortc's, so Debian's own Python has to run this."""
import os
import re
import signal
import socket
import struct
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import media_peer
import test_modes
from conclave import process_tree
from server import Server, ServerCase


class Noise(media_peer.Picture):
    """Pictures that don't compress: each takes many packets."""

    async def recv(self):
        frame = await super().recv()
        for plane in frame.planes:
            plane.update(os.urandom(plane.buffer_size))
        return frame


class Framed:
    """Turns a peer's UDP into ICE over TCP (RFC 4571 frames): for peers that speak only UDP."""

    def __init__(self, target):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.create_connection(target, timeout=5)
        self.tcp.settimeout(None)
        self.peer = None
        for target in (self._up, self._down):
            threading.Thread(target=target, daemon=True).start()

    def _up(self):
        try:
            while True:
                datagram, self.peer = self.udp.recvfrom(65536)
                self.tcp.sendall(struct.pack(">H", len(datagram)) + datagram)
        except OSError:
            pass

    def _down(self):
        try:
            stream = self.tcp.makefile("rb")
            while header := stream.read(2):
                datagram = stream.read(struct.unpack(">H", header)[0])
                if self.peer:
                    self.udp.sendto(datagram, self.peer)
        except OSError:
            pass

    def close(self):
        for one in (self.tcp, self.udp):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


class RelayCase(unittest.TestCase):
    """A daemon of its own, with two workers."""

    relay = {"workers": 2}
    want, media = test_modes.Modes.want, test_modes.Modes.media

    def setUp(self):
        self.server = Server({"relay": self.relay})
        self.addCleanup(self.server.close)
        self.port = self.server.relay["port"]

    def join(self, token, name):
        return ServerCase.join(self, token, name)

    def connect(self, peer, session="s1", level=200, by=lambda sdp: sdp):
        media = self.media(sends=["audio", "video"], receives=["audio", "video"], level=level)
        peer.command("relay", session=session, description={"type": "offer", "sdp": media.offer()})
        answer = peer.next("relay", "relay_gone", "error")
        self.assertEqual(answer["type"], "relay", answer)
        media.answer(by(answer["description"]["sdp"]))
        media.wait_connected()
        return media

    def meeting(self, *names):
        """People in one meeting that goes through the server."""
        host, guest, _ = self.server.instant()
        first = self.join(host, names[0])
        people = [first, *(self.join(guest, name) for name in names[1:])]
        first.done("mode", relayed=True)
        return people

    def wait_picture(self, media, mid, level):
        media.wait(lambda: abs(media.levels.get(mid, 0) - level) < 20)

    def figures(self, *names):
        """For each name a list with the figure of each worker, not older than a second."""
        time.sleep(1.2)
        text = self.server.browser().request("GET", "/metrics")[2].decode()
        lists = [
            [int(value) for value in re.findall(rf'^conclave_relay_{name}{{worker="\d+"}} (\d+)$', text, re.M)]
            for name in names
        ]
        self.assertEqual({len(values) for values in lists}, {self.relay["workers"]}, names)
        return lists if len(lists) > 1 else lists[0]

    def totals(self, *names):
        return [sum(values) for values in self.figures("peers", *(f"{name}_total" for name in names))[1:]]


class Workers(RelayCase):
    def test_each_is_locked_in(self):
        workers = test_modes.processes(self.server, "conclave-media")
        self.assertEqual(len(workers), 2)
        self.figures("peers")  # they have started, and told of themselves
        for pid in workers:
            status = dict(
                line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
            )
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
            self.assertEqual(int(status["CapEff"], 16), 0)
            for fd in Path(f"/proc/{pid}/fd").iterdir():
                if int(fd.name) > 2:
                    self.assertRegex(os.readlink(fd), r"^(socket:|anon_inode:\[event)")

    def test_pictures_leave_in_runs(self):
        ana, ben = self.meeting("Ana", "Ben")
        with mock.patch("media_peer.Picture", Noise):
            media = [self.connect(ana), self.connect(ben)]
        mid = self.want(ana, media[0], ben.id)
        media[0].wait(lambda: media[0].frames.get(mid, 0) > 5)
        frames = media[0].frames[mid]  # by now: the figures are newer
        datagrams, runs, sends = self.totals("datagrams_out", "runs", "sends")
        # Sound leaves packet by packet; a picture takes several, all but the last of one size.
        self.assertGreater(datagrams - runs, frames)
        self.assertGreaterEqual(runs, sends)
        self.assertEqual(self.totals("unsent", "split", "forged", "malformed", "bridge_dropped"), [0] * 5)

    def test_what_strangers_send_is_counted_and_nothing_else(self):
        ana, ben = self.meeting("Ana", "Ben")
        media = [self.connect(ana, level=60), self.connect(ben, level=200)]
        mid = self.want(ana, media[0], ben.id)
        self.wait_picture(media[0], mid, 200)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.settimeout(0.3)
            for worker in range(2):
                target = ("127.0.0.1", self.port + worker)
                for size in (1, 12, 100, 1400, 5000):
                    for first in (0, 1, 20, 22, 64, 128, 200, 255):
                        stranger.sendto(bytes([first]) + os.urandom(size - 1), target)
            with self.assertRaises(TimeoutError):  # nobody is answered
                stranger.recv(65536)
        strangers, oversized = self.figures("strangers_total", "oversized_total")
        self.assertEqual((strangers, oversized), ([32, 32], [8, 8]))
        before = media[0].frames[mid]
        media[0].wait(lambda: media[0].frames[mid] > before + 5)

    def test_tcp_that_is_no_ice(self):
        target = ("127.0.0.1", self.port)
        with socket.create_connection(target) as malformed, socket.create_connection(target) as whole:
            malformed.sendall(b"GET / HTTP/1.1\r\n\r\n")  # "GE": a frame of 18245 bytes
            malformed.settimeout(3)
            self.assertIn(self.read_end(malformed), (b"", None))
            whole.sendall(struct.pack(">H", 1000) + os.urandom(1000) + b"\x00")
            figures = self.figures("strangers_total", "tcp_connections", "tcp_ended_total")
            self.assertEqual([values[0] for values in figures], [1, 1, 1])
        many = [socket.create_connection(target) for _ in range(40)]
        self.addCleanup(lambda: [one.close() for one in many])
        figures = self.figures("tcp_connections", "tcp_refused_total")
        self.assertEqual([values[0] for values in figures], [32, 8])
        time.sleep(11)  # who never has an answer does not hold a place
        self.assertEqual(self.figures("tcp_connections")[0], 0)

    def read_end(self, connection):
        try:
            return connection.recv(10)
        except ConnectionResetError:
            return None

    def test_media_by_tcp(self):
        ana, ben = self.meeting("Ana", "Ben")

        def framed(sdp):
            passive = re.search(r"^a=candidate:\S+ 1 tcp \d+ 127\.0\.0\.1 (\d+) typ host tcptype passive", sdp, re.M | re.I)
            self.assertTrue(passive, sdp)
            way = Framed(("127.0.0.1", int(passive[1])))
            self.addCleanup(way.close)
            return re.sub(rf"(?m)^(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) {passive[1]} ", rf"\1 {way.port} ", sdp)

        media = [self.connect(ana, level=60, by=framed), self.connect(ben, level=200)]
        self.wait_picture(media[0], self.want(ana, media[0], ben.id), 200)
        self.wait_picture(media[1], self.want(ben, media[1], ana.id), 60)
        self.assertEqual(self.totals("tcp_accepted", "tcp_dropped", "tcp_ended"), [1, 0, 0])


class Spread(RelayCase):
    """A meeting that no worker can hold alone."""

    relay = {"workers": 2, "peers": 2}

    levels = (60, 120, 200)

    def spread(self):
        """Three people, two of them on one worker; each sees the next one."""
        people = self.meeting("Ana", "Ben", "Cem")
        media = [self.connect(person, level=level) for person, level in zip(people, self.levels)]
        self.assertEqual(sorted(self.figures("peers")), [1, 2])
        mids = [self.want(people[i], media[i], people[(i + 1) % 3].id) for i in range(3)]
        for i in range(3):
            self.wait_picture(media[i], mids[i], self.levels[(i + 1) % 3])
        self.assertTrue(all(count > 0 for count in self.figures("bridge_out_total")))
        self.assertEqual(self.totals("bridge_bad", "bridge_dropped"), [0, 0])
        return people, media, mids

    def test_over_two_workers_and_what_one_s_death_costs(self):
        people, media, _ = self.spread()
        self.lose_one(people, media, signal.SIGKILL)
        self.assertEqual(self.figures("hung_total"), [0, 0])

    def test_one_that_hangs_costs_hardly_more(self):
        people, media, _ = self.spread()
        alone = self.lose_one(people, media, signal.SIGSTOP)
        self.assertEqual(self.figures("hung_total"), [int(worker == alone) for worker in range(2)])
        self.assertIn("a media worker hangs and is killed", self.server.errors())
        self.server.kill_control()  # the supervisor is who counts
        self.assertEqual(sum(self.figures("hung_total")), 1)

    def test_a_daemon_that_stood_still_goes_on(self):
        """As on a laptop that was asleep: nobody could say a word, so nobody is killed for it."""
        people, media, mids = self.spread()
        processes = process_tree(self.server.pid)
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(5)
        for pid in processes:  # the supervisor first, to which all the others are silent
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.2)
        before = [media[i].frames[mids[i]] for i in range(3)]
        for i in range(3):
            media[i].wait(lambda: media[i].frames[mids[i]] > before[i] + 5)
        time.sleep(4)
        self.assertEqual(process_tree(self.server.pid), processes)
        self.assertEqual(self.figures("hung_total"), [0, 0])
        self.assertNotIn("hangs", self.server.errors())

    def lose_one(self, people, media, how):
        """The worker with one peer: the other two see one another all the same, and then all three again."""
        alone = self.figures("peers").index(1)
        workers = {self.worker_port(pid): pid for pid in test_modes.processes(self.server, "conclave-media")}
        os.kill(workers[self.port + alone], how)
        begun = time.monotonic()
        lost = self.first_lost(people)
        told = time.monotonic() - begun
        staying = [i for i in range(3) if i != lost]
        again = None
        while again is None:
            try:
                again = self.connect(people[lost], session="s2", level=90)
            except AssertionError:
                if time.monotonic() - begun > 10:
                    raise
        for i in staying:
            mid = self.want(people[i], media[i], people[lost].id)
            self.wait_picture(media[i], mid, 90)
        print(f"# {how.name}: told after {told:.2f} s, seen again after {time.monotonic() - begun:.2f} s")
        self.assertEqual(sorted(self.figures("peers")), [1, 2])
        return alone

    def first_lost(self, people):
        """Whose connection went with a worker."""
        end = time.monotonic() + 8
        while time.monotonic() < end:
            for i, person in enumerate(people):
                try:
                    person.next("relay_gone", seconds=0.1)
                    return i
                except TimeoutError:
                    pass
        raise AssertionError("nobody was told")

    def worker_port(self, pid):
        """The UDP port of a worker, by the sockets that it holds."""
        held = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()}
        for line in Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in held:
                return int(fields[1].partition(":")[2], 16)
        return None


if __name__ == "__main__":
    unittest.main()
