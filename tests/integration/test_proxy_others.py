#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Behind the real HAProxy and the real Caddy, set up as packaging/ has them: as test_proxy.py."""
import os
import unittest

from conclave import free_port
from proxy import Behind, Proxy, adapted


class BehindAnother(Behind):
    def listen(self):
        self.plain = free_port()
        return {"http": f"127.0.0.1:{self.plain}", "trusted_proxies": ["127.0.0.1"]}

    def proxy(self):
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
