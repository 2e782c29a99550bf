#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The end of a session is the end of what was entered by it; a revoked link lets nobody in late."""
import time
import unittest

from peer import Browser
from server import ServerCase, token_of

PASSWORD = "correct horse battery"
OTHER = "staple battery horse"


class Accounts(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.server.admin()
        cls.password = PASSWORD

    def signed_in(self):
        browser = self.server.browser()
        form = {"email": "ada@example.org", "password": type(self).password}
        browser.api("POST", "/session", form, expect=200)
        return browser

    def room(self, browser):
        """(its id, token of a guest's link) of a new meeting of the account."""
        made = browser.api("POST", "/meetings", {"kind": "room", "title": "Room", "lobby": False}, expect=201)
        link = browser.api("POST", f"/meetings/{made['id']}/links", {"role": "guest"}, expect=201)
        return made["id"], token_of(link["url"])


class SignedOut(Accounts):
    def enter(self, browser, meeting):
        peer = browser.socket()
        self.addCleanup(peer.drop)
        answer = peer.hello(meeting=meeting)
        self.assertEqual(answer["type"], "welcome", answer)
        return peer

    def assert_put_out(self, peer):
        self.assertEqual(peer.closed(), 4401)
        self.assertEqual(peer.next_pending("closed")["code"], "signed-out")

    def test_signing_out_ends_what_was_entered_by_this_session_only(self):
        here, there = self.signed_in(), self.signed_in()
        (first, token), (second, _) = self.room(here), self.room(here)
        mine, other = self.enter(here, first), self.enter(there, second)
        guest = self.join(token, "Guest", browser=here)  # by the link, whoever is signed in
        here.api("DELETE", "/session", expect=204)
        self.assert_put_out(mine)
        left = guest.next("left")
        self.assertEqual((left["id"], left["reason"]), (mine.id, "left"))
        self.assertIsNone(guest.done("hand", raised=True))
        self.assertIsNone(other.done("hand", raised=True))

    def test_signing_out_everywhere(self):
        here, there = self.signed_in(), self.signed_in()
        (first, _), (second, _) = self.room(here), self.room(here)
        peers = self.enter(here, first), self.enter(there, second)
        here.api("DELETE", "/sessions", expect=204)
        for peer in peers:
            self.assert_put_out(peer)

    def test_a_new_password_keeps_the_session_that_set_it(self):
        here, there = self.signed_in(), self.signed_in()
        (first, _), (second, _) = self.room(here), self.room(here)
        mine, other = self.enter(here, first), self.enter(there, second)
        here.api("POST", "/me/password", {"current": type(self).password, "new": OTHER}, expect=204)
        type(self).password = OTHER
        self.assert_put_out(other)
        self.assertIsNone(mine.done("hand", raised=True))

    def test_a_password_that_the_administrator_sets_ends_them_all(self):
        here = self.signed_in()
        mine = self.enter(here, self.room(here)[0])
        done = self.server.conclave("user", "passwd", "ada@example.org", input=PASSWORD + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        type(self).password = PASSWORD
        self.assert_put_out(mine)

    def test_a_place_is_not_taken_again_without_the_session(self):
        here, there = self.signed_in(), self.signed_in()
        mine = self.enter(here, self.room(here)[0])
        mine.drop()
        stranger, again = self.server.browser().socket(), there.socket()
        self.addCleanup(stranger.drop)
        self.addCleanup(again.drop)
        self.assertEqual(stranger.hello(resume=mine.token, ack=0)["code"], "signed-out")
        self.assertEqual(again.hello(resume=mine.token, ack=mine.received)["type"], "welcome")
        late = here.socket()
        self.addCleanup(late.drop)
        here.api("DELETE", "/session", expect=204)
        self.assertEqual(late.hello(resume=again.token, ack=0)["code"], "signed-out")


class LateEntry(Accounts):
    """Between hello and its turn in the meeting's queue: kept long by somebody with much to say."""

    BUSY = 180

    def busy(self, token):
        peer = self.join(token, "Busy")
        for i in range(self.BUSY):
            peer.command("rename", name=f"Busy {i}")
        return peer

    def assert_not_in(self, late, *ends):
        """Refused; or, where the machine was faster, in for a moment and put out."""
        code = late.closed()
        said = [message["code"] for message in late.pending if message["type"] in ("refused", "closed")]
        self.assertIn((*said, code), ends)

    def test_a_link_that_is_revoked_meanwhile(self):
        owner = self.signed_in()
        meeting, token = self.room(owner)
        link = owner.api("POST", f"/meetings/{meeting}/links", {"role": "guest", "label": "Late"}, expect=201)
        late = Browser(self.server.origin).socket()
        self.addCleanup(late.drop)
        busy = self.busy(token)
        revoke = self.begin(owner, "DELETE", f"/meetings/{meeting}/links/{link['id']}")
        late.send_json({"type": "hello", "version": 1, "link": token_of(link["url"])})
        self.assertEqual(revoke().status, 204)
        self.assert_not_in(late, ("unknown", 4401), ("revoked", 4001))
        busy.wait_ack(self.BUSY)

    def test_a_session_that_ends_meanwhile(self):
        owner = self.signed_in()
        meeting, token = self.room(owner)
        late = owner.socket()
        self.addCleanup(late.drop)
        busy = self.busy(token)
        late.send_json({"type": "hello", "version": 1, "meeting": meeting})
        time.sleep(0.01)
        owner.api("DELETE", "/session", expect=204)
        self.assert_not_in(late, ("signed-out", 4401))
        busy.wait_ack(self.BUSY)

    def begin(self, browser, method, path):
        """Sends the request; what is returned waits for the answer."""
        headers = {"Origin": browser.origin, "Cookie": browser.cookie}
        browser.connection.request(method, "/api/v1" + path, headers=headers)
        time.sleep(0.1)

        def wait():
            response = browser.connection.getresponse()
            response.read()
            return response

        return wait


if __name__ == "__main__":
    unittest.main()
