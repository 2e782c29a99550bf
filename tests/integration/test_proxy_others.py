#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Behind the real HAProxy and the real Caddy, set up as packaging/ has them: as test_proxy.py."""
import os
import re
import socket
import subprocess
import time
import unittest

from conclave import ROOT, free_port
from test_proxy import Behind


def adapted(example, changes):
    """The example with the ports and files of the test; each change must find its place."""
    text = (ROOT / "packaging" / example).read_text()
    for pattern, by in changes:
        text, count = re.subn(pattern, by, text)
        assert count, pattern
    return text


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"],
        check=True,
        capture_output=True,
    )


class Proxy:
    def __init__(self, command, port, **options):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise AssertionError(self.stop()) from None
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        return self.process.communicate(timeout=20)[1]


class BehindAnother(Behind):
    def listen(self):
        self.plain = free_port()
        return {"http": f"127.0.0.1:{self.plain}", "trusted_proxies": ["127.0.0.1"]}

    def proxy(self):
        make_certificate(self.folder)
        return Proxy(self.command(), self.port, env={**os.environ, "HOME": str(self.folder)}, cwd=self.folder)


class HAProxy(BehindAnother, unittest.TestCase):
    def command(self):
        both = (self.folder / "certificate.pem").read_text() + (self.folder / "key.pem").read_text()
        (self.folder / "both.pem").write_text(both)
        text = adapted(
            "haproxy/haproxy.cfg",
            [
                (r"maxconn 20000", "maxconn 200"),  # more than a test may have open
                (r"bind :80\b", f"bind 127.0.0.1:{free_port()}"),
                (r"bind :443 ssl crt \S+", f"bind 127.0.0.1:{self.port} ssl crt {self.folder}/both.pem"),
                (r"server conclave 127\.0\.0\.1:8080", f"server conclave 127.0.0.1:{self.plain}"),
            ],
        )
        (self.folder / "haproxy.cfg").write_text(text)
        return ["haproxy", "-db", "-f", str(self.folder / "haproxy.cfg")]


class Caddy(BehindAnother, unittest.TestCase):
    def command(self):
        text = adapted(
            "caddy/Caddyfile",
            [
                (
                    r"(?m)^meet\.example\.org \{",
                    "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
                    f"https://:{self.port} {{\n\ttls {self.folder}/certificate.pem {self.folder}/key.pem",
                ),
                (r"reverse_proxy 127\.0\.0\.1:8080", f"reverse_proxy 127.0.0.1:{self.plain}"),
            ],
        )
        (self.folder / "Caddyfile").write_text(text)
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]


if __name__ == "__main__":
    unittest.main()
