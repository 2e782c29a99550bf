#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""2,000 people in meetings of two who say nothing: what one of them costs the daemon, resident.

    idle.py [--count N]

Everything is counted that the daemon's processes hold more than before: TLS, WebSocket, and the
participant with its place in the meeting. bench/sockets.c holds the other ends.
"""
import argparse
import contextlib
import http.client
import json
import resource
import ssl
import subprocess
import time
from pathlib import Path

from daemon import processes, resident_kib, scratch_folder, start, stop

PER_MEETING = 2
MEETINGS_PER_SOURCE = 100  # the daemon lets one address create no more of them at once
SETTLE_SECONDS = 5
CONFIGURATION = "limits:\n  connections: 100000\n  connections_per_address: 100000\n"


def build_client(folder):
    source = Path(__file__).with_name("sockets.c")
    program = f"{folder}/sockets"
    subprocess.run(["cc", "-O2", "-o", program, source, "-lssl", "-lcrypto"], check=True)
    return program


def instant_meetings(port, count):
    """The link tokens of (host, guest) for each of them."""
    context = ssl._create_unverified_context()
    headers = {"Origin": f"https://127.0.0.1:{port}", "Content-Type": "application/json"}
    for i in range(0, count, MEETINGS_PER_SOURCE):
        source = (f"127.0.1.{i // MEETINGS_PER_SOURCE + 1}", 0)
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, source_address=source)
        with contextlib.closing(connection):
            for _ in range(min(MEETINGS_PER_SOURCE, count - i)):
                connection.request("POST", "/api/v1/instant", "{}", headers)
                answer = json.loads(connection.getresponse().read())
                yield tuple(answer[who].split("#")[1] for who in ("host_url", "guest_url"))


def write_hellos(name, meetings):
    with open(name, "w", encoding="ascii") as file:
        for host, guest in meetings:
            for i in range(PER_MEETING):
                hello = {"type": "hello", "version": 1, "link": guest if i else host, "name": f"Person {i}"}
                file.write(json.dumps(hello) + "\n")


def settled_kib(daemon):
    time.sleep(SETTLE_SECONDS)
    return resident_kib(processes(daemon.pid))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 500, count + 500))
    with scratch_folder() as scratch:
        client = build_client(scratch)
        Path(scratch, "conclave.yaml").write_text(CONFIGURATION, encoding="ascii")
        daemon, _ = start(f"{scratch}/data", "--config", f"{scratch}/conclave.yaml")
        try:
            hellos = f"{scratch}/hellos"
            meetings = list(instant_meetings(daemon.port, -(-count // PER_MEETING)))
            write_hellos(hellos, meetings)
            before = settled_kib(daemon)
            origin = f"https://127.0.0.1:{daemon.port}"
            command = [client, "127.0.0.1", str(daemon.port), "/api/v1/signal", str(count),
                       "--origin", origin, "--protocol", "conclave.v1", "--hello", hellos]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sockets:
                if not sockets.stdout.readline().startswith("open "):
                    raise SystemExit("the sockets did not open")
                after = settled_kib(daemon)
                alive = sockets.poll() is None
                sockets.stdin.close()
            if not alive:
                raise SystemExit(f"the sockets ended: {sockets.returncode}")
        finally:
            stop(daemon)
    print(f"{before / 1024:.1f} MiB before, {after / 1024:.1f} MiB after")
    print(json.dumps({"kb_per_socket": round((after - before) / count, 1), "sockets": count,
                      "meetings": len(meetings), "rss_mib": round(after / 1024, 1)}))


main()
