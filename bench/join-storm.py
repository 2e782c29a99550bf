#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""500 people come into one meeting within 10 s; how many of them don't get sound and picture.

    join-storm.py [--count N] [--rate JOINS_PER_S]

A join is: TLS and WebSocket, `hello`, the offer, ICE, DTLS, and the first packet of the one who
speaks. Each is told of everyone else who comes.
"""
import argparse
import json

from arena import Arena


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rate", type=float, default=50)
    options = parser.parse_args()
    with Arena() as arena, arena.ours() as (server, way):
        result = arena.load(
            *way, "--publishers", 1, "--subscribers", options.count, "--joins-per-second", options.rate,
            "--seconds", 3, "--server-pid", server.pid, "--verbose",
        )  # fmt: skip
    keys = ("failed", "join_p50_ms", "join_p99_ms", "streams", "streams_expected", "loss_pct")
    print(json.dumps({"joins": options.count, "joins_per_s": options.rate, **{key: result[key] for key in keys}}))


main()
