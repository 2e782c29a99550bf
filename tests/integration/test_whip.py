#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""WHIP (RFC 9725) and WHEP with aiortc, and what is refused. Debian's own Python has to run this."""
import sqlite3
import subprocess
import time
import unittest
from pathlib import Path

from media_peer import MediaPeer
from server import ServerCase

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


class Whip(ServerCase):
    config = {"relay": {"workers": 1}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()

    def setUp(self):
        self.meeting = self.ada.api("POST", "/meetings", {"kind": "room", "title": "Show"}, expect=201)["id"]

    def token(self, use, label="Camera 1", **fields):
        return self.ada.api(
            "POST", f"/meetings/{self.meeting}/tokens", {"use": use, "label": label, **fields}, expect=201
        )

    def ask(self, method, path, token=None, body=None, **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        browser = self.server.browser()
        self.addCleanup(browser.close)
        return browser.request(method, path, body, headers, origin=False)

    def path_of(self, url):
        self.assertTrue(url.startswith(self.server.origin), url)
        return url[len(self.server.origin):]

    def begin(self, token, path=None, **options):
        """(media, path of the session, headers) of somebody who is in by WHIP or WHEP."""
        media = MediaPeer(**options)
        self.addCleanup(media.close)
        status, headers, body = self.ask(
            "POST", path or self.path_of(token["url"]), token["token"], media.offer().encode(), **SDP
        )
        self.assertEqual(status, 201, body)
        self.assertEqual(headers["Content-Type"], "application/sdp")
        self.assertTrue(headers["ETag"])
        self.assertIn('rel="ice-server"', headers["Link"])
        media.answer(body.decode())
        media.wait_connected()
        return media, self.path_of(headers["Location"]), headers

    def host(self):
        peer = self.ada.socket()
        self.addCleanup(peer.drop)
        self.assertEqual(peer.hello(meeting=self.meeting)["type"], "welcome")
        return peer

    def test_one_sends_and_another_watches(self):
        ana = self.host()
        self.assertEqual(ana.welcome["meeting"]["mode"], "direct")
        whip, whep = self.token("whip"), self.token("whep", "Wall")
        _, session, _ = self.begin(whip, sends=["audio", "video"], level=200)
        camera = ana.next("joined")["participant"]
        self.assertEqual((camera["name"], camera["via"], camera["role"]), ("Camera 1", "whip", "guest"))
        self.assertEqual(ana.next("meeting")["mode"], "relayed")
        self.assertEqual(ana.next("updated")["participant"]["media"], {"audio": True, "video": True, "screen": False})
        for path in (None, f"/whep/{self.meeting}/{camera['id']}"):
            watcher, watching, _ = self.begin(whep, path, receives=["audio", "video"])
            self.assertEqual(ana.next("joined")["participant"]["via"], "whep")
            mid = watcher.mids("video", "recvonly")[0]
            watcher.wait(lambda watcher=watcher, mid=mid: abs(watcher.levels.get(mid, 0) - 200) < 20)
            self.assertEqual(self.ask("DELETE", watching, whep["token"])[0], 200)
            ana.next("left")
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 200)
        self.assertEqual(ana.next("left")["id"], camera["id"])
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 404)

    def test_gstreamer_sends(self):
        ana = self.host()
        whip, whep = self.token("whip", "GStreamer"), self.token("whep", "Wall")
        script = Path(__file__).with_name("gst_whip.py")
        sender = subprocess.Popen(
            ["/usr/bin/python3", "-B", str(script), whip["url"], whip["token"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(sender.wait, timeout=10)
        self.addCleanup(sender.stdout.close)
        self.addCleanup(sender.stdin.close)
        self.assertEqual(sender.stdout.readline(), "connected\n")
        self.assertEqual(ana.next("joined")["participant"]["name"], "GStreamer")
        watcher, _, _ = self.begin(whep, receives=["audio", "video"])
        mid = watcher.mids("video", "recvonly")[0]
        watcher.wait(lambda: watcher.levels.get(mid, 0) > 200)
        sound = watcher.mids("audio", "recvonly")[0]
        watcher.wait(lambda: watcher.frames.get(sound, 0) > 20)

    def test_a_moderator_removes_and_the_owner_revokes(self):
        ana = self.host()
        whip = self.token("whip")
        _, session, _ = self.begin(whip, sends=["audio"])
        camera = ana.next("joined")["participant"]["id"]
        ana.done("remove", participant=camera)
        self.assertEqual(ana.next("left")["reason"], "removed")
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 404)
        self.begin(whip, sends=["audio"])
        camera = ana.next("joined")["participant"]["id"]
        self.ada.api("DELETE", f"/meetings/{self.meeting}/tokens/{whip['id']}", expect=204)
        self.assertEqual(ana.next("left")["id"], camera)
        status, headers, _ = self.ask("POST", self.path_of(whip["url"]), whip["token"], b"v=0\r\n", **SDP)
        self.assertEqual(status, 401)
        self.assertTrue(headers["WWW-Authenticate"].startswith("Bearer"))
        listed = self.ada.api("GET", f"/meetings/{self.meeting}/tokens", expect=200)["items"]
        self.assertTrue(listed[0]["revoked_at"])
        self.assertNotIn("token", listed[0])
        self.assertEqual(self.ada.api("GET", f"/meetings/{self.meeting}/links", expect=200)["items"], [])

    def record_of(self, label):
        """What the call data record says of it: why it left, and the states of its connection."""
        (record,) = self.ada.api("GET", f"/meetings/{self.meeting}/records", expect=200)["items"]
        (person,) = [p for p in record["participants"] if p["name"] == label]
        return person.get("left_reason"), [c["state"] for c in person["connections"]]

    def assert_ended(self, label, why):
        """In the record: why it left, and that its connection was closed."""
        end = time.monotonic() + 5
        while (record := self.record_of(label))[1][-1:] != ["closed"] and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(record, (why, ["connecting", "connected", "closed"]))

    def test_revoking_a_token_ends_what_it_began(self):
        ana = self.host()
        for use, options in (("whip", {"sends": ["audio"]}), ("whep", {"receives": ["audio"]})):
            token = self.token(use, use)
            _, session, _ = self.begin(token, **options)
            who = ana.next("joined")["participant"]["id"]
            self.ada.api("DELETE", f"/meetings/{self.meeting}/tokens/{token['id']}", expect=204)
            gone = ana.next("left", seconds=2)
            self.assertEqual((gone["id"], gone["reason"]), (who, "removed"))
            self.assert_ended(use, "revoked")
            self.assertEqual(self.ask("DELETE", session, token["token"])[0], 401)

    def set_expiry(self, token, seconds):
        database = sqlite3.connect(self.server.data / "conclave.db", timeout=10)
        at_us = int((time.time() + seconds) * 1e6)
        with database:
            changed = database.execute("UPDATE links SET expires_at_us = ? WHERE id = ?", (at_us, token["id"]))
        self.assertEqual(changed.rowcount, 1)
        database.close()

    def test_a_token_that_runs_out_ends_what_it_began(self):
        ana = self.host()
        watcher, _, _ = self.begin(self.token("whep", "Wall"), receives=["audio"])
        sound = watcher.mids("audio", "recvonly")[0]
        ana.next("joined")
        token = self.token("whip")
        self.set_expiry(token, 10)
        _, session, _ = self.begin(token, sends=["audio"])
        who = ana.next("joined")["participant"]["id"]
        watcher.wait(lambda: watcher.frames.get(sound, 0) > 20)
        gone = ana.next("left", seconds=15)
        self.assertEqual((gone["id"], gone["reason"]), (who, "left"))
        self.assert_ended("Camera 1", "expired")
        time.sleep(0.5)
        before = watcher.frames[sound]
        time.sleep(0.5)
        self.assertEqual(watcher.frames[sound], before)
        self.assertEqual(self.ask("DELETE", session, token["token"])[0], 401)

    def test_a_token_runs_out_after_a_restart_too(self):
        token = self.token("whep", "Wall")
        self.set_expiry(token, 12)
        _, session, headers = self.begin(token, receives=["audio"])
        who = session.rpartition("/")[2]
        self.server.kill_control()
        self.assertEqual(self.ask("PATCH", session, token["token"], b"a", If_Match=headers["ETag"], **FRAGMENT)[0], 204)
        ana = self.host()
        self.assertIn(who, [p["id"] for p in ana.welcome["meeting"]["participants"]])
        self.assertEqual(ana.next("left", seconds=20)["id"], who)
        self.assertEqual(self.record_of("Wall")[0], "expired")

    def test_the_same_token_takes_the_place_over(self):
        ana = self.host()
        whip = self.token("whip")
        _, first, _ = self.begin(whip, sends=["audio"])
        before = ana.next("joined")["participant"]["id"]
        self.begin(whip, sends=["audio"])
        self.assertEqual(ana.next("left")["id"], before)
        self.assertNotEqual(ana.next("joined")["participant"]["id"], before)
        self.assertEqual(self.ask("DELETE", first, whip["token"])[0], 404)

    def test_trickle_and_restart(self):
        self.host()
        whip = self.token("whip")
        _, session, headers = self.begin(whip, sends=["audio"])
        etag, token = headers["ETag"], whip["token"]
        candidate = b"a=ice-ufrag:x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n"
        self.assertEqual(self.ask("PATCH", session, token, candidate, **FRAGMENT)[0], 428)
        self.assertEqual(self.ask("PATCH", session, token, candidate, If_Match='"99"', **FRAGMENT)[0], 412)
        self.assertEqual(self.ask("PATCH", session, token, candidate, If_Match=etag, **SDP)[0], 415)
        self.assertEqual(self.ask("PATCH", session, token, candidate, If_Match=etag, **FRAGMENT)[0], 204)
        self.assertEqual(self.ask("PATCH", session, token, candidate, If_Match="*", **FRAGMENT)[0], 400)
        restart = b"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        status, headers, body = self.ask("PATCH", session, token, restart, If_Match="*", **FRAGMENT)
        self.assertEqual(status, 200, body)
        self.assertEqual(headers["Content-Type"], "application/trickle-ice-sdpfrag")
        self.assertNotEqual(headers["ETag"], etag)
        self.assertIn(b"a=ice-ufrag:", body)
        self.assertIn(b"a=candidate:", body)
        self.assertEqual(self.ask("PATCH", session, token, candidate, If_Match=etag, **FRAGMENT)[0], 412)
        self.assertEqual(self.ask("PATCH", session, "wrong", candidate, If_Match=etag, **FRAGMENT)[0], 401)

    def test_what_is_refused(self):
        self.host()
        whip, whep = self.token("whip"), self.token("whep")
        path, token = self.path_of(whip["url"]), whip["token"]
        offer = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        for expected, request in (
            (401, ("POST", path, None, offer)),
            (401, ("POST", path, "wrong", offer)),
            (403, ("POST", path, whep["token"], offer)),
            (403, ("POST", "/whip/mother", token, offer)),
            (404, ("POST", "/whip/", token, offer)),
            (404, ("POST", f"/whip/{self.meeting}/p1", token, offer)),
            (405, ("GET", path, token, None)),
            (405, ("PUT", path, token, offer)),
            (405, ("POST", f"{path}/session/p1", token, offer)),
            (404, ("DELETE", f"{path}/session/p1", token, None)),
        ):
            status, headers, body = self.ask(*request, **SDP)
            self.assertEqual(status, expected, request)
            self.assertEqual(headers["Content-Type"], "application/problem+json")
            self.assertTrue(body["detail"])
        self.assertEqual(self.ask("POST", path, token, offer, Content_Type="text/plain")[0], 415)
        self.assertEqual(self.ask("POST", path, token, b"", **SDP)[0], 400)
        status, _, body = self.ask("POST", path, token, offer, **SDP)
        self.assertIn(status, (400, 422))
        self.assertTrue(body["type"].endswith("bad-offer"), body)
        status, headers, _ = self.ask("OPTIONS", path)
        self.assertEqual((status, headers["Accept-Post"]), (204, "application/sdp"))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        status, headers, _ = self.ask("OPTIONS", f"{path}/session/p1")
        self.assertEqual((status, headers["Accept-Patch"]), (204, "application/trickle-ice-sdpfrag"))

    def test_a_token_is_no_link(self):
        ana = self.host()
        whip = self.token("whip")
        peer = self.server.browser().socket()
        self.addCleanup(peer.drop)
        self.assertEqual(peer.hello(link=whip["token"], name="Eve")["code"], "unknown")
        ana.done("lock", locked=True)
        status, _, body = self.ask("POST", self.path_of(whip["url"]), whip["token"], b"v=0\r\n", **SDP)
        self.assertEqual((status, body["type"].rpartition(":")[2]), (403, "locked"))

    def test_tokens_by_the_command_line(self):
        made = self.server.conclave("token", "create", self.meeting, "whep", "--label", "Wall", "--hours", "2")
        self.assertEqual(made.returncode, 0, made.stderr)
        lines = dict(line.split(":", 1) for line in made.stdout.splitlines())
        self.assertTrue(lines["URL"].strip().endswith(f"/whep/{self.meeting}"))
        listed = self.server.conclave("token", "list", self.meeting).stdout
        self.assertIn(lines["Id"].strip(), listed)
        self.assertNotIn(lines["Token"].strip(), listed)
        self.assertEqual(self.server.conclave("token", "revoke", self.meeting, lines["Id"].strip()).returncode, 0)
        self.assertEqual(self.ask("POST", f"/whep/{self.meeting}", lines["Token"].strip(), b"v=0", **SDP)[0], 401)
        self.assertEqual(self.server.conclave("token", "create", self.meeting, "both", "--label", "x").returncode, 1)

    def test_no_session_outlives_its_connection(self):
        whip = self.token("whip")
        _, session, headers = self.begin(whip, sends=["audio"])
        self.server.kill_all()
        end = time.monotonic() + 5
        status = 503
        while status == 503 and time.monotonic() < end:  # until the workers have said whom they have
            status, _, _ = self.ask("PATCH", session, whip["token"], b"a", If_Match=headers["ETag"], **FRAGMENT)
        self.assertEqual(status, 404)
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 200)
        people = self.host().welcome["meeting"]["participants"]
        self.assertEqual([p for p in people if "via" in p], [])

    def test_it_goes_on_without_control(self):
        whip = self.token("whip")
        self.begin(whip, sends=["audio", "video"], level=90)
        self.server.kill_control()
        time.sleep(1)
        ana = self.host()
        people = ana.welcome["meeting"]["participants"]
        self.assertEqual([(p["via"], p["presence"]) for p in people if "via" in p], [("whip", "present")])

    def test_a_session_outlives_control(self):
        whip, whep = self.token("whip"), self.token("whep", "Wall")
        _, session, headers = self.begin(whip, sends=["audio", "video"], level=90)
        sender = session.rpartition("/")[2]
        watcher, watching, watched = self.begin(whep, f"/whep/{self.meeting}/{sender}", receives=["audio", "video"])
        restart = b"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        candidate = b"a=ice-ufrag:x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n"
        status, headers, _ = self.ask("PATCH", session, whip["token"], restart, If_Match="*", **FRAGMENT)
        self.assertEqual(status, 200)
        self.server.kill_control()
        for path, token, etag in (
            (session, whip["token"], headers["ETag"]),
            (watching, whep["token"], watched["ETag"]),
        ):
            self.assertEqual(self.ask("OPTIONS", path)[0], 204)
            self.assertEqual(self.ask("GET", path, token)[0], 405)
            self.assertEqual(self.ask("PATCH", path, token, candidate, If_Match='"1x"', **FRAGMENT)[0], 412)
            self.assertEqual(self.ask("PATCH", path, token, candidate, If_Match=etag, **FRAGMENT)[0], 204)
            again = restart.replace(b"EsAw", b"Another1")
            status, headers, body = self.ask("PATCH", path, token, again, If_Match="*", **FRAGMENT)
            self.assertEqual(status, 200, body)
            for line in (b"a=ice-lite\r\n", b"a=group:BUNDLE 0 1\r\n", b"m=audio 9 ", b"a=mid:0\r\n", b"a=ice-pwd:"):
                self.assertIn(line, body)
            self.assertEqual(self.ask("PATCH", path, token, candidate, If_Match=etag, **FRAGMENT)[0], 412)
            etag = headers["ETag"]
            self.assertEqual(self.ask("PATCH", path, token, candidate, If_Match=etag, **FRAGMENT)[0], 204)
        # Whom it watches is the same one still, though another speaks now.
        self.begin(self.token("whip", "Camera 2"), sends=["audio", "video"], level=220)
        time.sleep(3)
        self.assertLess(abs(watcher.levels[watcher.mids("video", "recvonly")[0]] - 90), 20)
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 200)
        self.assertEqual(self.ask("DELETE", watching, whep["token"])[0], 200)
        people = self.host().welcome["meeting"]["participants"]
        self.assertEqual([p["name"] for p in people if "via" in p], ["Camera 2"])
        self.assertEqual(self.ask("PATCH", session, whip["token"], candidate, If_Match="*", **FRAGMENT)[0], 404)
        self.assertEqual(self.ask("DELETE", session, whip["token"])[0], 404)


if __name__ == "__main__":
    unittest.main()
