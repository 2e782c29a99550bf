# SPDX-License-Identifier: Apache-2.0
"""Two network namespaces with a veth pair between them: a server in the one, `conclave load` in the other.

Servers are then told apart by nothing but what they are, and Janus, which takes no loopback address, can take part.
"""
import contextlib
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVER, CLIENT, PREFIX = "10.97.0.1", "10.97.0.2", 16
JANUS_PORT, FLOOR_PORT, OUR_PORT = 8088, 40000, 8443
LIMIT_SECONDS = 15
WORKER = "conclave-media"  # what a media worker calls itself
TRANSPORTS = "/usr/lib/x86_64-linux-gnu/janus/transports"


# Janus may fall when it is told to end; its remains are of no use here.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Arena:
    def __init__(self):
        name = secrets.token_hex(3)
        self.server, self.client = f"cvs-{name}", f"cvc-{name}"
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        self.data = None  # of the daemon that runs

    def __enter__(self):
        self.forget = contextlib.ExitStack()
        self.forget.callback(self.folder.cleanup)
        for space in (self.server, self.client):
            run("ip", "netns", "add", space)
            self.forget.callback(run, "ip", "netns", "del", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        # Made inside: no name on the machine's own network is taken even for a moment.
        run("ip", "-n", self.server, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
            "netns", self.client)  # fmt: skip
        for space, address in ((self.server, SERVER), (self.client, CLIENT)):
            run("ip", "-n", space, "addr", "add", f"{address}/{PREFIX}", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            # For as many sockets as there are receivers.
            ports = "echo 20000 60999 >/proc/sys/net/ipv4/ip_local_port_range"
            run("ip", "netns", "exec", space, "sh", "-c", ports)
        return self

    def __exit__(self, *_):
        self.forget.close()

    def spawn(self, *command, space=None, **options):
        return subprocess.Popen(["ip", "netns", "exec", space or self.server, *command], **options)

    @contextlib.contextmanager
    def process(self, *command, **options):
        """In the server's namespace, until the end of the block; `ip netns exec` becomes the command, so the pid is its own."""
        process = self.spawn(*command, stdin=subprocess.DEVNULL, **options)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def load(self, *options):
        """What `conclave load` says in the end."""
        program = [os.environ["CONCLAVE"], "--data", self.data] if self.data else [os.environ["CONCLAVE"]]
        command = ["ip", "netns", "exec", self.client, *program, "load", *map(str, options)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed")
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def janus(self):
        """Debian's, at its best for this: as many event loops as cores, ICE-lite, one transport, no log."""
        folder = Path(self.folder.name, "janus")
        folder.mkdir(exist_ok=True)
        (folder / "janus.jcfg").write_text(f"""
general: {{
    configs_folder = "{folder}"
    plugins_folder = "/usr/lib/x86_64-linux-gnu/janus/plugins"
    transports_folder = "{TRANSPORTS}"
    debug_level = 2
    event_loops = {os.cpu_count()}
    allow_loop_indication = false
}}
certificates: {{ }}
media: {{ ipv6 = false }}
nat: {{ ice_lite = true  nice_debug = false }}
plugins: {{ disable = "{','.join(unwanted('plugins', 'videoroom'))}" }}
transports: {{ disable = "{','.join(unwanted('transports', 'http'))}" }}
events: {{ broadcast = false }}
""")
        (folder / "janus.transport.http.jcfg").write_text(f"""
general: {{ json = "compact"  base_path = "/janus"  http = true  port = {JANUS_PORT}  https = false }}
admin: {{ admin_http = false }}
""")
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
        log = open(folder / "log", "w")
        with log, self.process("janus", f"--configs-folder={folder}", f"--config={folder}/janus.jcfg",
                               stdout=log, stderr=log) as process:  # fmt: skip
            self.wait_for_port(JANUS_PORT, process)
            yield process, ["--target", "janus", "--url", f"http://{SERVER}:{JANUS_PORT}/janus"]

    @contextlib.contextmanager
    def floor(self, program):
        plan = Path(self.folder.name, "plan")
        os.mkfifo(plan)
        try:
            with self.process(program, SERVER, str(FLOOR_PORT), plan) as process:
                yield process, ["--target", "floor", "--plan", plan, "--address", f"{SERVER}:{FLOOR_PORT}"]
        finally:
            plan.unlink()

    @contextlib.contextmanager
    def ours(self, settings=""):
        """The daemon, with a new data folder; `settings` are further lines of its configuration."""
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            os.chmod(folder, 0o755)
            configuration = Path(folder, "conclave.yaml")
            configuration.write_text(
                f"public_url: https://{SERVER}:{OUR_PORT}\n"
                f"listen:\n  addresses: [\"{SERVER}\"]\n  port: {OUR_PORT}\n"
                "limits:\n  connections: 100000\n  connections_per_address: 100000\n"
                "meetings:\n  capacity: 1000\n" + settings
            )
            command = [os.environ["CONCLAVED"], "--config", configuration, "--data", f"{folder}/data"]
            log = open(f"{folder}/log", "w")
            with log, self.process(*command, stdout=log, stderr=log) as process:
                self.wait_for_port(OUR_PORT, process)
                self.data = f"{folder}/data"
                yield process, ["--insecure"]
                self.data = None

    def wait_for_port(self, port, process):
        end = time.monotonic() + LIMIT_SECONDS
        probe = ["ip", "netns", "exec", self.client, "python3", "-c",
                 f"import socket; socket.create_connection(('{SERVER}', {port}), 1)"]  # fmt: skip
        while subprocess.run(probe, stderr=subprocess.DEVNULL).returncode != 0:
            if time.monotonic() > end or process.poll() is not None:
                sys.exit(f"nothing listens on port {port}")
            time.sleep(0.1)


def build_floor(folder):
    source = Path(__file__).with_name("floor.c")
    program = Path(folder, "floor")
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", program, source, "-lcrypto"], check=True)
    return program


def unwanted(kind, wanted):
    folder = Path(TRANSPORTS).parent / kind
    return sorted(path.name for path in folder.glob("libjanus_*.so") if wanted not in path.name)
