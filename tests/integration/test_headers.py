#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The headers of a page: what the daemon sends, what docs/web-client.md says, and what Vite serves are the same."""
import re
import unittest

from conclave import ROOT, fetch
from server import ServerCase


def normal(headers):
    """Names in lower case; a policy's directives in any order."""
    return {
        name.lower(): {part.strip() for part in re.split("[;,]", " ".join(value.split()))}
        for name, value in headers.items()
    }


def documented():
    page = (ROOT / "docs/web-client.md").read_text()
    block = re.search(r"^## Headers\n```\n(.*?)^```", page, re.M | re.S)[1]
    return normal(dict(line.split(": ", 1) for line in re.sub(r"\n  +", " ", block).splitlines()))


def of_vite(name):
    text = (ROOT / "web/vite.config.ts").read_text()
    block = re.search(rf"^const {name} = {{\n(.*?)^}};", text, re.M | re.S)[1]
    literal = r"""(?:'[^'\n]*'|"[^"\n]*")"""
    entries = re.findall(rf"^    '([\w-]+)':\s*({literal}(?:\s*\+\s*{literal})*),", block, re.M)
    return normal({name: "".join(part[1:-1] for part in re.findall(literal, value)) for name, value in entries})


class Headers(ServerCase):
    def test_the_daemon_sends_what_is_documented(self):
        expected = documented()
        self.assertEqual(len(expected), 7, expected)
        _, sent, _ = fetch(self.server.origin + "/")
        sent = normal(dict(sent.items()))
        self.assertEqual({name: sent.get(name) for name in expected}, expected)

    def test_vite_serves_what_is_documented(self):
        expected = documented()
        del expected["strict-transport-security"]
        self.assertEqual({**of_vite("headers"), **of_vite("policy")}, expected)


if __name__ == "__main__":
    unittest.main()
