#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the daemon takes from exec to "Ready at" on an existing store, and what it weighs then.

rss_mib counts all of its processes: what is private or anonymous for each, and a file's pages that
several of them map once. pss_mib is the kernel's own proportional figure, less because libraries
are shared with the rest of the machine.
"""
import json
import statistics
import time

from daemon import processes, proportional_kib, resident_kib, scratch_folder, start, stop

RUNS = 15
IDLE_SECONDS = 2


def main():
    with scratch_folder() as scratch:
        data = f"{scratch}/data"
        stop(start(data)[0])  # makes the store and the certificate
        times = []
        for _ in range(RUNS):
            daemon, seconds = start(data)
            times.append(seconds * 1000)
            stop(daemon)
        daemon, _ = start(data)
        time.sleep(IDLE_SECONDS)
        pids = processes(daemon.pid)
        weight = resident_kib(pids) / 1024, proportional_kib(pids) / 1024
        stop(daemon)
    print(f"{RUNS} starts: {min(times):.1f} to {max(times):.1f} ms; {len(pids)} processes")
    result = {
        "ready_ms": round(statistics.median(times), 1),
        "rss_mib": round(weight[0], 1),
        "pss_mib": round(weight[1], 1),
        "processes": len(pids),
        "runs": RUNS,
    }
    print(json.dumps(result))


main()
