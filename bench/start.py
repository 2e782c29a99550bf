#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the daemon takes from exec to "Ready at" on an existing store, and what it weighs then.

rss_mib counts all of its processes: what is private or anonymous for each, and a file's pages that
several of them map once. pss_mib is the kernel's own proportional figure, less because libraries
are shared with the rest of the machine.
"""
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
IDLE_SECONDS = 2
LIMIT_SECONDS = 10


def start(data):
    """The daemon's process, once it is ready, and the seconds that it took."""
    command = [os.environ["CONCLAVED"], "--data", data, "--port", "0", "--announce"]
    begun = time.monotonic()
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    signal.alarm(LIMIT_SECONDS)
    line = daemon.stdout.readline()
    seconds = time.monotonic() - begun
    signal.alarm(0)
    if not line.startswith("Ready at "):
        sys.exit(f"the daemon did not start: {line!r}")
    return daemon, seconds


def stop(daemon):
    daemon.terminate()
    daemon.wait(timeout=LIMIT_SECONDS)
    daemon.stdout.close()


def processes(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in children for p in processes(int(child)))]


def mappings(pid):
    """(file and offset or None, KiB resident, KiB of them this process's own) for each mapping."""
    text = Path(f"/proc/{pid}/smaps").read_text()
    pattern = r"^[0-9a-f]+-[0-9a-f]+ \S+ (\S+ \S+ (\d+)).*\n((?:[A-Z]\w+: .*\n)+)"
    for place, inode, fields in re.findall(pattern, text, re.M):
        resident = int(re.search(r"^Rss: +(\d+)", fields, re.M)[1])
        dirty = int(re.search(r"^Private_Dirty: +(\d+)", fields, re.M)[1])
        yield place if inode != "0" else None, resident, dirty


def resident_kib(pids):
    own, files = 0, {}
    for pid in pids:
        for place, resident, dirty in mappings(pid):
            if place is None:
                own += resident
            else:
                own += dirty
                files[place] = max(resident - dirty, files.get(place, 0))
    return own + sum(files.values())


def proportional_kib(pids):
    text = "".join(Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    return sum(map(int, re.findall(r"^Pss: +(\d+)", text, re.M)))


def main():
    with tempfile.TemporaryDirectory() as scratch:
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
