# SPDX-License-Identifier: Apache-2.0
"""What the integration tests in Python share: a daemon of their own, and HTTPS to it."""
import contextlib
import http.client
import os
import random
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 10


def free_port():
    """A TCP port that was free a moment ago, on all addresses."""
    with socket.socket(socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET) as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def process_tree(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in children for p in process_tree(int(child)))]


def free_ports(count=4):
    """The first of so many ports in a row, free for UDP and TCP, and none that the kernel gives to connections."""
    while True:
        first = random.randrange(10000, 30000)
        try:
            with contextlib.ExitStack() as stack:
                for port in range(first, first + count):
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        probe = stack.enter_context(socket.socket(socket.AF_INET6, kind))
                        probe.bind(("::", port))
            return first
        except OSError:
            continue


def child_of(pid, argument):
    """The process under the daemon `pid` that was started with --control or --worker; the first of several."""
    for process in process_tree(pid)[1:]:
        if Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[1:2] == [argument.encode()]:
            return process
    return None


class Announced:
    """A command that ends up as the daemon with --announce, and the lines that it printed."""

    def __init__(self, command, **options):
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, **options
        )
        self.lines, self.errors = {}, []
        self.ready_seconds = None
        self._readers = [threading.Thread(target=self._read_lines), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read_lines(self):
        for line in self.process.stdout:
            if line.startswith("Ready at "):
                self.ready_seconds = time.monotonic() - self.begun
            name, _, url = line.strip().partition(": ") if ": " in line else line.strip().rpartition(" ")
            self.lines[name] = url

    def _read_errors(self):
        self.errors.extend(self.process.stderr)

    def wait_for(self, name, seconds=READY_SECONDS):
        """The URL that was printed after `name`."""
        end = time.monotonic() + seconds
        while name not in self.lines:
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop(signal.SIGKILL)
                raise AssertionError(f"no line '{name}': {self.lines} {''.join(self.errors)}")
            time.sleep(0.01)
        return self.lines[name]

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=READY_SECONDS)
        for reader in self._readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return status


def daemon(*arguments, **options):
    return Announced([os.environ["CONCLAVED"], "--announce", *arguments], **options)


def fetch(url, headers=None, method="GET"):
    """(status, headers, body) over TLS; who the server is was not the question."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    context = ssl._create_unverified_context()
    connection = (
        http.client.HTTPSConnection(host, timeout=10, context=context)
        if scheme == "https"
        else http.client.HTTPConnection(host, timeout=10)
    )
    try:
        connection.request(method, "/" + path.partition("#")[0], headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
