#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one more receiver with 9 video slots weighs in the media workers.

    memory.py [--few N] [--many N]

Two meetings, of few and of many, with one publisher each: the difference, divided by the difference
of their numbers. What a room keeps for retransmission is the same for both, and so isn't in it.
kb_per_subscriber is the workers' (PSS); control_kb_per_subscriber is what signalling takes besides:
the WebSocket with TLS, the place in the meeting, and what it was told.
"""
import argparse
import json

from arena import Arena, WORKER

SLOTS = 9


def weights(count):
    """KiB of the workers, and of all other processes."""
    with Arena() as arena, arena.ours() as (server, way):
        result = arena.load(
            *way, "--publishers", 1, "--subscribers", count, "--slots", SLOTS, "--bitrate", 200,
            "--joins-per-second", 50, "--seconds", 15, "--server-pid", server.pid,
        )  # fmt: skip
    if result["failed"]:
        raise SystemExit(f"{result['failed']} did not get in")
    workers = [process["memory_kb"] for process in result["server_processes"] if process["name"] == WORKER]
    return sum(workers), sum(process["memory_kb"] for process in result["server_processes"]) - sum(workers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=50)
    parser.add_argument("--many", type=int, default=250)
    options = parser.parse_args()
    few, many = weights(options.few), weights(options.many)
    more = options.many - options.few
    print(json.dumps({
        "kb_per_subscriber": round((many[0] - few[0]) / more, 1),
        "control_kb_per_subscriber": round((many[1] - few[1]) / more, 1),
        "slots": SLOTS,
        "subscribers": [options.few, options.many],
    }))  # fmt: skip


main()
