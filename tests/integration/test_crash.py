#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, a hundred times, while people write: what was acknowledged is there.

Half of the kills hit the control process alone, half the whole daemon. SEED=n repeats a run's choices.
"""
import http.client
import os
import random
import ssl
import threading
import time
import unittest

from peer import PATIENCE, Closed, Refused
from server import Server, token_of

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
BROKEN = (OSError, ssl.SSLError, http.client.HTTPException, Closed, Refused)


class Writer(threading.Thread):
    """Writes until told to stop, through all crashes; keeps what was promised to it."""

    def __init__(self, server, stop):
        super().__init__(daemon=True)
        self.server, self.stop = server, stop
        self.acknowledged = 0
        self.failure = None

    def run(self):
        while not self.stop.is_set():
            try:
                self.write()
            except BROKEN:
                self.broken()
                time.sleep(0.01)
            except Exception as failure:  # noqa: the main thread reports it
                self.failure = failure
                return

    def broken(self):
        pass


class Organiser(Writer):
    """Makes meetings and links over REST, renames and revokes them."""

    def __init__(self, server, stop, cookie):
        super().__init__(server, stop)
        self.browser = server.browser()
        self.browser.cookie = cookie
        self.titles = {}  # meeting: titles that it may have; more than one while a change is in doubt
        self.links = {}  # link: (meeting, whether it may be revoked or not)
        self.count = 0

    def api(self, method, path, body=None, expect=200):
        answer = self.browser.api(method, path, body, expect=None)
        if isinstance(answer, dict) and answer.get("status") == 503:
            raise ConnectionError("not now")  # refused, so nothing was promised
        if isinstance(answer, dict) and "status" in answer:
            raise AssertionError(f"{method} {path}: {answer}")
        self.acknowledged += 1
        return answer

    def write(self):
        self.count += 1
        title = f"Title {self.count}"
        if not self.titles or self.count % 4 == 1:
            made = self.api("POST", "/meetings", {"kind": "room", "title": title})
            self.titles[made["id"]] = {title}
            return
        meeting = list(self.titles)[-1]
        if self.count % 4 == 2:
            self.titles[meeting].add(title)
            self.api("PATCH", f"/meetings/{meeting}", {"title": title})
            self.titles[meeting] = {title}
        elif self.count % 4 == 3:
            made = self.api("POST", f"/meetings/{meeting}/links", {"role": "guest"})
            self.links[made["id"]] = (meeting, {False})
        elif self.links:
            link = list(self.links)[-1]
            of, _ = self.links[link]
            self.links[link] = (of, {False, True})
            self.api("DELETE", f"/meetings/{of}/links/{link}")
            self.links[link] = (of, {True})

    def broken(self):
        self.browser.close()

    def check(self, case):
        for meeting, titles in self.titles.items():
            found = self.browser.api("GET", f"/meetings/{meeting}", expect=200)
            case.assertIn(found["title"], titles)
        for meeting in {meeting for meeting, _ in self.links.values()}:
            items = self.browser.api("GET", f"/meetings/{meeting}/links", expect=200)["items"]
            found = {item["id"]: "revoked_at" in item for item in items}
            for link, (of, may_be) in self.links.items():
                if of == meeting:
                    case.assertIn(found[link], may_be)


class Participant(Writer):
    """Renames itself over and over in a meeting, and resumes after each crash."""

    def __init__(self, server, stop, token):
        super().__init__(server, stop)
        self.socket = server.browser().socket()
        self.socket.join(token, "0")
        self.id = self.socket.id
        self.token = self.socket.token
        self.sent = 0  # the name is a number
        self.kept = 0  # the highest that was acknowledged
        self.resumed = 0

    def write(self):
        if self.socket is None:
            self.resume()
        self.sent += 1
        self.socket.command("rename", name=str(self.sent))
        self.socket.wait_ack(self.socket.seq)
        self.socket.pending.clear()
        self.kept = self.sent
        self.acknowledged += 1

    def broken(self):
        self.socket = None

    def resume(self):
        socket = self.server.browser().socket()
        welcome = socket.hello(resume=self.token)
        if welcome["type"] != "welcome":
            raise AssertionError(f"the place is gone: {welcome}")
        self.check_name(welcome)
        self.socket, self.token = socket, socket.token
        self.resumed += 1

    def check_name(self, welcome):
        name = int(welcome["you"]["name"])
        if welcome["you"]["id"] != self.id or not self.kept <= name <= self.sent:
            raise AssertionError(f"acknowledged up to {self.kept}, sent up to {self.sent}, found {name}")

    def check(self, case):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.resume()
                break
            except BROKEN:
                case.assertLess(time.monotonic(), end)
        case.assertEqual(len(self.socket.welcome["meeting"]["participants"]), 2)


class Crashes(unittest.TestCase):
    def test_acknowledged_changes_survive(self):
        server = Server()
        self.addCleanup(server.close)
        dice = random.Random(SEED)
        stop = threading.Event()
        admin = server.admin()
        room = admin.api("POST", "/meetings", {"kind": "room", "title": "Room", "topology": "mesh"}, expect=201)
        links = [admin.api("POST", f"/meetings/{room['id']}/links", {"role": "guest"}, expect=201) for _ in range(2)]
        writers = [Organiser(server, stop, admin.cookie) for _ in range(2)]
        writers += [Participant(server, stop, token_of(link["url"])) for link in links]
        for writer in writers:
            writer.start()
        begun = time.monotonic()
        kills = 0
        while kills < KILLS and not any(writer.failure for writer in writers):
            time.sleep(dice.uniform(0, 0.12))
            if kills % 2:
                server.kill_all()
            else:
                server.kill_control()
            kills += 1
        took = time.monotonic() - begun
        time.sleep(0.5)
        stop.set()
        for writer in writers:
            writer.join(PATIENCE)
            if writer.failure:
                raise AssertionError(f"seed {SEED}, kill {kills}") from writer.failure
        for writer in writers:
            writer.broken()
            writer.check(self)
        acknowledged = sum(writer.acknowledged for writer in writers)
        print(f"# seed {SEED}: {kills} kills in {took:.0f} s, {acknowledged} acknowledged changes, all there")
        self.assertGreater(acknowledged, 2 * kills)
        self.assertGreater(min(writer.resumed for writer in writers[2:]), kills // 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
