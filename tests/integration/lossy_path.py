# SPDX-License-Identifier: Apache-2.0
"""A network of the calling thread's own (isolation.py), and another at the far end of a bad path.

Here is the interface of the server, there that of the people. Between them is a wire (delayed_wire.py) in a third
namespace, so that each packet is late by the same time, and of those that come out at either end a part is lost at
random, in the kernel. All three namespaces are gone with the processes in them.
"""
import json
import subprocess
from pathlib import Path

SERVER, PEOPLE = "10.77.0.1", "10.77.0.2"
OURS, THEIRS, WIRE_ENDS = "server", "people", ("wire0", "wire1")
WIRE = Path(__file__).with_name("delayed_wire.py")


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Space:
    """A network namespace, and the process that holds it: it says that it is there, and ends with its input."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            ["unshare", "--net", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "ready\n":
            self.close()
            raise AssertionError(f"{command} doesn't run")
        self.inside = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def lots(share):
    """A program of classic BPF that drops so many of all packets: for each it draws a number of 32 bits."""
    draw, unless_below = f"32 0 0 {(1 << 32) - 0x1000 + 56}", f"53 1 0 {int(share * (1 << 32))}"  # <linux/filter.h>
    drop, pass_on = "6 0 0 2", "6 0 0 0"  # TC_ACT_SHOT, TC_ACT_OK
    return ",".join(("4", draw, unless_below, drop, pass_on))


class LossyPath:
    def __init__(self, stack, loss, delay_ms):
        """`stack` ends it all; a loss of 0.05 is 5 %, each way."""
        self.wire = Space("python3", "-B", WIRE, *WIRE_ENDS, str(delay_ms))
        stack.callback(self.wire.close)
        self.people = Space("sh", "-c", "echo ready; exec cat")
        stack.callback(self.people.close)
        self._connect([], OURS, SERVER, WIRE_ENDS[0])
        self._connect(self.people.inside, THEIRS, PEOPLE, WIRE_ENDS[1])
        for end in WIRE_ENDS:
            run(*self.wire.inside, "ip", "link", "set", end, "up")
            self._lose(end, loss)
        self.wire.process.stdin.write("begin\n")
        self.wire.process.stdin.flush()

    def _connect(self, inside, name, address, end):
        run(*inside, "ip", "link", "add", name, "type", "veth", "peer", "name", end,
            "netns", str(self.wire.process.pid))  # fmt: skip
        run(*inside, "ip", "addr", "add", f"{address}/24", "dev", name)
        # One datagram at a time, as on a real wire: else a run of them would be lost as one.
        run(*inside, "ip", "link", "set", name, "up", "gso_max_segs", "1")
        run(*inside, "ip", "link", "set", "lo", "up")

    def _lose(self, end, loss):
        """By netem; where the kernel was built without it, by a filter."""
        tc = [*self.wire.inside, "tc"]
        netem = [*tc, "qdisc", "add", "dev", end, "root", "netem", "loss", f"{loss * 100}%"]
        if subprocess.run(netem, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return
        run(*tc, "qdisc", "add", "dev", end, "clsact")
        run(*tc, "filter", "add", "dev", end, "egress", "bpf", "direct-action", "bytecode", lots(loss))

    def lost(self):
        """[(packets that were to leave the wire, those of them that were lost)], at our end and at theirs."""
        counts = []
        for end in WIRE_ENDS:
            command = [*self.wire.inside, "tc", "-s", "-j", "qdisc", "show", "dev", end]
            disciplines = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            counts.append(tuple(sum(d[key] for d in disciplines) for key in ("packets", "drops")))
        return counts
