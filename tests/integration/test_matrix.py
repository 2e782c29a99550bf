#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do what, cell by cell over the wire: the cells are those of src/policy/may.c."""
import re
import time
import unittest
from datetime import datetime, timedelta, timezone

from conclave import ROOT
from peer import media_statistics
from server import ServerCase, token_of

ROLES = ["guest", "participant", "moderator", "host"]
STATES = ["scheduled", "open", "live", "ended", "expired"]
LETTERS = dict(zip(ROLES, "gpmh", strict=True))


def policy():
    """{action: {state: roles that may}} and {action: roles that it may be aimed at}."""
    source = (ROOT / "src/policy/may.c").read_text()
    rows = re.findall(r"\[CV_ACTION_(?!COUNT)(\w+)\]\s*=\s*\{([^}]*)\}", source)
    may = {
        name.lower(): dict(zip(STATES, re.findall(r'"([gpmh.]{4})"', cells), strict=True)) for name, cells in rows
    }
    targets = {name.lower(): cells for name, cells in re.findall(r'\[CV_ACTION_(\w+)\]\s*=\s*"([gpmh.]{4})"', source)}
    return may, targets


MAY, TARGETS = policy()


def allowed(role, action, state):
    return LETTERS[role] in MAY[action][state]


class Meeting:
    """A meeting of Ada's in a state that a cell asks for, with a link for each role."""

    def __init__(self, case, lobby=False, starts_at=None, topology="mesh"):
        self.case = case
        fields = {"kind": "room"}
        if starts_at is not None:
            fields = {"kind": "scheduled", "starts_at": starts_at, "duration_minutes": 5}
        self.made = case.ada.api(
            "POST", "/meetings", {"title": "Cell", "topology": topology, "lobby": lobby, **fields}, expect=201
        )
        self.id = self.made["id"]

    def enter(self, role, name=None):
        """(socket, answer to hello) of somebody new."""
        if role == "host":
            peer = self.case.ada.socket()
            hello = {"meeting": self.id}
        else:
            link = self.case.ada.api("POST", f"/meetings/{self.id}/links", {"role": role}, expect=201)
            peer = self.case.server.browser().socket()
            hello = {"link": token_of(link["url"])}
        self.case.addCleanup(peer.drop)
        return peer, peer.hello(name=name or role, **hello)

    def present(self, role):
        peer, answer = self.enter(role)
        self.case.assertEqual(answer["type"], "welcome", answer)
        return peer


