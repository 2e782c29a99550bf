# SPDX-License-Identifier: Apache-2.0
"""Those who talk to the daemon in tests: a browser's REST calls and its signalling WebSocket."""
import base64
import http.client
import json
import os
import socket
import ssl
import struct
import time
from urllib.parse import urlsplit

PATIENCE = 10  # seconds for an answer that must come


def media_statistics(number):
    """What a client tells of the sound or the pictures of a call."""
    names = ("packets_sent", "packets_received", "packets_lost", "bytes_sent", "bytes_received", "jitter_ms", "rtt_ms")
    return dict.fromkeys(names, number)


def tls_context():
    return ssl._create_unverified_context()


class Browser:
    """REST calls with an Origin and a cookie jar, over one connection."""

    def __init__(self, origin, connect=None):
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.cookie = None
        self.connect = connect or self.host
        self.connection = None

    def request(self, method, path, body=None, headers=None, origin=True):
        """(status, headers, body as JSON or bytes)"""
        all_headers = dict(headers or {})
        if origin and method not in ("GET", "HEAD"):
            all_headers.setdefault("Origin", self.origin)
        if self.cookie:
            all_headers.setdefault("Cookie", self.cookie)
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            all_headers.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(self.connect, timeout=PATIENCE, context=tls_context())
            try:
                self.connection.request(method, path, body=data, headers=all_headers)
                response = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                self.close()
                if attempt == 2:
                    raise
        content = response.read()
        for header in response.headers.get_all("Set-Cookie") or []:
            pair = header.partition(";")[0]
            self.cookie = pair if pair.partition("=")[2] else None
        if "json" in response.headers.get("Content-Type", ""):
            content = json.loads(content)
        return response.status, response.headers, content

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def __del__(self):
        self.close()

    def api(self, method, path, body=None, expect=None, **options):
        status, _, content = self.request(method, "/api/v1" + path, body, **options)
        if expect is not None and status != expect:
            raise AssertionError(f"{method} {path}: {status} instead of {expect}: {content}")
        return content

    def set_up(self, url, email="ada@example.org", password="correct horse battery"):
        """Becomes the first administrator by the one-time link."""
        token = url.partition("#")[2]
        form = {"token": token, "name": "Ada", "email": email, "password": password}
        return self.api("POST", "/setup", form, expect=201)

    def socket(self, **options):
        return Socket(self.connect, origin=self.origin, cookie=self.cookie, **options)


class Closed(Exception):
    """The server closed the WebSocket."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code = code


class Refused(Exception):
    """The upgrade was refused."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status = status


