#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeping order: the lobby tells nothing, and who is put out is out at once."""
import time
import unittest

from server import ServerCase, token_of

OFFER = {"type": "offer", "sdp": "v=0\r\n"}


class Moderation(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()

    def setUp(self):
        self.meeting = self.ada.api(
            "POST", "/meetings", {"kind": "room", "title": "Court", "lobby": True, "topology": "mesh"}, expect=201
        )
        self.path = f"/meetings/{self.meeting['id']}"
        self.links = {
            role: self.ada.api("POST", f"{self.path}/links", {"role": role, "shared": role == "guest"}, expect=201)
            for role in ("moderator", "participant", "guest")
        }
        self.host = self.ada.socket()
        self.addCleanup(self.host.drop)
        self.assertEqual(self.host.hello(meeting=self.meeting["id"])["you"]["role"], "host")

    def token(self, role):
        return token_of(self.links[role]["url"])

    def refusal(self, role, name="Late"):
        peer = self.server.browser().socket()
        answer = peer.hello(link=self.token(role), name=name)
        self.assertEqual(answer["type"], "refused", answer)
        return answer["code"], peer.closed()

    def test_the_lobby_tells_nothing(self):
        guest = self.join(self.token("guest"), "Gus")
        self.assertEqual(guest.welcome["you"]["presence"], "lobby")
        self.assertEqual(set(guest.welcome["meeting"]), {"title"})
        self.assertEqual(self.host.next("knock")["participant"]["name"], "Gus")
        self.host.done("media", audio=True, video=True, screen=False)
        self.host.done("rename", name="Judge")
        self.assertEqual(guest.done("signal", to=self.host.id, session="s", description=OFFER)["code"], "denied")
        self.assertTrue(guest.quiet())
        self.host.command("admit", participant=guest.id)
        names = sorted(p["name"] for p in guest.next("admitted")["meeting"]["participants"])
        self.assertEqual(names, ["Gus", "Judge"])
        self.assertEqual(self.host.next("joined")["participant"]["id"], guest.id)

    def test_who_is_denied_goes(self):
        guest = self.join(self.token("participant"), "Pia")
        self.host.command("deny", participant=guest.id)
        self.assertEqual(guest.next("closed")["code"], "denied")
        self.assertEqual(guest.closed(), 4001)
        self.assertEqual(self.host.next("knock_gone")["id"], guest.id)

    def test_moderators_pass_the_lobby(self):
        self.assertEqual(self.join(self.token("moderator"), "Mo").welcome["you"]["presence"], "present")

    def test_removed_is_out_within_a_second(self):
        self.host.done("lobby", enabled=False)
        guest = self.join(self.token("guest"), "Gus")
        begun = time.monotonic()
        self.host.command("remove", participant=guest.id, block=False)
        self.assertEqual(guest.closed(), 4001)
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(self.host.next("left")["reason"], "removed")
        self.join(self.token("guest"), "Gus again")

    def test_a_revoked_link_is_out_within_a_second(self):
        self.host.done("lobby", enabled=False)
        person = self.join(self.token("participant"), "Pia")
        begun = time.monotonic()
        self.ada.api("DELETE", f"{self.path}/links/{self.links['participant']['id']}", expect=204)
        self.assertEqual(person.closed(), 4001)
        self.assertLess(time.monotonic() - begun, 1)
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        self.assertEqual(again.hello(resume=person.token)["code"], "resume-failed")
        self.assertEqual(self.refusal("participant"), ("unknown", 4401))

    def test_signing_out_does_not_leave_a_socket_of_the_deleted_meeting(self):
        guest = self.join(self.token("moderator"), "Mo")
        begun = time.monotonic()
        self.ada.api("DELETE", self.path, expect=204)
        self.assertEqual((guest.closed(), self.host.closed()), (4000, 4000))
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(self.refusal("guest"), ("unknown", 4401))

    def test_a_block_holds_for_a_personal_link(self):
        self.host.done("lobby", enabled=False)
        person = self.join(self.token("participant"), "Pia")
        self.host.command("remove", participant=person.id, block=True)
        self.assertEqual(person.next("closed")["code"], "blocked")
        self.assertEqual(self.refusal("participant"), ("blocked", 4403))
        self.server.kill_all()
        self.assertEqual(self.refusal("participant"), ("blocked", 4403))

    def test_lock_and_mute(self):
        self.host.done("lobby", enabled=False)
        guest = self.join(self.token("guest"), "Gus")
        self.host.done("lock", locked=True)
        self.assertTrue(guest.next("meeting")["locked"])
        self.assertEqual(self.refusal("guest"), ("locked", 4403))
        self.join(self.token("moderator"), "Mo")
        self.host.command("mute", participant=guest.id, kind="audio")
        muted = guest.next("muted")
        self.assertEqual((muted["kind"], muted["by"]), ("audio", self.host.id))

    def test_ending_is_for_all(self):
        self.host.done("lobby", enabled=False)
        guest = self.join(self.token("guest"), "Gus")
        self.ada.api("POST", f"{self.path}/end", expect=204)
        for peer in (self.host, guest):
            self.assertEqual(peer.next("closed")["code"], "ended")
            self.assertEqual(peer.closed(), 4000)


if __name__ == "__main__":
    unittest.main()
