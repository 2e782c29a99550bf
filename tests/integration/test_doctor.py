#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an operator looks at: the doctor, the metrics, and who may use the administrator's socket."""
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

from certificate import make_certificate
from conclave import fetch
from server import Server, ServerCase


class Doctor(ServerCase):
    def examine(self):
        result = self.server.conclave("doctor", "--format", "json")
        return result.returncode, {f["check"]: f for f in json.loads(result.stdout)}

    def test_a_default_server_is_usable(self):
        status, findings = self.examine()
        self.assertEqual(status, 0, findings)
        for check in ("server", "https", "udp", "relay", "store", "data folder", "disk"):
            self.assertEqual(findings[check]["grade"], "OK", findings[check])
        for check in ("certificate", "public address", "turn"):
            self.assertEqual(findings[check]["grade"], "WARN", findings[check])
        for finding in findings.values():
            self.assertEqual(finding["grade"] == "OK", "advice" not in finding, finding)

    def test_an_open_data_folder_is_seen(self):
        self.server.data.chmod(0o755)
        self.addCleanup(self.server.data.chmod, 0o700)
        self.assertEqual(self.examine()[1]["data folder"]["grade"], "WARN")

    def test_without_a_server_it_says_so(self):
        result = subprocess.run(
            [os.environ["CONCLAVE"], "--data", "/nonexistent", "doctor"], capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAIL  server", result.stdout)
        self.assertIn("Start it", result.stdout)


class Ailments(unittest.TestCase):
    """Each thing broken in turn: it is found, and with it comes what to do."""

    def server(self, config):
        server = Server(config)
        self.addCleanup(server.close)
        return server

    def examine(self, server, **environment):
        environment = {**os.environ, **environment}
        result = server.conclave("doctor", "--format", "json", env=environment)
        return result.returncode, {f["check"]: f for f in json.loads(result.stdout)}

    def assert_found(self, config, check, grade, words, advice, **environment):
        status, findings = self.examine(self.server(config), **environment)
        found = findings[check]
        self.assertEqual((found["grade"], status), (grade, int(grade == "FAIL")), findings)
        self.assertIn(words, found["detail"])
        self.assertIn(advice, found["advice"])

    def certificate(self, name, days):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        make_certificate(certificate, key, name, days, [f"DNS:{name}"])
        key.chmod(0o644)
        return {"tls": {"certificate": str(certificate), "key": str(key)}}

    def test_a_full_disk(self):
        self.assert_found({"records": {"disk_floor_mib": 1048576}}, "disk", "FAIL", "the floor is", "Free space")

    def test_no_stun(self):
        self.assert_found({"listen": {"stun": False}}, "udp", "WARN", "switched off", "Set listen.stun")

    def test_no_relay(self):
        self.assert_found({"relay": {"enabled": False}}, "relay", "WARN", "there is no relay", "relay.enabled")

    def test_a_name_without_an_address(self):
        config = {"public_url": "https://meet.invalid:8443"}
        self.assert_found(config, "public address", "FAIL", "has no address", "public_url")

    def test_a_certificate_for_another_name(self):
        self.assert_found(self.certificate("other.example", 90), "certificate", "FAIL", "not for", "tls.certificate")

    def test_a_certificate_that_ends_soon(self):
        config = self.certificate("localhost", 5)
        trusted = {"SSL_CERT_FILE": config["tls"]["certificate"]}
        self.assert_found(config, "certificate", "WARN", "expires in", "Renew it", **trusted)

    def test_a_certificate_that_is_good(self):
        config = self.certificate("localhost", 90)
        _, findings = self.examine(self.server(config), SSL_CERT_FILE=config["tls"]["certificate"])
        self.assertEqual(findings["certificate"]["grade"], "OK", findings)

    def test_a_turn_server_that_is_not_there(self):
        with tempfile.NamedTemporaryFile("w") as secret, socket.socket(type=socket.SOCK_DGRAM) as silent:
            secret.write("secret")
            secret.flush()
            silent.bind(("127.0.0.1", 0))
            url = f"turn:127.0.0.1:{silent.getsockname()[1]}"
            config = {"ice": {"turn_urls": [url], "turn_secret_file": secret.name}}
            self.assert_found(config, "turn", "FAIL", "does not answer", "TURN server runs")

    def test_a_store_that_fails_and_recovers(self):
        server = self.server({})
        browser = server.browser()
        database = sqlite3.connect(server.data / "conclave.db", isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        browser.request("GET", "/healthz")
        browser.connection.sock.settimeout(40)  # the store waits for the other one first
        browser.api("POST", "/instant", expect=503)
        status, findings = self.examine(server)
        self.assertEqual((status, findings["store"]["grade"]), (1, "FAIL"), findings)
        self.assertIn("busy", findings["store"]["detail"])
        self.assertIn("server's log", findings["store"]["advice"])
        self.assertEqual(browser.request("GET", "/readyz")[0], 503)
        self.assertEqual(browser.request("GET", "/healthz")[0], 200)
        self.assertIn(b"conclave_store_fault 1\n", browser.request("GET", "/metrics")[2])
        database.execute("ROLLBACK")
        browser.api("POST", "/instant", expect=201)
        self.assertEqual(browser.request("GET", "/readyz")[0], 200)
        self.assertIn(b"conclave_store_fault 0\n", browser.request("GET", "/metrics")[2])


class Watching(ServerCase):
    def test_metrics_count_people(self):
        host, guest, _ = self.server.instant()
        self.join(host, "Hana"), self.join(guest, "Gus")
        status, headers, body = fetch(self.server.origin + "/metrics")
        self.assertEqual((status, headers.get_content_type()), (200, "text/plain"))
        samples = dict(
            line.rpartition(" ")[::2] for line in body.decode().splitlines() if line and not line.startswith("#")
        )
        counted = {name: value for name, value in samples.items() if "participants" in name}
        self.assertEqual([float(value) for value in counted.values()], [2.0], samples)
        self.assertTrue(all(name.startswith("conclave_") for name in samples), samples)

    def test_every_answer_carries_the_security_headers(self):
        for path in ("/", "/api/v1/server", "/nothing/here", "/healthz"):
            with self.subTest(path):
                _, headers, _ = fetch(self.server.origin + path)
                policy = headers["Content-Security-Policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn("unsafe-eval", policy)
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertIn("max-age=", headers["Strict-Transport-Security"])

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_the_socket_is_the_administrators(self):
        result = subprocess.run(
            ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", os.environ["CONCLAVE"], "--data",
             str(self.server.data), "user", "list"],
            capture_output=True, text=True, check=False, timeout=30,
        )
        self.assertEqual((result.returncode, result.stdout), (1, ""))


if __name__ == "__main__":
    unittest.main()