class Socket:
    """A WebSocket (RFC 6455) that speaks docs/protocol.md, as bare as a test needs it."""

    def __init__(self, host, origin=None, cookie=None, protocol="conclave.v1", raw=None):
        self.buffer = b""
        self.seq = 0
        self.received = 0
        self.last_ack = 0
        self.pending = []
        self.sock = raw or self._connect(host)
        self._upgrade(host, origin, cookie, protocol)

    @staticmethod
    def _connect(host):
        name, _, port = host.rpartition(":")
        sock = socket.create_connection((name.strip("[]"), int(port)), timeout=PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls_context().wrap_socket(sock, server_hostname=name)

    def _upgrade(self, host, origin, cookie, protocol):
        lines = [
            "GET /api/v1/signal HTTP/1.1",
            f"Host: {host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
        ]
        if origin:
            lines.append(f"Origin: {origin}")
        if cookie:
            lines.append(f"Cookie: {cookie}")
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            self.sock.close()
            raise Refused(status, head.decode(errors="replace"))

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed(1006)
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def send_frame(self, opcode, data, final=True, masked=True):
        """Well-formed, unless a test wants it otherwise."""
        mask = os.urandom(4) if masked else b""
        head = bytes([(0x80 if final else 0) | opcode])
        bit = 0x80 if masked else 0
        if len(data) < 126:
            head += bytes([bit | len(data)])
        elif len(data) < 65536:
            head += struct.pack("!BH", bit | 126, len(data))
        else:
            head += struct.pack("!BQ", bit | 127, len(data))
        if masked:
            stream = (mask * (len(data) // 4 + 1))[: len(data)]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")
        self.sock.sendall(head + mask + data)

    def receive_frame(self):
        """(opcode, payload) of the next data or close frame; pings are answered."""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._take(8))
            data = self._take(size)
            if first & 0x0F == 9:
                self.send_frame(10, data)
            elif first & 0x0F != 10:
                return first & 0x0F, data

    def send_json(self, message):
        self.send_frame(1, json.dumps(message).encode())

    def receive(self, seconds=PATIENCE):
        """The next message; Closed when there is none any more, TimeoutError when none comes."""
        self.sock.settimeout(seconds)
        opcode, data = self.receive_frame()
        if opcode == 8:
            code = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else 1005
            raise Closed(code, data[2:].decode())
        message = json.loads(data)
        self.last_ack = max(self.last_ack, message.get("ack", 0))
        if "seq" in message:
            self.received += 1
            if message["seq"] != self.received:
                raise AssertionError(f"number {message['seq']} instead of {self.received}")
        return message

    # --- the protocol ---

    def hello(self, **fields):
        """Says hello; the welcome, or the refusal."""
        self.send_json({"type": "hello", "version": 1, **fields})
        answer = self.receive()
        if answer["type"] == "welcome":
            self.welcome = answer
            self.id = answer["you"]["id"]
            self.token = answer["resume"]
            if answer["mode"] == "full":
                self.seq = answer["ack"]
                self.received = fields["ack"]
        return answer

    def join(self, token, name="Ana", **fields):
        answer = self.hello(link=token, name=name, **fields)
        if answer["type"] != "welcome":
            raise AssertionError(f"no welcome: {answer}")
        return answer

    def command(self, type_, **fields):
        """Sends a command; its number."""
        self.seq += 1
        self.send_json({"type": type_, "seq": self.seq, "ack": self.received, **fields})
        return self.seq

    def acknowledge(self):
        """What a client does at the latest 250 ms after it received something."""
        self.send_json({"type": "ack", "ack": self.received})

    def next(self, *types, seconds=PATIENCE):
        """The next message of one of these types; others are kept for later."""
        for i, message in enumerate(self.pending):
            if message["type"] in types:
                return self.pending.pop(i)
        end = time.monotonic() + seconds
        while True:
            message = self.receive(max(0.01, end - time.monotonic()))
            if message["type"] in types:
                return message
            if message["type"] != "ack":
                self.pending.append(message)

    def next_pending(self, type_):
        """The first kept message of this type; for what came before a close."""
        for i, message in enumerate(self.pending):
            if message["type"] == type_:
                return self.pending.pop(i)
        raise AssertionError(f"no {type_} among {self.pending}")

    def wait_ack(self, seq, seconds=PATIENCE):
        """Until the server has acknowledged number `seq`: what it changed is durable."""
        end = time.monotonic() + seconds
        while self.last_ack < seq:
            message = self.receive(max(0.01, end - time.monotonic()))
            if message["type"] != "ack":
                self.pending.append(message)

    def done(self, type_, **fields):
        """Sends a command and waits until it is durable; the error if it was refused."""
        seq = self.command(type_, **fields)
        self.wait_ack(seq)
        for i, message in enumerate(self.pending):
            if message["type"] == "error" and message["in_reply_to"] == seq:
                return self.pending.pop(i)
        return None

    def quiet(self, seconds=0.3):
        """Nothing but acknowledgements comes for a while, and nothing is kept."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.receive(left)
            except (TimeoutError, ssl.SSLWantReadError):
                break
            if message["type"] != "ack":
                self.pending.append(message)
        return not self.pending

    def closed(self, seconds=PATIENCE):
        """Reads until the server closes; the code."""
        end = time.monotonic() + seconds
        while True:
            try:
                message = self.receive(max(0.01, end - time.monotonic()))
                self.pending.append(message)
            except Closed as closed:
                self.drop()
                return closed.code
            except (ConnectionError, ssl.SSLError):
                self.drop()
                return 1006

    def drop(self):
        """Breaks the connection off, as a network does."""
        self.sock.close()


def token_of(url):
    return url.partition("#")[2]
