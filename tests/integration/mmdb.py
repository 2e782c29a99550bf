# SPDX-License-Identifier: Apache-2.0
"""Writes small MaxMind DB files (format 2.0): {"192.0.2.0/24": {"country": {"iso_code": "DE"}}}."""
import ipaddress
import struct

STRING, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11
SEPARATOR = 16  # zero bytes between the tree and the data
RECORD_BITS = 24


def control(kind, size):
    """The byte or bytes before a value; sizes up to 284 are all that is needed here."""
    short = min(size, 29)
    head = bytes([kind << 5 | short]) if kind <= 7 else bytes([short, kind - 7])
    return head + (bytes([size - 29]) if short == 29 else b"")


def integer(kind, number):
    data = number.to_bytes(8, "big").lstrip(b"\0")
    return control(kind, len(data)) + data


def encode(value):
    if isinstance(value, str):
        data = value.encode()
        return control(STRING, len(data)) + data
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    if isinstance(value, list):
        return control(ARRAY, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, tuple):  # (kind, number)
        return integer(*value)
    return integer(UINT32, value)


class Tree:
    def __init__(self):
        self.nodes = [[None, None]]  # each side: None, ("node", index) or ("data", offset)

    def insert(self, network, offset):
        """IPv4 lies in the first 2^32 addresses of IPv6."""
        bits = int(network.network_address) << (128 - network.max_prefixlen) >> (128 - network.max_prefixlen)
        length = network.prefixlen + 128 - network.max_prefixlen
        at = 0
        for depth in range(length):
            side = bits >> (127 - depth) & 1
            if depth == length - 1:
                self.nodes[at][side] = ("data", offset)
                return
            if self.nodes[at][side] is None:
                self.nodes.append([None, None])
                self.nodes[at][side] = ("node", len(self.nodes) - 1)
            at = self.nodes[at][side][1]

    def record(self, side):
        count = len(self.nodes)
        number = count if side is None else side[1] + (count + SEPARATOR if side[0] == "data" else 0)
        return struct.pack(">I", number)[1:]

    def bytes(self):
        return b"".join(self.record(left) + self.record(right) for left, right in self.nodes)


def database(kind, entries):
    tree, data = Tree(), b""
    for text, value in entries.items():
        tree.insert(ipaddress.ip_network(text), len(data))
        data += encode(value)
    about = {
        "node_count": len(tree.nodes),
        "record_size": (UINT16, RECORD_BITS),
        "ip_version": (UINT16, 6),
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": (UINT16, 2),
        "binary_format_minor_version": (UINT16, 0),
        "build_epoch": (UINT64, 1_700_000_000),
        "description": {"en": "For tests"},
    }
    return tree.bytes() + bytes(SEPARATOR) + data + b"\xab\xcd\xefMaxMind.com" + encode(about)
