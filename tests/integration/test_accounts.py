#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Set-up, signing in and out, passwords: over REST as a browser does it, and by `conclave user`."""
import threading
import time
import unittest

from peer import Browser
from server import Server, ServerCase, token_of

PASSWORD = "correct horse battery"


class SetUp(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def test_the_link_works_once(self):
        url = self.server.started.wait_for("Administrator set-up")
        browser = self.server.browser()
        self.assertTrue(browser.api("GET", "/server", expect=200)["setup_needed"])
        browser.api("POST", "/setup/check", {"token": token_of(url)}, expect=204)
        browser.api("POST", "/setup/check", {"token": "x" * 27}, expect=404)
        user = browser.set_up(url)
        self.assertEqual((user["role"], user["email"], user["name"]), ("admin", "ada@example.org", "Ada"))
        self.assertEqual(browser.api("GET", "/session", expect=200), user)
        other = self.server.browser()
        other.api("POST", "/setup/check", {"token": token_of(url)}, expect=404)
        form = {"token": token_of(url), "name": "Eve", "email": "eve@example.org", "password": PASSWORD}
        other.api("POST", "/setup", form, expect=404)
        self.assertFalse(browser.api("GET", "/server", expect=200)["setup_needed"])

    def test_no_link_is_printed_once_there_is_an_administrator(self):
        self.server.admin()
        self.server.stop()
        self.server.start()
        self.server.started.wait_for("Instant meeting")
        self.assertNotIn("Administrator set-up", self.server.started.lines)
        refused = self.server.conclave("setup-link")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("administrator", refused.stderr)

    def test_a_new_link_voids_the_one_before(self):
        first = self.server.started.wait_for("Administrator set-up")
        second = self.server.conclave("setup-link")
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertTrue(second.stdout.startswith(self.server.origin + "/setup#"))
        self.server.browser().api("POST", "/setup/check", {"token": token_of(first)}, expect=404)
        self.server.browser().set_up(second.stdout.strip())

    def test_fields_are_checked(self):
        browser = self.server.browser()
        token = token_of(self.server.started.wait_for("Administrator set-up"))
        good = {"token": token, "name": "Ada", "email": "ada@example.org", "password": PASSWORD}
        for field, value in [
            ("name", ""),
            ("name", "x" * 65),
            ("name", "a\u202eb"),
            ("name", "a\nb"),
            ("name", 5),
            ("email", "ada"),
            ("email", "a@b@c"),
            ("email", "a b@c"),
            ("email", "a\r\nBcc: x@y"),
            ("email", None),
            ("password", "short"),
            ("password", "x" * 257),
            ("password", ["x"]),
        ]:
            problem = browser.api("POST", "/setup", {**good, field: value}, expect=422)
            self.assertEqual([error["field"] for error in problem["errors"]], [field], (field, value))
        problem = browser.api("POST", "/setup", {**good, "rôle": "x"}, expect=422)
        self.assertEqual(problem["errors"][0]["field"], "rôle")
        problem = browser.api("POST", "/setup", {}, expect=422)
        self.assertEqual({error["field"] for error in problem["errors"]}, set(good))
        browser.api("POST", "/setup", good, expect=201)


class Accounts(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.server.admin()

    def sign_in(self, email="ada@example.org", password=PASSWORD, expect=200):
        browser = self.server.browser()
        browser.api("POST", "/session", {"email": email, "password": password}, expect=expect)
        return browser

    def test_sign_in_and_out(self):
        browser = self.sign_in("ADA@Example.ORG")
        self.assertEqual(browser.api("GET", "/session", expect=200)["email"], "ada@example.org")
        cookie = browser.cookie
        browser.api("DELETE", "/session", expect=204)
        self.assertIsNone(browser.cookie)
        browser.cookie = cookie
        browser.api("GET", "/session", expect=401)

    def test_the_cookie_is_locked_down(self):
        _, headers, _ = self.server.browser().request(
            "POST", "/api/v1/session", {"email": "ada@example.org", "password": PASSWORD}
        )
        cookie = headers["Set-Cookie"]
        self.assertTrue(cookie.startswith("__Host-conclave="), cookie)
        for attribute in ("Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
            self.assertIn(attribute, cookie)
        self.assertNotIn("Domain", cookie)

    def test_everywhere(self):
        first, second = self.sign_in(), self.sign_in()
        first.api("DELETE", "/sessions", expect=204)
        first.api("GET", "/session", expect=401)
        second.api("GET", "/session", expect=401)

    def test_without_a_session(self):
        for method, path in [("GET", "/session"), ("GET", "/meetings"), ("DELETE", "/sessions")]:
            self.server.browser().api(method, path, expect=401)
        stranger = Browser(self.server.origin)
        stranger.cookie = "__Host-conclave=" + "A" * 27
        stranger.api("GET", "/session", expect=401)
        stranger.cookie = "__Host-conclave=" + "A" * 5000
        stranger.api("GET", "/session", expect=401)

    def test_command_line(self):
        added = self.server.conclave("user", "add", "bob@example.org", "--name", "Bob", input=PASSWORD + "\n")
        self.assertEqual(added.returncode, 0, added.stderr)
        again = self.server.conclave("user", "add", "BOB@example.org", "--name", "Bob", input=PASSWORD + "\n")
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("already", again.stderr)
        listed = self.server.conclave("user", "list")
        self.assertIn("bob@example.org", listed.stdout)
        bob = self.sign_in("bob@example.org")
        changed = self.server.conclave("user", "passwd", "bob@example.org", input="another long one\n")
        self.assertEqual(changed.returncode, 0, changed.stderr)
        bob.api("GET", "/session", expect=401)
        self.sign_in("bob@example.org", "another long one")
        short = self.server.conclave("user", "passwd", "bob@example.org", input="short\n")
        self.assertNotEqual(short.returncode, 0)
        nobody = self.server.conclave("user", "passwd", "nobody@example.org", input=PASSWORD + "\n")
        self.assertNotEqual(nobody.returncode, 0)

    def test_change_of_password(self):
        self.server.conclave("user", "add", "carl@example.org", "--name", "Carl", input=PASSWORD + "\n")
        here, there = self.sign_in("carl@example.org"), self.sign_in("carl@example.org")
        here.api("POST", "/me/password", {"current": "wrong wrong", "new": "a new password"}, expect=401)
        here.api("POST", "/me/password", {"current": PASSWORD, "new": "short"}, expect=422)
        here.api("POST", "/me/password", {"current": PASSWORD, "new": "a new password"}, expect=204)
        here.api("GET", "/session", expect=200)
        there.api("GET", "/session", expect=401)
        self.sign_in("carl@example.org", "a new password")


class Guessing(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.admin()

    def attempt(self, email, password):
        browser = self.server.browser()
        begun = time.monotonic()
        status, headers, body = browser.request("POST", "/api/v1/session", {"email": email, "password": password})
        browser.close()
        return status, body, time.monotonic() - begun, headers

    def test_nobody_learns_who_has_an_account(self):
        known, unknown = [], []
        for _ in range(8):
            known.append(self.attempt("ada@example.org", "wrong password"))
            unknown.append(self.attempt("eve@example.org", "wrong password"))
        self.assertEqual({a[0] for a in known + unknown}, {401})
        self.assertEqual(known[0][1], unknown[0][1])
        # The quickest of each: the others were disturbed by what else this machine does.
        ratio = min(a[2] for a in known) / min(a[2] for a in unknown)
        self.assertTrue(0.6 < ratio < 1.6, ratio)

    def test_attempts_run_out(self):
        statuses = [self.attempt("ada@example.org", "wrong password")[0] for _ in range(10)]
        self.assertEqual(statuses, [401] * 10)
        status, body, _, headers = self.attempt("ada@example.org", PASSWORD)
        self.assertEqual(status, 429)
        self.assertGreater(int(headers["Retry-After"]), 0)
        # Another account from the same place is still tried, until the place has had its share.
        statuses = [self.attempt(f"u{i}@example.org", "wrong password")[0] for i in range(12)]
        self.assertIn(401, statuses)
        self.assertEqual(statuses[-1], 429)

    def test_the_loop_goes_on_meanwhile(self):
        threads = [threading.Thread(target=self.attempt, args=(f"x{i}@example.org", "y" * 12)) for i in range(6)]
        for thread in threads:
            thread.start()
        browser = self.server.browser()
        served = 0
        while any(thread.is_alive() for thread in threads):
            self.assertEqual(browser.request("GET", "/healthz")[0], 200)
            served += 1
        self.assertGreater(served, 30)  # a loop that hashed would get to one request between two passwords


if __name__ == "__main__":
    unittest.main(verbosity=2)
