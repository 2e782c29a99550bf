#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Passes frames between two interfaces of a network namespace, each after the same time.

    delayed_wire.py NAME NAME MS     begins with the first line of its input, and ends with the input
"""
import collections
import contextlib
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23  # <linux/if_packet.h>
ETH_P_ALL = 3  # <linux/if_ether.h>
LARGEST = 70000


def wire_end(name):
    """A socket that sees what the interface receives, with what its sender left for hardware to do."""
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    end.bind((name, ETH_P_ALL))
    return end


def main():
    first, second, delay = sys.argv[1], sys.argv[2], int(sys.argv[3]) / 1000
    print("ready", flush=True)
    sys.stdin.readline()
    ends = [wire_end(first), wire_end(second)]
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    waiting = collections.deque()  # (when it is due, where to, frame)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable = select.select([*ends, sys.stdin], [], [], timeout)[0]
        if sys.stdin in readable:
            return
        now = time.monotonic()
        for end in readable:
            with contextlib.suppress(OSError):  # its interface is gone: the test is over
                waiting.append((now + delay, other[end], end.recv(LARGEST)))
        while waiting and waiting[0][0] <= now:
            _, end, frame = waiting.popleft()
            with contextlib.suppress(OSError):  # lost, as on any wire
                end.send(frame)


main()