class Matrix(ServerCase):
    config = {"meetings": {"closes_after_minutes": 1}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.admin()
        cls.bob = cls.server.account("bob@example.org", "Bob")

    def assert_cell(self, may, error, *cell):
        code = error and error["code"]
        self.assertEqual(code, None if may else "denied", cell)

    def test_the_table_is_whole(self):
        self.assertEqual(len(MAY), 24)
        self.assertEqual(set(TARGETS), {"signal", "tell", "admit", "deny", "mute", "remove", "role"})

    def test_what_people_do_about_themselves(self):
        for role in ROLES:
            meeting = Meeting(self)
            other = meeting.present("host" if role != "host" else "guest")
            actor = meeting.present(role)
            for action, fields in [
                ("media", {"audio": True, "video": True, "screen": False}),
                ("signal", {"to": other.id, "session": "a", "candidate": None}),
                ("connection", {"peer": other.id, "state": "connecting"}),
                ("stats", {"peer": other.id, "audio": media_statistics(1), "video": media_statistics(1)}),
                ("hand", {"raised": True}),
                ("rename", {"name": "Other"}),
                ("leave", {}),
            ]:
                with self.subTest(role=role, action=action):
                    if action == "leave":
                        actor.command("leave")
                        self.assertEqual(actor.closed() == 4000, allowed(role, action, "live"))
                    else:
                        self.assert_cell(allowed(role, action, "live"), actor.done(action, **fields), role, action)

    def test_what_is_done_in_relayed_calls(self):
        for role in ROLES:
            meeting = Meeting(self, topology="auto")
            others = [meeting.present("host" if role != "host" else "guest"), meeting.present("guest")]
            actor = meeting.present(role)
            for action, command, fields in [
                ("relay", "relay", {"session": "s", "description": {"type": "offer", "sdp": "v=0"}}),
                ("want", "want", {"session": "s", "slots": []}),
                ("tell", "pass", {"to": "all", "channel": "chat", "data": "hello"}),
                ("tell", "pass", {"to": others[0].id, "channel": "control", "data": ""}),
                ("mode", "mode", {"relayed": True}),
            ]:
                with self.subTest(role=role, action=action):
                    self.assert_cell(allowed(role, action, "live"), actor.done(command, **fields), role, action)

    def test_what_keeps_order(self):
        for role in ROLES:
            for action, fields in [
                ("lock", {"locked": True}),
                ("lobby", {"enabled": True}),
                ("admit", {"participant": "waiting"}),
                ("admit", {"participant": "all"}),
                ("deny", {"participant": "waiting"}),
                ("end", {}),
            ]:
                with self.subTest(role=role, action=action, fields=fields):
                    self.try_order(role, action, fields)

    def try_order(self, role, action, fields):
        meeting = Meeting(self)
        actor = meeting.present(role)
        may = allowed(role, action, "live")
        if action in ("admit", "deny"):
            keeper = actor if role == "host" else meeting.present("host")
            keeper.done("lobby", enabled=True)
            waiting, welcome = meeting.enter("guest")
            self.assertEqual(welcome["you"]["presence"], "lobby")
            self.assertEqual(set(welcome["meeting"]), {"title"})
            fields = {"participant": waiting.id if fields["participant"] == "waiting" else "all"}
            self.assertEqual(allowed(role, "see_waiting", "live"), self.heard(actor, "knock"))
        if action == "end" and may:
            actor.command("end")
            self.assertEqual(actor.closed(), 4000)
        else:
            self.assert_cell(may, actor.done(action, **fields), role, action)

    def heard(self, peer, type_):
        if not any(message["type"] == type_ for message in peer.pending):
            peer.quiet(0.15)
        return any(message["type"] == type_ for message in peer.pending)

    def test_what_is_done_to_others(self):
        for action, fields in [
            ("mute", {"kind": "audio"}),
            ("remove", {"block": False}),
            ("remove", {"block": True}),
            ("role", {"role": "moderator"}),
        ]:
            for role in ROLES:
                for target_role in ROLES:
                    if role == target_role == "host":
                        continue  # there is one account that owns a meeting
                    with self.subTest(role=role, action=action, target=target_role):
                        meeting = Meeting(self)
                        actor, target = meeting.present(role), meeting.present(target_role)
                        may = allowed(role, action, "live") and LETTERS[target_role] in TARGETS[action]
                        error = actor.done(action, participant=target.id, **fields)
                        self.assert_cell(may, error, role, action, target_role)
                        if action == "remove" and may:
                            self.assertEqual(target.closed(), 4001)
                        else:
                            self.assertIsNone(target.done("hand", raised=True))
                        actor.drop()
                        target.drop()

    def test_from_the_lobby_nothing_works(self):
        meeting = Meeting(self, lobby=True)
        host = meeting.present("host")
        waiting, welcome = meeting.enter("guest")
        self.assertEqual(welcome["you"]["presence"], "lobby")
        for action, fields in [
            ("media", {"audio": True, "video": True, "screen": False}),
            ("signal", {"to": host.id, "session": "a", "candidate": None}),
            ("hand", {"raised": True}),
            ("admit", {"participant": waiting.id}),
            ("lock", {"locked": True}),
            ("end", {}),
        ]:
            self.assert_cell(False, waiting.done(action, **fields), "lobby", action)
        self.assertEqual(waiting.pending, [])

    def meeting_in(self, state):
        if state == "scheduled":
            return Meeting(self, starts_at=in_seconds(7200))
        if state == "open":
            return Meeting(self, starts_at=in_seconds(600))
        if state == "live":
            meeting = Meeting(self, starts_at=in_seconds(600))
            meeting.present("guest")
            return meeting
        if state == "ended":
            meeting = Meeting(self, starts_at=in_seconds(600))
            self.ada.api("POST", f"/meetings/{meeting.id}/end", expect=204)
            return meeting
        return Meeting(self, starts_at=in_seconds(-298))  # over in two seconds

    def test_states(self):
        """Entering, and what the owner does from outside, in each state."""
        expiring = {role: self.meeting_in("expired") for role in [*ROLES, "owner", "delete"]}
        links = {role: expiring[role].enter(role) for role in ROLES}  # their links, made while that works
        for peer, _ in links.values():
            peer.drop()
        time.sleep(2.5)
        for state in STATES:
            for role in ROLES:
                with self.subTest(state=state, role=role):
                    if state == "expired":
                        self.enter_expired(expiring[role], role)
                    else:
                        self.try_entering(self.meeting_in(state), state, role)
            with self.subTest(state=state, who="owner"):
                meeting = expiring["owner"] if state == "expired" else self.meeting_in(state)
                doomed = expiring["delete"] if state == "expired" else self.meeting_in(state)
                self.try_owner(meeting, doomed, state)

    def enter_expired(self, meeting, role):
        self.assertEqual(self.ada.api("GET", f"/meetings/{meeting.id}", expect=200)["state"], "expired")
        self.try_entering(meeting, "expired", role)

    def try_entering(self, meeting, state, role):
        if role != "host" and not allowed("host", "invite", state):
            return  # there is no link to try
        _, answer = meeting.enter(role)
        self.assertEqual(answer["type"] == "welcome", allowed(role, "enter", state), (state, role, answer))
        if answer["type"] != "welcome":
            self.assertEqual(answer["code"], {"scheduled": "too-early"}.get(state, state))

    def try_owner(self, meeting, doomed, state):
        path = f"/meetings/{meeting.id}"
        for action, method, rest, body, good in [
            ("edit", "PATCH", "", {"title": "New"}, 200),
            ("invite", "POST", "/links", {"role": "guest"}, 201),
            ("records", "GET", "/records", None, 200),
            ("end", "POST", "/end", None, 204),
        ]:
            for browser, refused in [(self.bob, 404), (self.server.browser(), 401)]:
                self.assertEqual(browser.request(method, "/api/v1" + path + rest, body)[0], refused, (state, action))
            may = action not in MAY or allowed("host", action, state)  # records are always the owner's
            status = self.ada.request(method, "/api/v1" + path + rest, body)[0]
            self.assertEqual(status, good if may else 409, (state, action))
        status = self.ada.request("DELETE", f"/api/v1/meetings/{doomed.id}")[0]
        self.assertEqual(status, 204, state)

    def test_somebody_else_is_never_the_actor(self):
        """A command acts for who sends it, whatever it says."""
        meeting = Meeting(self)
        host, guest = meeting.present("host"), meeting.present("guest")
        host.next("joined")
        guest.done("hand", raised=True, by=host.id, participant=host.id, id=host.id)
        self.assertEqual(host.next("updated")["participant"]["id"], guest.id)
        guest.done("signal", to=host.id, session="a", candidate=None, **{"from": host.id})
        self.assertEqual(host.next("signal")["from"], guest.id)
        error = guest.done("mute", participant=host.id, kind="audio")
        self.assertEqual(error["code"], "denied")
        elsewhere = Meeting(self)
        other = elsewhere.present("host")
        error = other.done("remove", participant=guest.id, block=True)
        self.assertEqual(error["code"], "not-found")
        error = other.done("signal", to=guest.id, session="a", candidate=None)
        self.assertEqual(error["code"], "not-found")


def in_seconds(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


if __name__ == "__main__":
    unittest.main(verbosity=2)
