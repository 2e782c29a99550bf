# SPDX-License-Identifier: Apache-2.0
"""A daemon of a test's own: temporary data folder, free ports, and what it takes to disturb it."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from conclave import Announced, child_of, daemon, free_ports, process_tree
from peer import Browser, token_of

LOOPBACK = {"addresses": ["127.0.0.1", "::1"]}


class Server:
    """conclaved, started; `config` is what conclave.yaml is to hold beside the test's own ports."""

    def __init__(self, config=None, data=None, port=0, arguments=()):
        self.scratch = Path(tempfile.mkdtemp())
        self.scratch.chmod(0o755)  # the daemon's account has to come through
        self.data = Path(data or self.scratch / "data")
        self.config_file = self.scratch / "conclave.yaml"
        self.port = port
        self.arguments = list(arguments)
        self.relay = {"workers": 1, "port": free_ports()}
        self.write_config(config or {})
        self.started = None
        self.start()

    def write_config(self, config):
        whole = {
            **config,
            "listen": {**LOOPBACK, **config.get("listen", {})},
            "relay": {**self.relay, **config.get("relay", {})},
        }
        self.config_file.write_text(json.dumps(whole))  # which is YAML

    def start(self):
        self.started = daemon(
            "--config", str(self.config_file), "--data", str(self.data), "--port", str(self.port), *self.arguments
        )
        self.origin = self.started.wait_for("Ready at").rstrip("/")
        self.port = int(self.origin.rpartition(":")[2])  # the public one, where a proxy stands before us
        return self

    @property
    def pid(self):
        return self.started.process.pid

    def control_pid(self):
        return child_of(self.pid, "--control")

    def kill_control(self):
        """As a crash would; returns when another control process serves."""
        before = self.control_pid()
        os.kill(before, signal.SIGKILL)
        self.wait_ready(not_pid=before)

    def kill_all(self):
        """Everything at once, and everything started again."""
        for pid in reversed(process_tree(self.pid)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.started.stop(signal.SIGKILL)
        self.start()

    def wait_ready(self, not_pid=None, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                control = self.control_pid()
                if control and control != not_pid and self.browser().request("GET", "/readyz")[0] == 200:
                    return
            except (OSError, FileNotFoundError):
                pass
            time.sleep(0.01)
        raise AssertionError("not ready again")

    def stop(self, how=signal.SIGTERM):
        status = self.started.stop(how)
        return status

    def errors(self):
        return "".join(self.started.errors)

    def close(self):
        self.started.stop(signal.SIGKILL)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def browser(self):
        return Browser(self.origin)

    def admin(self):
        """The first administrator, signed in."""
        browser = self.browser()
        browser.set_up(self.started.wait_for("Administrator set-up"))
        return browser

    def account(self, email, name, password="correct horse battery"):
        """Another account, signed in."""
        self.conclave("user", "add", email, "--name", name, input=password + "\n")
        browser = self.browser()
        browser.api("POST", "/session", {"email": email, "password": password}, expect=200)
        return browser

    def conclave(self, *arguments, **options):
        """The administrator's command: the finished process."""
        return subprocess.run(
            [os.environ["CONCLAVE"], "--data", str(self.data), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **options,
        )

    def instant(self, browser=None):
        """(host token, guest token, meeting) of a new instant meeting."""
        made = (browser or self.browser()).api("POST", "/instant", expect=201)
        return token_of(made["host_url"]), token_of(made["guest_url"]), made["meeting"]


class ServerCase(unittest.TestCase):
    """Tests that share one daemon, which `config` describes."""

    config = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.config)
        cls.addClassCleanup(cls.server.close)

    def join(self, token, name="Ana", browser=None, **fields):
        """A socket that is in the meeting."""
        peer = (browser or self.server.browser()).socket()
        self.addCleanup(peer.drop)
        peer.join(token, name, **fields)
        return peer


__all__ = ["Announced", "Server", "ServerCase", "token_of"]
