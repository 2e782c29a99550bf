# SPDX-License-Identifier: Apache-2.0
"""Certificates of a test's own, each signed by itself."""
import subprocess


def make_certificate(certificate, key, name="localhost", days=2, alternatives=()):
    """Writes both files; `alternatives` are such as "DNS:localhost"."""
    extension = ["-addext", "subjectAltName=" + ",".join(alternatives)] if alternatives else []
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        + ["-days", str(days), "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate), *extension],
        check=True,
        capture_output=True,
    )
