#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What forwarding a packet costs: this server, Debian's Janus and a bare loop side by side.

    sfu.py [--repeats N] [--seconds N] [--case NAME]... [--target NAME]...

Each case runs `conclave load` against one after the other, each started anew, in two network
namespaces with a veth pair between (arena.py), as often as --repeats says; figures are medians. CPU
is the time that the server's processes were on a processor during the steady part, over the packets
that its receivers got; the kernel's work for their receipt is billed to who sends, to all three
alike. Latency is from before encryption at the sender to after receipt, for one receiver in ten,
and so includes the tool's own turn. The sizes of a run's packets and its rhythm are the same.
"""
import argparse
import contextlib
import json
import statistics
import sys

from arena import Arena, build_floor

TARGETS = ["janus", "floor", "ours"]
CASES = {
    "1x50": ["--publishers", 1, "--subscribers", 50],
    "1x100": ["--publishers", 1, "--subscribers", 100],
    "1x200": ["--publishers", 1, "--subscribers", 200],
    "meeting10": ["--publishers", 10, "--subscribers", 0, "--meeting"],
    "audio5x100": ["--publishers", 5, "--subscribers", 100, "--media", "audio"],
}


def measure(arena, floor, target, options):
    with contextlib.ExitStack() as stack:
        if target == "janus":
            server, way = stack.enter_context(arena.janus())
        elif target == "floor":
            server, way = stack.enter_context(arena.floor(floor))
        else:
            server, way = stack.enter_context(arena.ours())
        return arena.load(*way, *options, "--server-pid", server.pid)


def say(case, target, result):
    print(
        f"{case} {target}: {result['server_cpu_ns_per_packet']:.0f} ns a packet, "
        f"{result['packets_per_s']:.0f} packets/s, lost {result['lost']}, failed {result['failed']}, "
        f"latency {result['latency_p50_us']}/{result['latency_p99_us']} us, "
        f"server {result['server_cpu_pct']:.0f} %, tool {result['tool_cpu_pct']:.0f} %",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def median(results, key):
    return statistics.median(result[key] for result in results)


def ratio(a, b):
    return round(a / b, 2) if a and b else None


def summary(case, results):
    ns = {
        target: round(median(results[target], "server_cpu_ns_per_packet")) if results[target] else None
        for target in TARGETS
    }
    shown = results["ours"] or results["floor"] or results["janus"]
    return {
        "case": case,
        "ours_ns": ns["ours"],
        "janus_ns": ns["janus"],
        "floor_ns": ns["floor"],
        "ratio_janus": ratio(ns["ours"], ns["janus"]),
        "ratio_floor": ratio(ns["ours"], ns["floor"]),
        "loss_pct": median(shown, "loss_pct"),
        "p99_us": median(shown, "latency_p99_us"),
        "p50_us": median(shown, "latency_p50_us"),
        "failed": max(result["failed"] for result in shown),
        "packets_per_s": round(median(shown, "packets_per_s")),
        "server_cpu_pct": round(median(shown, "server_cpu_pct"), 1),
        **{f"{target}_p99_us": median(results[target], "latency_p99_us") for target in ("janus", "floor")
           if results[target]},
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--target", action="append", choices=TARGETS)
    options = parser.parse_args()
    cases = options.case or list(CASES)
    results = {case: {target: [] for target in TARGETS} for case in cases}
    with Arena() as arena:
        floor = build_floor(arena.folder.name)
        for _ in range(options.repeats):
            for case in cases:
                for target in options.target or TARGETS:
                    way = [*CASES[case], "--seconds", options.seconds, "--joins-per-second", 100]
                    result = measure(arena, floor, target, way)
                    say(case, target, result)
                    results[case][target].append(result)
    print(json.dumps({"cases": [summary(case, results[case]) for case in cases], "repeats": options.repeats}))


main()
