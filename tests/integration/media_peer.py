# SPDX-License-Identifier: Apache-2.0
"""Real media peers for tests: aiortc's peer connections, run on a loop of their own in a thread."""
import asyncio
import fractions
import threading
import time

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription

# Tests stay on this machine; the library leaves loopback out by itself.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else []

PATIENCE = 15


class Picture(MediaStreamTrack):
    """A small picture of one colour, ten times a second."""

    kind = "video"

    def __init__(self, level):
        super().__init__()
        self.level, self.count, self.begun = level, 0, None

    async def recv(self):
        self.begun = self.begun or time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.count / 10 - time.monotonic()))
        frame = av.VideoFrame(160, 120, "yuv420p")
        for plane, value in zip(frame.planes, (self.level, 128, 128)):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = self.count * 9000, fractions.Fraction(1, 90000)
        self.count += 1
        return frame


class Tone(MediaStreamTrack):
    """A loud square wave in frames of 20 ms."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.count, self.begun = 0, None

    async def recv(self):
        self.begun = self.begun or time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.count / 50 - time.monotonic()))
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        wave = b"".join((12000 if i // 24 % 2 else -12000).to_bytes(2, "little", signed=True) for i in range(960))
        frame.planes[0].update(wave)
        frame.sample_rate, frame.pts, frame.time_base = 48000, self.count * 960, fractions.Fraction(1, 48000)
        self.count += 1
        return frame


class MediaPeer:
    """One peer connection. `sends` and `receives` are lists of "audio" and "video"."""

    def __init__(self, sends=(), receives=(), level=200):
        self.frames = {}  # by mid: how many came
        self.levels = {}  # by mid: the luminance of the newest picture
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.tasks = []
        self.run(self._make(sends, receives, level))

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    async def _make(self, sends, receives, level):
        self.pc = RTCPeerConnection()
        self.transceivers = [
            self.pc.addTransceiver(Tone() if kind == "audio" else Picture(level), direction="sendonly")
            for kind in sends
        ]
        for kind in receives:
            transceiver = self.pc.addTransceiver(kind, direction="recvonly")
            self.transceivers.append(transceiver)

    async def _drain(self, transceiver):
        while True:
            frame = await transceiver.receiver.track.recv()
            self.frames[transceiver.mid] = self.frames.get(transceiver.mid, 0) + 1
            if isinstance(frame, av.VideoFrame):
                self.levels[transceiver.mid] = bytes(frame.planes[0])[frame.planes[0].line_size * 60 + 80]

    def offer(self):
        async def make():
            await self.pc.setLocalDescription(await self.pc.createOffer())
            return self.pc.localDescription.sdp

        return self.run(make())

    def answer(self, sdp):
        async def take():
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            for transceiver in self.transceivers:
                if transceiver.direction == "recvonly" and transceiver.receiver.track:
                    self.tasks.append(asyncio.ensure_future(self._drain(transceiver)))

        self.run(take())

    def wait(self, what, seconds=PATIENCE):
        """Until `what()` holds."""
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise AssertionError(f"{self.pc.connectionState} {self.frames} {self.levels}")
            time.sleep(0.02)

    def wait_connected(self, seconds=PATIENCE):
        self.wait(lambda: self.pc.connectionState == "connected", seconds)

    def mids(self, kind, direction):
        return [t.mid for t in self.transceivers if t.kind == kind and t.direction == direction]

    def close(self):
        async def end():
            for task in self.tasks:
                task.cancel()
            await self.pc.close()

        try:
            self.run(end())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(PATIENCE)
            self.loop.close()
