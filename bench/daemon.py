# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: a daemon of their own, and what it weighs."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_SECONDS = 10


@contextlib.contextmanager
def scratch_folder():
    """One that the unprivileged user too may pass through, whom the daemon becomes."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield folder


def start(data, *options, prefix=()):
    """The daemon's process, once it is ready, and the seconds that it took. Its port is `.port`."""
    command = [*prefix, os.environ["CONCLAVED"], "--data", data, "--port", "0", "--announce", *options]
    begun = time.monotonic()
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    signal.alarm(LIMIT_SECONDS)
    line = daemon.stdout.readline()
    seconds = time.monotonic() - begun
    signal.alarm(0)
    if not line.startswith("Ready at "):
        sys.exit(f"the daemon did not start: {line!r}")
    daemon.port = int(re.search(r":(\d+)/?$", line.strip())[1])
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
