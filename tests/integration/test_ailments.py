#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The doctor among the sick: each thing really broken in turn, found, and with it comes what to do."""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from certificate import make_certificate, make_certificate_between
from conclave import child_of
from isolation import in_own_mounts, in_own_network, mount_small
from server import Server


class Ailments(unittest.TestCase):
    def server(self, config=None, **options):
        server = Server(config, **options)
        self.addCleanup(server.close)
        return server

    def scratch(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        return folder

    def examine(self, server, *arguments, **environment):
        environment = {**os.environ, **environment}
        result = server.conclave("doctor", "--format", "json", *arguments, env=environment)
        self.assertEqual(result.stderr, "")
        return result.returncode, {f["check"]: f for f in json.loads(result.stdout)}

    def assert_graded(self, examined, check, grade, words, advice):
        """The finding itself; and that the exit status is that of the worst one."""
        status, findings = examined
        found = findings[check]
        self.assertEqual(found["grade"], grade, findings)
        self.assertEqual(status, int(any(f["grade"] == "FAIL" for f in findings.values())), findings)
        self.assertIn(words, found["detail"])
        self.assertIn(advice, found["advice"])

    def assert_alone(self, examined, check, grade, words, advice):
        """The same, and nothing else fails for it."""
        self.assert_graded(examined, check, grade, words, advice)
        failed = [name for name, f in examined[1].items() if f["grade"] == "FAIL" and name != check]
        self.assertEqual(failed, [], examined)


class Settings(Ailments):
    def assert_found(self, config, *expected):
        self.assert_alone(self.examine(self.server(config)), *expected)

    def test_no_stun(self):
        self.assert_found({"listen": {"stun": False}}, "udp", "WARN", "switched off", "Set listen.stun")

    def test_no_relay(self):
        self.assert_found({"relay": {"enabled": False}}, "relay", "WARN", "there is no relay", "relay.enabled")

    def test_a_name_without_an_address(self):
        config = {"public_url": "https://meet.invalid:8443"}
        examined = self.examine(self.server(config))
        self.assert_graded(examined, "public address", "FAIL", "has no address", "public_url")


class Certificates(Ailments):
    def files(self, make, *arguments):
        folder = self.scratch()
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        make(certificate, key, *arguments)
        key.chmod(0o644)
        return {"tls": {"certificate": str(certificate), "key": str(key)}}

    def lasting(self, name, days):
        return self.files(make_certificate, name, days, [f"DNS:{name}"])

    def between(self, start_days, end_days):
        now = datetime.now(timezone.utc)
        return self.files(
            make_certificate_between, now + timedelta(days=start_days), now + timedelta(days=end_days)
        )

    def assert_found(self, config, *expected):
        """With a client that trusts whoever signed it: nothing but the certificate itself is at fault."""
        examined = self.examine(self.server(config), SSL_CERT_FILE=config["tls"]["certificate"])
        self.assert_alone(examined, "certificate", *expected)

    def test_expired(self):
        yesterday = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%d")
        self.assert_found(self.between(-30, -1), "FAIL", f"expired on {yesterday}", "Get a certificate")

    def test_expired_a_moment_ago(self):
        self.assert_found(self.between(-30, -0.0001), "FAIL", "expired on", "Get a certificate")

    def test_not_valid_yet(self):
        start = (datetime.now(timezone.utc) + timedelta(days=3)).strftime("%Y-%m-%d")
        self.assert_found(self.between(3, 90), "FAIL", f"not valid before {start}", "clock")

    def test_ends_soon(self):
        self.assert_found(self.between(-30, 5.5), "WARN", "expires in 5 days", "Renew it")

    def test_for_another_name(self):
        self.assert_found(self.lasting("other.example", 90), "FAIL", "not for localhost", "tls.certificate")

    def test_signed_by_nobody_known(self):
        examined = self.examine(self.server(self.lasting("localhost", 90)))
        self.assert_alone(examined, "certificate", "WARN", "browsers will warn", "Get a certificate")

    def test_good(self):
        config = self.lasting("localhost", 90)
        _, findings = self.examine(self.server(config), SSL_CERT_FILE=config["tls"]["certificate"])
        self.assertEqual(findings["certificate"]["grade"], "OK", findings)

    def test_a_renewed_one_is_good_at_once(self):
        config = self.between(-30, -1)
        server, trusted = self.server(config), {"SSL_CERT_FILE": config["tls"]["certificate"]}
        self.assertEqual(self.examine(server, **trusted)[0], 1)
        make_certificate(config["tls"]["certificate"], config["tls"]["key"], "localhost", 90, ["DNS:localhost"])
        Path(config["tls"]["key"]).chmod(0o644)
        os.kill(server.pid, signal.SIGHUP)
        end = time.monotonic() + 10
        while (examined := self.examine(server, **trusted))[0] and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual((examined[0], examined[1]["certificate"]["grade"]), (0, "OK"), examined)


class Ports(Ailments):
    """
    The doctor finds the daemon's socket in the data folder, but is in a network where its ports are what the
    test makes them: as when a firewall stands between the two.
    """

    def setUp(self):
        self.sick = self.server()
        status = json.loads(self.sick.conclave("status").stdout)
        self.https, self.stun = status["port"], status["stun"]["port"]
        self.relay = status["relay"]["workers"][0]["port"]

    def listen(self, stack, kind, port):
        listener = stack.enter_context(socket.socket(type=kind))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            listener.listen(0)
        return listener

    def examine_elsewhere(self, prepare=None):
        def run():
            with contextlib.ExitStack() as stack:
                if prepare:
                    prepare(stack)
                return self.examine(self.sick)

        return in_own_network(run)

    def test_all_closed(self):
        examined = self.examine_elsewhere()
        self.assert_graded(examined, "https", "FAIL", f"TCP port {self.https} of this machine is closed", "firewall")
        self.assert_graded(examined, "udp", "FAIL", f"no STUN answer on UDP port {self.stun}", "firewall")
        self.assert_graded(examined, "relay", "FAIL", f"UDP port {self.relay}", "Open the UDP ports")
        self.assertEqual(examined[1]["store"]["grade"], "OK", examined)

    def test_taken_by_programs_that_are_not_ours(self):
        def others(stack):
            web = self.listen(stack, socket.SOCK_STREAM, self.https)
            self.listen(stack, socket.SOCK_DGRAM, self.stun)
            threading.Thread(target=answer_in_the_clear, args=(web,)).start()

        examined = self.examine_elsewhere(others)
        self.assert_graded(examined, "https", "FAIL", f"port {self.https} of this machine speaks no TLS", "ss -ltnp")
        self.assert_graded(examined, "udp", "FAIL", f"no STUN answer on UDP port {self.stun}", "firewall")

    def test_a_port_whose_packets_are_dropped(self):
        """A queue that is full drops whoever else asks, as many firewalls do: it takes seconds, not minutes."""

        def dropped(stack):
            self.listen(stack, socket.SOCK_STREAM, self.https)
            for _ in range(2):
                first = stack.enter_context(socket.socket())
                first.setblocking(False)
                first.connect_ex(("127.0.0.1", self.https))

        begun = time.monotonic()
        examined = self.examine_elsewhere(dropped)
        self.assertLess(time.monotonic() - begun, 20)
        self.assert_graded(examined, "https", "FAIL", "is closed", "firewall")

    def test_no_tcp_to_the_relay(self):
        examined = self.examine_elsewhere(lambda stack: self.listen(stack, socket.SOCK_DGRAM, self.relay))
        self.assert_graded(examined, "relay", "WARN", f"TCP port {self.relay}", "relay.tcp")

    def test_a_worker_that_is_gone(self):
        os.kill(self.sick.pid, signal.SIGSTOP)  # so that nobody starts another
        try:
            os.kill(child_of(self.sick.pid, "--worker"), signal.SIGKILL)
            examined = self.examine_until(1)
            self.assert_alone(examined, "relay", "FAIL", "worker 0 is not running", "server's log")
        finally:
            os.kill(self.sick.pid, signal.SIGCONT)
        self.assertEqual(self.examine_until(0)[1]["relay"]["grade"], "OK")

    def examine_until(self, status):
        end = time.monotonic() + 10
        while (examined := self.examine(self.sick))[0] != status and time.monotonic() < end:
            time.sleep(0.05)
        return examined


def answer_in_the_clear(listener):
    """A web server of yesterday: one answer, and it is not TLS."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


class Turn(Ailments):
    def config(self, url):
        secret = self.scratch() / "secret"
        secret.write_text("secret")
        return {"ice": {"turn_urls": [url], "turn_secret_file": str(secret)}}

    def assert_found(self, url, *expected):
        self.assert_alone(self.examine(self.server(self.config(url))), "turn", "FAIL", *expected)

    def test_silent(self):
        with socket.socket(type=socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            url = f"turn:127.0.0.1:{silent.getsockname()[1]}"
            self.assert_found(url, "does not answer", "TURN server runs")

    def test_a_closed_port(self):
        with socket.socket(type=socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            url = f"turn:127.0.0.1:{gone.getsockname()[1]}?transport=udp"
        self.assert_found(url, "does not answer", "TURN server runs")

    def test_no_such_host(self):
        self.assert_found("turn:turn.invalid:3478", "no such host", "ice.turn_urls")


class Disk(Ailments):
    def test_below_the_floor(self):
        server = self.server({"records": {"disk_floor_mib": 1048576}})
        self.assert_alone(self.examine(server), "disk", "FAIL", "the floor is", "Free space")

    def test_full(self):
        in_own_mounts(self.fill_and_empty)

    def fill_and_empty(self):
        folder = self.scratch() / "small"
        folder.mkdir()
        mount_small(folder, 24)
        try:
            server = Server({"records": {"disk_floor_mib": 1}}, data=folder / "data")
            try:
                self.fill(server, folder / "filler")
            finally:
                server.close()
        finally:
            subprocess.run(["umount", folder], check=True)

    def fill(self, server, filler):
        browser = server.browser()
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        browser.api("POST", "/instant", expect=503)
        examined = self.examine(server)
        self.assert_graded(examined, "disk", "FAIL", "0 MiB free", "Free space")
        self.assert_graded(examined, "store", "FAIL", "disk-full", "disk-full: free space")
        filler.unlink()
        browser.api("POST", "/instant", expect=201)
        self.assertEqual(self.examine(server)[1]["store"]["grade"], "OK")


class Folder(Ailments):
    def test_gone_from_under_the_server(self):
        server = self.server()
        shutil.rmtree(server.data)
        examined = self.examine(server)
        self.assert_graded(examined, "server", "FAIL", "nothing answers", "Start it")
        self.assert_graded(examined, "data folder", "FAIL", "No such file", "--data DIR")
        self.assert_graded(examined, "disk", "FAIL", "No such file", "--data DIR")
        self.assertNotIn("store", examined[1])

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_not_for_this_user(self):
        server = self.server()
        result = subprocess.run(
            ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", os.environ["CONCLAVE"], "--data",
             str(server.data), "doctor", "--format", "json"],
            capture_output=True, text=True, check=False, timeout=30,
        )
        examined = result.returncode, {f["check"]: f for f in json.loads(result.stdout)}
        self.assert_graded(examined, "server", "FAIL", "nothing answers", "run this as root")
        self.assert_graded(examined, "store", "FAIL", "Permission denied", "as root or as the server's user")


class Store(Ailments):
    def test_locked_by_somebody_and_let_go(self):
        server = self.server()
        browser = server.browser()
        database = sqlite3.connect(server.data / "conclave.db", isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        browser.request("GET", "/healthz")
        browser.connection.sock.settimeout(40)  # the store waits for the other one first
        browser.api("POST", "/instant", expect=503)
        self.assert_alone(self.examine(server), "store", "FAIL", "busy", "server's log")
        self.assertEqual(browser.request("GET", "/readyz")[0], 503)
        self.assertEqual(browser.request("GET", "/healthz")[0], 200)
        self.assertIn(b"conclave_store_fault 1\n", browser.request("GET", "/metrics")[2])
        database.execute("ROLLBACK")
        browser.api("POST", "/instant", expect=201)
        self.assertEqual(browser.request("GET", "/readyz")[0], 200)
        self.assertIn(b"conclave_store_fault 0\n", browser.request("GET", "/metrics")[2])

    def test_damaged(self):
        server = self.server()
        server.stop()
        with (server.data / "conclave.db").open("r+b") as file:
            file.write(os.urandom(4096))
        examined = self.examine(server)
        self.assert_graded(examined, "server", "FAIL", "nothing answers", "log")
        self.assert_graded(examined, "store", "FAIL", "damaged", "backups")

    def test_stopped_and_whole(self):
        server = self.server()
        server.stop()
        examined = self.examine(server)
        self.assert_alone(examined, "server", "FAIL", "nothing answers", "Start it")
        self.assertEqual(examined[1]["store"]["grade"], "OK", examined)


class TimeServer:
    """An NTP server (RFC 5905) whose clock is `wrong_by` seconds off; `change` may spoil each answer."""

    def __init__(self, wrong_by=0.0, change=None):
        self.wrong_by, self.change = wrong_by, change
        self.requests = []
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:{}".format(self.socket.getsockname()[1])
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def timestamp(self):
        now = time.time() + self.wrong_by + 2208988800
        return struct.pack(">II", int(now) & 0xFFFFFFFF, int(now % 1 * 2**32))

    def serve(self):
        while True:
            request, peer = self.socket.recvfrom(1024)
            if not request:
                return
            self.requests.append(request)
            now = self.timestamp()
            answer = struct.pack(">BBbb12x", 4 << 3 | 4, 2, 6, -20) + now + request[40:48] + now + now
            self.socket.sendto(self.change(answer) if self.change else answer, peer)

    def close(self):
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


class Clock(Ailments):
    @classmethod
    def setUpClass(cls):
        cls.well = Server()
        cls.addClassCleanup(cls.well.close)

    def ask(self, wrong_by=0.0, change=None):
        server = TimeServer(wrong_by, change)
        self.addCleanup(server.close)
        examined = self.examine(self.well, "--ntp", server.address)
        self.assertEqual([len(r) for r in server.requests], [48])
        self.assertEqual(server.requests[0][1:40], bytes(39))  # tells the server nothing of this machine
        return examined

    def test_right(self):
        status, findings = self.ask()
        self.assertEqual((status, findings["time"]["grade"]), (0, "OK"), findings)

    def test_an_hour_behind(self):
        self.assert_alone(self.ask(3600), "time", "FAIL", "clock is 3600 s behind", "Run a time service")

    def test_an_hour_ahead(self):
        self.assert_alone(self.ask(-3600), "time", "FAIL", "clock is 3600 s ahead of", "Run a time service")

    def test_years_off(self):
        self.assert_alone(self.ask(-20 * 365 * 86400), "time", "FAIL", "ahead of", "Run a time service")

    def test_a_little_off(self):
        self.assert_alone(self.ask(5), "time", "WARN", "clock is 5 s behind", "Run a time service")

    def test_servers_that_know_no_time(self):
        spoilt = {
            "kiss of death": lambda a: a[:1] + b"\0" + a[2:],
            "not synchronised": lambda a: bytes([a[0] | 0xC0]) + a[1:],
            "to another request": lambda a: a[:24] + bytes(8) + a[32:],
            "short": lambda a: a[:47],
            "a client": lambda a: bytes([a[0] & ~7 | 3]) + a[1:],
        }
        for what, change in spoilt.items():
            with self.subTest(what):
                self.assert_alone(self.ask(3600, change), "time", "WARN", "is no NTP server", "--ntp")

    def test_servers_that_are_not_there(self):
        with socket.socket(type=socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            port = gone.getsockname()[1]
        for address, words in ((f"127.0.0.1:{port}", "does not answer"), ("ntp.invalid", "has no address")):
            with self.subTest(address):
                self.assert_alone(self.examine(self.well, "--ntp", address), "time", "WARN", words, "--ntp")

    def test_nobody_is_asked_unless_named(self):
        self.assertNotIn("time", self.examine(self.well)[1])

    def test_the_kernel_is_believed(self):
        """Whether this machine's clock is set, asked of the kernel in another way."""
        timex = ctypes.create_string_buffer(256)  # struct timex: zero asks, and changes nothing
        state = ctypes.CDLL(None).adjtimex(timex)
        if state < 0:
            self.skipTest("the kernel doesn't tell here")
        found = self.examine(self.well)[1]["clock"]
        self.assertEqual(found["grade"], "WARN" if state == 5 else "OK", found)  # 5: TIME_ERROR
        self.assertEqual("Run a time service" in found.get("advice", ""), state == 5, found)


if __name__ == "__main__":
    unittest.main()
