#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Watches and listens by WHEP with GStreamer's webrtcbin, until its input ends.

    gst_whep.py URL TOKEN      prints "connected" once media flows

Pictures are decoded as a careful viewer would: after a loss that nobody repaired, from the next key frame on.
"""
import sys
import time

from gst_peer import Gst, GstPeer, GstWebRTC, run

LATENCY_MS = 400  # what it waits for a packet: about what browsers come to on such a path
RTCP_BPS = 100000.0
LINES = (
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2",
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
)
DECODERS = {
    "video": "rtpvp8depay wait-for-keyframe=true request-keyframe=true ! vp8dec",
    "audio": "rtpopusdepay ! opusdec use-inband-fec=true plc=true ! audio/x-raw,format=S16LE",
}
AUDIBLE = 1000  # of 32767


class Shown:
    """What came out of a decoder: how many buffers, of how much time, and the longest wait for one."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.count = self.audible = self.media_ns = 0
        self.longest = 0.0
        self.latest = time.monotonic()

    def see(self, _, info):
        now = time.monotonic()
        self.longest, self.latest = max(self.longest, now - self.latest), now
        self.count += 1
        return Gst.PadProbeReturn.OK

    def hear(self, pad, info):
        buffer = info.get_buffer()
        samples = memoryview(buffer.extract_dup(0, buffer.get_size())).cast("h")
        self.audible += max(samples) > AUDIBLE
        self.media_ns += buffer.duration
        return self.see(pad, info)

    def figures(self):
        now = time.monotonic()
        return {
            "count": self.count,
            "audible": self.audible,
            "media_seconds": self.media_ns / Gst.SECOND,
            "longest_gap": max(self.longest, now - self.latest),
        }


class Watcher(GstPeer):
    def __init__(self, url, token):
        super().__init__(f"webrtcbin name=peer bundle-policy=max-bundle latency={LATENCY_MS}", url, token)
        self.shown, self.kinds = {}, {}
        self.peer.connect("pad-added", self.added)
        self.peer.connect("deep-element-added", self.made)
        for line in LINES:
            transceiver = self.peer.emit(
                "add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(line)
            )
            transceiver.set_property("do-nack", "video" in line)

    def made(self, _, __, element):
        """As browsers do: what is missing is said when it is noticed, not in a report some time later."""
        if element.get_factory() and element.get_factory().get_name() == "rtpsession":
            element.set_property("rtcp-fraction", RTCP_BPS)
            element.set_property("rtcp-min-interval", 0)

    def added(self, _, pad):
        caps = pad.get_current_caps().get_structure(0)
        kind = self.kinds[caps.get_value("ssrc")] = caps.get_string("media")
        chain = Gst.parse_bin_from_description(DECODERS[kind] + " ! fakesink name=sink", True)
        shown = self.shown[kind] = Shown()
        probe = shown.hear if kind == "audio" else shown.see
        chain.get_by_name("sink").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, probe)
        self.peer.get_parent().add(chain)
        chain.sync_state_with_parent()
        pad.link(chain.get_static_pad("sink"))

    def totals(self):
        """Of packets, by kind; lost ones were not repaired either."""
        totals = {kind: {"repeated": 0} for kind in DECODERS}
        for buffer in self.elements("rtpjitterbuffer"):
            caps, stats = buffer.get_static_pad("src").get_current_caps(), buffer.get_property("stats")
            kind = self.kinds.get(caps.get_structure(0).get_value("ssrc")) if caps else None
            if kind is None:
                continue  # nothing came yet
            values = {name: stats.get_value(name) for name in ("num-pushed", "num-lost", "rtx-success-count")}
            totals[kind].update(
                packets=values["num-pushed"] + values["num-lost"],
                lost=values["num-lost"],
                repaired=values["rtx-success-count"],
            )
        for element in self.elements("rtprtxreceive"):
            totals["video"]["repeated"] += element.get_property("num-rtx-assoc-packets")
        return totals

    def statistics(self):
        since = self.since(self.totals())
        for kind, shown in self.shown.items():
            since[kind].update(shown.figures())
            shown.clear()
        return since


def main():
    Gst.init(None)
    run(Watcher(sys.argv[1], sys.argv[2]))


if __name__ == "__main__":
    main()
