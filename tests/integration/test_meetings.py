#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Meetings over REST: made, listed page by page, changed, ended, deleted; and by whom."""
import unittest
from datetime import datetime, timedelta, timezone

from server import ServerCase, token_of


def in_hours(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat(timespec="seconds")


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Meetings(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()
        cls.bob = cls.server.account("bob@example.org", "Bob")

    def create(self, browser=None, expect=201, headers=None, **fields):
        body = {"kind": "room", "title": "Weekly", **fields}
        return (browser or self.ada).api("POST", "/meetings", body, expect=expect, headers=headers)

    def test_scheduled(self):
        made = self.create(kind="scheduled", starts_at=in_hours(5), duration_minutes=30, time_zone="Europe/Paris")
        self.assertEqual((made["state"], made["duration_minutes"], made["present"]), ("scheduled", 30, 0))
        self.assertEqual(at(made["starts_at"]) - at(made["opens_at"]), timedelta(hours=1))
        self.assertEqual(at(made["closes_at"]) - at(made["starts_at"]), timedelta(hours=6))
        self.assertEqual(self.ada.api("GET", f"/meetings/{made['id']}", expect=200), made)
        self.assertEqual(self.create(kind="scheduled", starts_at=in_hours(0.5))["state"], "open")

    def test_room_and_instant(self):
        room = self.create()
        self.assertEqual(room["state"], "open")
        self.assertNotIn("opens_at", room)
        self.assertNotIn("starts_at", room)
        instant = self.create(kind="instant", lobby=True, topology="mesh")
        self.assertEqual((instant["lobby"], instant["topology"]), (True, "mesh"))

    def test_what_is_refused(self):
        for field, fields in [
            ("kind", {"kind": "party"}),
            ("title", {"title": ""}),
            ("title", {"title": "x" * 121}),
            ("title", {"title": "a\u2066b"}),
            ("starts_at", {"kind": "scheduled"}),
            ("starts_at", {"kind": "scheduled", "starts_at": "tomorrow"}),
            ("starts_at", {"kind": "scheduled", "starts_at": in_hours(-24)}),
            ("starts_at", {"kind": "room", "starts_at": in_hours(1)}),
            ("duration_minutes", {"kind": "scheduled", "starts_at": in_hours(1), "duration_minutes": 4}),
            ("duration_minutes", {"kind": "scheduled", "starts_at": in_hours(1), "duration_minutes": 1e3}),
            ("lobby", {"lobby": "yes"}),
            ("topology", {"topology": "star"}),
            ("owner", {"owner": "me"}),
        ]:
            problem = self.create(expect=422, **fields)
            self.assertEqual([error["field"] for error in problem["errors"]], [field], fields)

    def test_bodies_that_are_none(self):
        for body, status in [
            (b"", 400),
            (b"[]", 400),
            (b"null", 400),
            (b'{"kind":"room","kind":"room","title":"x"}', 400),
            (b'{"kind":"room","title":"\\u0000"}', 400),
            (b'{"kind":"room","title":"\xff"}', 400),
            (b"[" * 50000, 413),
            (b'{"a":' * 100 + b"1" + b"}" * 100, 400),
            (b"{" + b" " * 20000 + b"}", 413),
        ]:
            self.assertEqual(self.ada.request("POST", "/api/v1/meetings", body)[0], status, body[:40])
            self.ada.close()
        status, _, _ = self.ada.request("POST", "/api/v1/meetings", b"{}", headers={"Content-Type": "text/plain"})
        self.assertEqual(status, 415)
        status, headers, problem = self.ada.request("PUT", "/api/v1/meetings", {})
        self.assertEqual((status, headers["Allow"]), (405, "GET, POST"))
        self.assertEqual(problem["status"], 405)

    def test_pages(self):
        ids = [self.create(self.bob, title=f"Room {i}")["id"] for i in range(7)]
        seen, cursor = [], ""
        while True:
            page = self.bob.api("GET", f"/meetings?when=rooms&limit=3{cursor}", expect=200)
            self.assertLessEqual(len(page["items"]), 3)
            seen += [item["id"] for item in page["items"]]
            if "next" not in page:
                break
            cursor = "&cursor=" + page["next"]
        self.assertEqual(seen, ids[::-1])
        for query in ("limit=0", "limit=101", "limit=x", "when=never", "when=past&when=rooms", "cursor=%%", "cursor=abc"):
            self.bob.api("GET", "/meetings?" + query, expect=422)

    def test_change(self):
        made = self.create(kind="scheduled", starts_at=in_hours(5), time_zone="Europe/Paris")
        path = f"/meetings/{made['id']}"
        merge = {"Content-Type": "application/merge-patch+json"}
        changed = self.ada.api(
            "PATCH", path, {"title": "Other", "duration_minutes": 90, "time_zone": None}, headers=merge, expect=200
        )
        self.assertEqual((changed["title"], changed["duration_minutes"]), ("Other", 90))
        self.assertNotIn("time_zone", changed)
        self.assertEqual(changed["starts_at"], made["starts_at"])
        later = self.ada.api("PATCH", path, {"starts_at": in_hours(9), "lobby": True, "topology": "mesh"}, expect=200)
        self.assertGreater(later["opens_at"], made["opens_at"])
        self.assertEqual((later["lobby"], later["topology"], later["title"]), (True, "mesh", "Other"))
        self.assertEqual(self.ada.api("GET", path, expect=200), later)
        for body in ({"title": None}, {"title": ""}, {"kind": "room"}, {"lobby": 1}, {"duration_minutes": 3}):
            self.ada.api("PATCH", path, body, expect=422)
        room = self.create()
        self.ada.api("PATCH", f"/meetings/{room['id']}", {"starts_at": in_hours(1)}, expect=422)

    def test_another_account_sees_nothing(self):
        made = self.create()
        path = f"/meetings/{made['id']}"
        unknown = self.bob.api("GET", "/meetings/mAAAAAAAAAAAAAAAAAAAAAA", expect=404)
        for method, rest, body in [
            ("GET", "", None),
            ("PATCH", "", {"title": "x"}),
            ("DELETE", "", None),
            ("POST", "/end", None),
            ("GET", "/links", None),
            ("POST", "/links", {"role": "guest"}),
            ("DELETE", "/links/l123", None),
            ("GET", "/records", None),
        ]:
            self.assertEqual(self.bob.api(method, path + rest, body, expect=404), unknown)
        self.assertEqual(self.bob.api("GET", "/meetings/%2e%2e", expect=404), unknown)
        self.assertNotIn(made["id"], str(self.bob.api("GET", "/meetings?when=rooms&limit=100", expect=200)))

    def test_ending(self):
        made = self.create(kind="scheduled", starts_at=in_hours(0.5))
        path = f"/meetings/{made['id']}"
        self.ada.api("POST", path + "/end", expect=204)
        ended = self.ada.api("GET", path, expect=200)
        self.assertEqual(ended["state"], "ended")
        self.assertIn("ended_at", ended)
        self.ada.api("POST", path + "/end", expect=409)
        self.ada.api("PATCH", path, {"title": "x"}, expect=409)
        past = self.ada.api("GET", "/meetings?when=past", expect=200)
        self.assertIn(made["id"], [item["id"] for item in past["items"]])
        upcoming = self.ada.api("GET", "/meetings", expect=200)
        self.assertNotIn(made["id"], [item["id"] for item in upcoming["items"]])

    def test_deleting_ends_it_first(self):
        made = self.create()
        link = self.ada.api("POST", f"/meetings/{made['id']}/links", {"role": "guest"}, expect=201)
        guest = self.join(token_of(link["url"]))
        self.assertEqual(self.ada.api("GET", f"/meetings/{made['id']}", expect=200)["state"], "live")
        self.ada.api("DELETE", f"/meetings/{made['id']}", expect=204)
        self.assertEqual(guest.closed(), 4000)
        self.ada.api("GET", f"/meetings/{made['id']}", expect=404)
        self.server.browser().api("POST", "/links/resolve", {"token": token_of(link["url"])}, expect=404)

    def test_the_same_request_twice(self):
        key = {"Idempotency-Key": "0123456789abcdef"}
        first = self.create(headers=key, title="Once")
        self.assertEqual(self.create(headers=key, title="Once"), first)
        self.create(headers=key, title="Another", expect=422)
        self.assertNotEqual(self.create(headers={"Idempotency-Key": "fedcba9876543210"}, title="Once")["id"], first["id"])
        self.assertNotEqual(self.create(self.bob, headers=key, title="Once")["id"], first["id"])
        self.create(headers={"Idempotency-Key": "short"}, expect=422)
        path = f"/meetings/{first['id']}/links"
        link = self.ada.api("POST", path, {"role": "guest"}, headers=key | {"Idempotency-Key": "a link, once"}, expect=201)
        again = self.ada.api("POST", path, {"role": "guest"}, headers={"Idempotency-Key": "a link, once"}, expect=201)
        self.assertEqual(again, link)
        self.assertEqual(len(self.ada.api("GET", path, expect=200)["items"]), 1)

    def test_entering_as_the_owner(self):
        made = self.create()
        owner = self.ada.socket()
        self.addCleanup(owner.drop)
        welcome = owner.hello(meeting=made["id"])
        self.assertEqual((welcome["you"]["role"], welcome["you"]["name"]), ("host", "Ada"))
        stranger = self.bob.socket()
        self.assertEqual(stranger.hello(meeting=made["id"])["code"], "unknown")
        self.assertEqual(stranger.closed(), 4401)
        nobody = self.server.browser().socket()
        self.assertEqual(nobody.hello(meeting=made["id"])["code"], "signed-out")
        self.assertEqual(nobody.closed(), 4401)

    def test_settings_reach_those_who_are_in(self):
        made = self.create()
        owner = self.ada.socket()
        self.addCleanup(owner.drop)
        owner.hello(meeting=made["id"])
        self.ada.api("PATCH", f"/meetings/{made['id']}", {"lobby": True, "topology": "mesh"}, expect=200)
        told = owner.next("meeting")
        self.assertEqual((told["lobby"], told["topology"]), (True, "mesh"))


class Places(ServerCase):
    config = {"relay": {"enabled": False}}

    def test_without_a_relay_there_are_two(self):
        self.assertEqual(self.server.browser().api("GET", "/server", expect=200)["places"], 2)


class NoInstantMeetings(ServerCase):
    config = {"meetings": {"instant": "accounts"}}

    def test_accounts_only(self):
        server = self.server.browser().api("GET", "/server", expect=200)
        self.assertEqual((server["instant"], server["places"]), ("accounts", 200))
        self.server.browser().api("POST", "/instant", expect=403)
        ada = self.server.admin()
        made = ada.api("POST", "/instant", expect=201)["meeting"]
        self.assertEqual(ada.api("GET", f"/meetings/{made['id']}", expect=200)["id"], made["id"])
        self.assertNotIn("Instant meeting", self.server.started.lines)


if __name__ == "__main__":
    unittest.main(verbosity=2)
