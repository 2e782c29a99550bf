#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TLS against OpenSSL's own client: versions, ciphers, ALPN, resumption, and a new certificate."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

from certificate import make_certificate
from http_peer import PATIENCE, Server, read_answer

HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"


def s_client(server, *arguments):
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *arguments]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=PATIENCE, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


class Handshakes(unittest.TestCase):
    def test_versions_and_ciphers(self):
        weak = "@SECLEVEL=0"
        with Server(tls=True) as server:
            for arguments, accepted in [
                (("-tls1_3",), "TLSv1.3"),
                (("-tls1_2",), "TLSv1.2"),
                (("-tls1_1", "-cipher", f"ALL:{weak}"), None),
                (("-tls1", "-cipher", f"ALL:{weak}"), None),
                (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"), "TLSv1.2"),
                (("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"), "TLSv1.2"),
                (("-tls1_2", "-cipher", f"ECDHE-ECDSA-AES128-SHA:{weak}"), None),
                (("-tls1_2", "-cipher", f"AES128-GCM-SHA256:{weak}"), None),
                (("-tls1_2", "-cipher", f"aNULL:{weak}"), None),
                (("-groups", "X25519"), "TLSv1.3"),
                (("-groups", "P-521"), None),
            ]:
                with self.subTest(arguments=arguments):
                    found = re.search(r"^New, (TLSv1\.\d), Cipher is (?!\(NONE\))", s_client(server, *arguments), re.M)
                    self.assertEqual(found and found[1], accepted)
            self.assertGreater(server.counters()["handshakes_failed"], 4)

    def test_alpn(self):
        with Server(tls=True) as server:
            self.assertIn("ALPN protocol: h2", s_client(server, "-alpn", "http/1.1,h2"))
            self.assertIn("ALPN protocol: http/1.1", s_client(server, "-alpn", "http/1.1"))
            self.assertIn("No ALPN negotiated", s_client(server))
            self.assertIn("no application protocol", s_client(server, "-alpn", "smtp"))

    def test_renegotiation_is_refused(self):
        with Server(tls=True) as server:
            command = ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{server.port}"]
            done = subprocess.run(command, input=b"R\n", capture_output=True, timeout=PATIENCE, check=False)
            self.assertIn(b"no renegotiation", done.stderr)

    def test_garbage_harms_nobody(self):
        with Server(tls=True) as server:
            for data in b"GET / HTTP/1.1\r\n\r\n", os.urandom(5000), b"\x16\x03\x01\xff\xff" + os.urandom(1000):
                with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as peer:
                    peer.sendall(data)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(4096):
                        pass
            self.assertEqual(server.get("/hello")[0], 200)


class Certificates(unittest.TestCase):
    def subject(self, server):
        return re.search(r"subject=CN = (\S+)", s_client(server, "-showcerts"))[1]

    def reload(self, server):
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)

    def test_a_new_certificate_is_taken_without_a_break(self):
        with Server(tls=True) as server, server.connect() as old:
            old.sendall(HELLO)
            read_answer(old)
            session = f"{server.scratch.name}/session"
            s_client(server, "-tls1_2", "-sess_out", session)
            make_certificate(server.certificate, server.key, "renewed")
            self.reload(server)
            self.assertEqual(self.subject(server), "renewed")
            old.sendall(HELLO)
            self.assertEqual(read_answer(old)[0], 200)
            self.assertIn("Reused, TLSv1.2", s_client(server, "-tls1_2", "-sess_in", session))

    def test_a_bad_one_leaves_the_old_in_use(self):
        with Server(tls=True) as server:
            keep = f"{server.scratch.name}/keep"
            shutil.copy(server.certificate, keep)
            for break_it in (
                lambda: os.remove(server.certificate),
                lambda: Path(server.certificate).write_text("", encoding="ascii"),
                lambda: make_certificate(server.certificate, f"{server.scratch.name}/other"),
                lambda: shutil.copy(server.key, server.certificate),
            ):
                break_it()
                self.reload(server)
                self.assertEqual(self.subject(server), "localhost")
                shutil.copy(keep, server.certificate)
            server.process.terminate()
            server.process.wait(PATIENCE)
            said = server.process.stderr.read().splitlines()
            self.assertEqual(len(said), 4)
            self.assertRegex(said[0], r"certificate .*cert\.pem: No such file")
            self.assertRegex(said[2], r"key .*key\.pem: .*mismatch")


if __name__ == "__main__":
    unittest.main()
