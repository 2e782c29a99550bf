#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One room that is larger than a core: 1 -> 400 over two workers, and how evenly they share it.

    hot-room.py [--count N]

imbalance_pct: the difference of the workers' time on a processor, of the larger one's.
"""
import argparse
import json

from arena import Arena, WORKER


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400)
    options = parser.parse_args()
    with Arena() as arena, arena.ours() as (server, way):
        result = arena.load(
            *way, "--publishers", 1, "--subscribers", options.count, "--joins-per-second", 50,
            "--verify", 20, "--seconds", 8, "--server-pid", server.pid,
        )  # fmt: skip
    shares = sorted(process["cpu_pct"] for process in result["server_processes"] if process["name"] == WORKER)
    if len(shares) != 2:
        raise SystemExit(f"{len(shares)} workers instead of two")
    keys = ("failed", "loss_pct", "packets_per_s", "server_cpu_ns_per_packet", "latency_p50_us", "latency_p99_us")
    print(json.dumps({
        "imbalance_pct": round(100 * (shares[1] - shares[0]) / shares[1], 1),
        "workers_cpu_pct": [round(share, 1) for share in shares],
        **{key: result[key] for key in keys},
    }))  # fmt: skip


main()
