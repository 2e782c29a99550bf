#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the start to the end of the daemon: configuration, certificate, reload, lock, processes."""
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from certificate import make_certificate
from conclave import child_of, process_tree
from server import Server, ServerCase


def run(*arguments, **options):
    return subprocess.run(
        [os.environ["CONCLAVED"], *arguments], capture_output=True, text=True, check=False, timeout=20, **options
    )


def certificate_of(folder, name):
    """(certificate, key) for a name of its own."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    make_certificate(certificate, key, name, days=90)
    return certificate, key


def served_certificate(port):
    return ssl.get_server_certificate(("127.0.0.1", port))


class Configuration(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.file = self.scratch / "conclave.yaml"

    def test_one_clear_line_and_no_start(self):
        for text, error in [
            ("listen:\n  prot: 1\n", f"{self.file}:2:3: unknown key 'listen.prot'"),
            ("listen:\n  port: high\n", f"{self.file}:2:9: 'listen.port' must be a whole number from 0 to 65535"),
            ("log: {level: loud}\n", f"{self.file}:1:14: 'log.level' must be debug or info or warning or error"),
            ("name: 'x\n", f"{self.file}:2:1: not YAML: found unexpected end of stream"),
        ]:
            self.file.write_text(text)
            checked = run("--check-config", "--config", str(self.file))
            self.assertEqual((checked.returncode, checked.stderr), (78, error + "\n"))
            started = run("--config", str(self.file), "--data", str(self.scratch / "data"))
            self.assertEqual((started.returncode, started.stderr), (78, f"conclaved: {error}\n"))
        self.assertFalse((self.scratch / "data").exists())
        self.file.write_text("name: good\n")
        self.assertEqual(run("--check-config", "--config", str(self.file)).returncode, 0)
        self.assertEqual(run("--check-config").returncode, 0)

    def test_files_that_are_not_there(self):
        missing = run("--check-config", "--config", "/nonexistent.yaml")
        self.assertEqual((missing.returncode, missing.stderr), (78, "/nonexistent.yaml: No such file or directory\n"))
        self.file.write_text("tls: {certificate: /nonexistent.pem, key: /nonexistent.pem}\n")
        started = run("--config", str(self.file), "--data", str(self.scratch / "data"))
        self.assertEqual(started.returncode, 78)
        self.assertIn("tls.certificate: can't read '/nonexistent.pem': No such file", started.stderr)

    def test_a_key_of_another_certificate(self):
        certificate, _ = certificate_of(self.scratch, "one.example")
        _, key = certificate_of(self.scratch, "two.example")
        self.file.write_text(f"listen: {{port: 0}}\ntls: {{certificate: {certificate}, key: {key}}}\n")
        started = run("--config", str(self.file), "--data", str(self.scratch / "data"))
        self.assertEqual(started.returncode, 78, started.stderr)
        self.assertIn(f"key {key}: key values mismatch", started.stderr)

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.file.write_text(f"listen: {{addresses: [127.0.0.1], port: {port}}}\n")
            started = run("--config", str(self.file), "--data", str(self.scratch / "data"))
        self.assertEqual(started.returncode, 1)
        self.assertIn(f"can't listen on TCP 127.0.0.1 port {port}: Address already in use", started.stderr)

    def test_arguments(self):
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn("conclaved ", run("--version").stdout)
        for wrong in (["--prot", "1"], ["--port", "x"], ["--port", "70000"], ["extra"]):
            self.assertEqual(run(*wrong).returncode, 2, wrong)
        self.assertEqual(run("--control").returncode, 1)

    def test_the_reference_is_that_of_the_manual(self):
        page = (Path(__file__).resolve().parents[2] / "docs/configuration.md").read_text()
        self.assertIn(run("--config-reference").stdout, page)


class Reload(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.folder.chmod(0o755)
        one, key = certificate_of(self.folder, "one.example")
        self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
        self.install(one, key)
        self.config = {"name": "One", "tls": {"certificate": str(self.certificate), "key": str(self.key)}}
        self.server = Server(self.config)
        self.addCleanup(self.server.close)

    def install(self, certificate, key):
        """As a tool that renews a certificate would, for the account that the daemon runs as."""
        for source, target in [(certificate, self.certificate), (key, self.key)]:
            fresh = target.with_suffix(".new")
            fresh.write_bytes(source.read_bytes())
            fresh.chmod(0o644)
            fresh.rename(target)

    def reload(self, *words):
        begun = len(self.server.started.errors)
        os.kill(self.server.pid, signal.SIGHUP)
        end = time.monotonic() + 10
        while not any(all(word in line for word in words) for line in self.server.started.errors[begun:]):
            self.assertLess(time.monotonic(), end, (words, self.server.errors()))
            time.sleep(0.01)

    def test_certificate_and_configuration(self):
        before = served_certificate(self.server.port)
        browser = self.server.browser()
        self.assertEqual(browser.api("GET", "/server", expect=200)["name"], "One")
        self.install(*certificate_of(self.folder, "two.example"))
        self.server.write_config({**self.config, "name": "Two"})
        self.reload("configuration read again")
        self.assertNotEqual(served_certificate(self.server.port), before)
        # The connection that stood is not disturbed.
        self.assertEqual(browser.api("GET", "/server", expect=200)["name"], "Two")

    def test_a_certificate_that_fits_no_key_changes_nothing(self):
        before = served_certificate(self.server.port)
        certificate, _ = certificate_of(self.folder, "three.example")
        self.install(certificate, self.key)
        self.reload("the certificate stays as it was")
        self.assertEqual(served_certificate(self.server.port), before)

    def test_a_configuration_with_a_mistake_changes_nothing(self):
        self.server.config_file.write_text("naem: Two\n")
        self.reload("reload refused", "unknown key 'naem'")
        self.assertEqual(self.server.browser().api("GET", "/server", expect=200)["name"], "One")
        self.server.write_config({**self.config, "name": "Three"})
        self.reload("configuration read again")
        self.assertEqual(self.server.browser().api("GET", "/server", expect=200)["name"], "Three")

    def test_what_needs_a_restart_is_said(self):
        self.server.write_config({**self.config, "limits": {"connections": 99}})
        self.reload("change with a restart only")


class Processes(ServerCase):
    def test_one_daemon_for_a_data_folder(self):
        second = run("--data", str(self.server.data), "--port", "0")
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"another conclaved works on the data folder '{self.server.data}'", second.stderr)
        self.assertEqual(self.server.browser().request("GET", "/healthz")[0], 200)

    def test_the_data_folder_is_closed(self):
        self.assertEqual(self.server.data.stat().st_mode & 0o777, 0o700)
        public = [self.server.data / "tls/certificate.pem"]
        for path in self.server.data.rglob("*"):
            if path not in public:
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    @unittest.skipUnless(os.geteuid() == 0, "only root has privileges to drop")
    def test_nobody_stays_root(self):
        for pid in process_tree(self.server.pid):
            status = Path(f"/proc/{pid}/status").read_text()
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            self.assertNotIn("0", fields["Uid"].split() + fields["Gid"].split())
            self.assertEqual(fields["Groups"].strip(), "")
            self.assertEqual(int(fields["CapEff"], 16), 0)
            self.assertEqual(fields["NoNewPrivs"], "1")

    def test_control_does_not_outlive_its_supervisor(self):
        server = Server()
        self.addCleanup(server.close)
        control = server.control_pid()
        os.kill(server.pid, signal.SIGKILL)
        end = time.monotonic() + 5
        while Path(f"/proc/{control}").exists() and "Z" not in Path(f"/proc/{control}/stat").read_text().split()[2]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_sigint_ends_it_at_once(self):
        server = Server()
        self.addCleanup(server.close)
        pids = process_tree(server.pid)
        begun = time.monotonic()
        self.assertEqual(server.stop(signal.SIGINT), 0)
        self.assertLess(time.monotonic() - begun, 3)
        self.assertEqual([pid for pid in pids if Path(f"/proc/{pid}").exists()], [])

    def test_memory_idle(self):
        worker = child_of(self.server.pid, "--worker")
        resident = {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in process_tree(self.server.pid)}
        self.assertLess(resident.pop(worker), 10 << 20)
        self.assertLess(sum(resident.values()), 20 << 20)

    def test_local_socket_is_for_us_only(self):
        status = self.server.conclave("status")
        self.assertEqual(status.returncode, 0, status.stderr)
        if os.geteuid() == 0:  # another account is turned away by the folder, and by the daemon
            (self.server.data / "control.sock").chmod(0o666)
            self.server.data.chmod(0o711)
            try:
                denied = self.server.conclave("status", user="daemon")
            finally:
                self.server.data.chmod(0o700)
                (self.server.data / "control.sock").chmod(0o600)
            self.assertNotEqual(denied.returncode, 0)
            self.assertIn("Only root", denied.stderr)


class Service(unittest.TestCase):
    """What systemd is told (sd_notify)."""

    def test_states(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        folder = Path(scratch.name)
        folder.chmod(0o755)
        path = folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            path.chmod(0o777)
            notify.settimeout(10)
            os.environ["NOTIFY_SOCKET"] = str(path)
            os.environ["WATCHDOG_USEC"] = "1000000"
            try:
                server = Server()
            finally:
                del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
            self.addCleanup(server.close)
            heard = []

            def wait(state):
                while not any(state in line for line in heard):
                    heard.extend(notify.recv(4096).decode().splitlines())
                heard.clear()

            wait("READY=1")
            wait("WATCHDOG=1")
            os.kill(server.pid, signal.SIGHUP)
            wait("RELOADING=1")
            wait("READY=1")
            server.stop(signal.SIGTERM)
            wait("STOPPING=1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
