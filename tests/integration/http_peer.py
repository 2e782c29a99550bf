# SPDX-License-Identifier: Apache-2.0
"""What the tests of the HTTP server share: the server, and clients that may misbehave."""
import base64
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from certificate import make_certificate

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("HTTP_SERVER", str(ROOT / "build/tests/integration/http/http_server"))
PATIENCE = 10  # seconds that nothing here takes


class Server:
    """tests/integration/http/server.c with the options given, until the end of a with block."""

    def __init__(self, *options, tls=False, **limits):
        self.scratch = tempfile.TemporaryDirectory()
        self.options = list(options)
        for name, value in limits.items():
            self.options += ["--limit", f"{name}={value}"]
        self.tls = tls
        if tls:
            self.certificate, self.key = f"{self.scratch.name}/cert.pem", f"{self.scratch.name}/key.pem"
            make_certificate(self.certificate, self.key)
            self.options += ["--tls", self.certificate, self.key]

    def __enter__(self):
        self.process = subprocess.Popen(
            [SERVER, *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"no server: {line!r} {self.process.stderr.read()}")
        self.port = int(line.split()[1])
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.status = self.process.wait()
        self.errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        self.scratch.cleanup()
        if self.status != 0:
            raise RuntimeError(f"the server ended with {self.status}: {self.errors}")

    def connect(self, alpn=None, timeout=PATIENCE):
        """A connected socket, under TLS if the server speaks it."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout)
        if not self.tls:
            return raw
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols([alpn])
        return context.wrap_socket(raw, server_hostname="localhost")

    def ask(self, data, timeout=PATIENCE):
        """Sends bytes on a connection of their own and reads to its end."""
        with self.connect(timeout=timeout) as peer:
            with contextlib.suppress(ConnectionError):  # refused halfway: what counts is the answer
                peer.sendall(data)
            return read_all(peer)

    def get(self, path, *headers):
        """One GET; (status, headers, body)."""
        lines = "".join(f"{h}\r\n" for h in headers)
        return parse(self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode()))

    def counters(self):
        """A busy machine may take longer over this request than a test's limits allow: asks again."""
        for _ in range(5):
            with contextlib.suppress(AssertionError, OSError):
                return json.loads(self.get("/counters")[2])
        raise AssertionError("the server does not answer")

    def wait_for(self, name, value):
        """Waits until a counter has that value."""
        deadline = time.monotonic() + PATIENCE
        while (counters := self.counters())[name] != value:
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is {counters[name]}, not {value}")
            time.sleep(0.02)
        return counters


def read_all(peer):
    """What comes until the peer closes; a reset after an answer ends it like a close."""
    data = b""
    try:
        while piece := peer.recv(65536):
            data += piece
    except (ConnectionResetError, ssl.SSLEOFError):
        pass
    return data


def read_answer(peer, has_body=True):
    """One whole answer of a connection that goes on; (status, headers, body)."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = peer.recv(1)
        if not piece:
            raise ConnectionError(f"closed after {data!r}")
        data += piece
    size = re.search(rb"\r\ncontent-length: (\d+)\r\n", data)
    left = int(size[1]) if size and has_body else 0
    while left > 0:
        piece = peer.recv(min(left, 65536))
        if not piece:
            raise ConnectionError("closed in the body")
        data += piece
        left -= len(piece)
    return parse(data)


def parse(data):
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
    if not match:
        raise AssertionError(f"not an answer: {data[:200]!r}")
    return int(match[1]), dict(line.split(": ", 1) for line in lines[1:]), body


# --- WebSocket ---------------------------------------------------------------------------------

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0


def upgrade_request(path="/ws", version="13", key=None, **headers):
    key = base64.b64encode(os.urandom(16)).decode() if key is None else key
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: {key}\r\n{lines}\r\n"
    ).encode()


def frame(opcode, payload=b"", fin=True, masked=True, rsv=0, size=None):
    """A client's frame; `size` to lie about the length, or to write it in a longer form."""
    head = bytes([fin << 7 | rsv << 4 | opcode])
    length = len(payload) if size is None else size
    bit = masked << 7
    if length < 126:
        head += bytes([bit | length])
    elif length < 65536:
        head += struct.pack("!BH", bit | 126, length)
    else:
        head += struct.pack("!BQ", bit | 127, length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Frames:
    """A connection, `peer`, for frames of whatever kind."""

    def __init__(self, peer):
        self.peer = peer
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()

    def send(self, *frames):
        self.peer.sendall(b"".join(frames))


class WebSocket(Frames):
    def __init__(self, server, **headers):
        super().__init__(server.connect())
        self.peer.sendall(upgrade_request(**headers))
        self.status, self.headers, _ = read_answer(self.peer)

    def exactly(self, size):
        while len(self.buffer) < size:
            piece = self.peer.recv(65536)
            if not piece:
                raise ConnectionError("closed")
            self.buffer += piece
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def receive(self):
        """(opcode, payload) of the next frame, which a server sends whole and unmasked."""
        first, second = self.exactly(2)
        assert first & 0xF0 == 0x80 and second & 0x80 == 0
        size = second
        if size == 126:
            size = struct.unpack("!H", self.exactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self.exactly(8))[0]
        return first & 0xF, self.exactly(size)

    def close_code(self):
        """Reads up to the close frame; its code (1005: none)."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0] if payload else 1005


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack("!H", code) + reason)


# --- HTTP/2 ------------------------------------------------------------------------------------

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING_FRAME, GOAWAY, WINDOW, CONTINUATION_FRAME = range(10)
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR, PROTOCOL_ERROR, FLOW_CONTROL_ERROR, COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 0, 1, 3, 9, 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def h2_frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def hpack(name, value):
    """A literal header field without indexing, without Huffman coding."""
    def text(t):
        assert len(t) < 127
        return bytes([len(t)]) + t
    return b"\x00" + text(name) + text(value)


def request_block(path=b"/hello", method=b"GET", *more):
    fields = [(b":method", method), (b":scheme", b"https"), (b":authority", b"x"), (b":path", path), *more]
    return b"".join(hpack(n, v) for n, v in fields)


class Http2(Frames):
    """A connection that has exchanged settings."""

    def __init__(self, server):
        super().__init__(server.connect(alpn="h2"))
        assert self.peer.selected_alpn_protocol() == "h2"
        self.send(PREFACE, h2_frame(SETTINGS))

    def flood(self, frames, count):
        """Sends the same again and again until the server has had enough."""
        with contextlib.suppress(OSError):
            for _ in range(count):
                self.send(frames)

    def take_in(self):
        """Keeps what has come so far for `frames`, so that the server isn't held up by who doesn't read."""
        self.peer.setblocking(False)
        try:
            while piece := self.peer.recv(65536):
                self.buffer += piece
        except ssl.SSLWantReadError:
            pass
        finally:
            self.peer.settimeout(PATIENCE)

    def frames(self):
        """(kind, flags, stream, payload) until the connection ends."""
        while True:
            while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
                try:
                    piece = self.peer.recv(65536)
                except (ConnectionError, ssl.SSLError):
                    return
                if not piece:
                    return
                self.buffer += piece
            size = int.from_bytes(self.buffer[:3], "big")
            kind, flags, stream = struct.unpack("!BBI", self.buffer[3:9])
            payload, self.buffer = self.buffer[9 : 9 + size], self.buffer[9 + size :]
            yield kind, flags, stream & 0x7FFFFFFF, payload

    def first(self, *kinds):
        """The first frame of one of these kinds, or None."""
        return next((f for f in self.frames() if f[0] in kinds), None)

    def goaway_code(self):
        """The error code of the GOAWAY that ends the connection, or None."""
        found = self.first(GOAWAY)
        return struct.unpack("!I", found[3][4:8])[0] if found else None
