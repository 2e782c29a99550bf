# SPDX-License-Identifier: Apache-2.0
"""Certificates of a test's own, each signed by itself."""
import subprocess
import tempfile
from pathlib import Path

# What `openssl ca` wants to be told before it signs; only it can put both dates where we like.
AUTHORITY = """[ca]
default_ca = own
[own]
database = {0}/index
new_certs_dir = {0}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {1}
"""


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_certificate(certificate, key, name="localhost", days=2, alternatives=()):
    """Writes both files; `alternatives` are such as "DNS:localhost"."""
    extension = ["-addext", "subjectAltName=" + ",".join(alternatives)] if alternatives else []
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days,
        "-subj", f"/CN={name}", "-keyout", key, "-out", certificate, *extension,
    )


def make_certificate_between(certificate, key, start, end, name="localhost"):
    """The same, valid from `start` until `end`, which are of datetime, in UTC, and may both lie in the past."""
    dates = [date.strftime("%Y%m%d%H%M%SZ") for date in (start, end)]
    with tempfile.TemporaryDirectory() as folder:
        config, request = Path(folder, "ca.conf"), Path(folder, "request.pem")
        Path(folder, "index").touch()
        config.write_text(AUTHORITY.format(folder, f"DNS:{name}"))
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", key, "-out", request,
        )
        openssl(
            "ca", "-batch", "-selfsign", "-notext", "-config", config, "-keyfile", key, "-in", request,
            "-out", certificate, "-startdate", dates[0], "-enddate", dates[1],
        )
