# SPDX-License-Identifier: Apache-2.0
"""What the GStreamer peers of the tests share: a pipeline around webrtcbin, an offer by HTTP, and statistics.

Such a program runs until its input ends. It prints "connected" once media flows, and for each line that it reads one
line of JSON: its statistics since the last time.
"""
import json
import ssl
import sys
import threading
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402  (the versions come first)


class GstPeer:
    def __init__(self, pipeline, url, token):
        self.url, self.token = url, token
        self.pipeline = Gst.Pipeline()
        self.pipeline.add(Gst.parse_bin_from_description(pipeline, False))
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self.negotiate)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.changed)
        self.sent = False
        self.before = {}  # the totals of the statistics that were told last

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)

    def negotiate(self, peer):
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))

    def offered(self, promise):
        promise.wait()
        self.reply = promise.get_reply()  # the offer lives in it
        self.peer.emit("set-local-description", self.reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, peer, _):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE and not self.sent:
            self.sent = True
            threading.Thread(target=self.post, daemon=True).start()

    def post(self):
        sdp = self.peer.get_property("local-description").sdp.as_text()
        request = urllib.request.Request(
            self.url,
            sdp.encode(),
            {"Content-Type": "application/sdp", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, context=ssl._create_unverified_context()) as answer:
            _, message = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def changed(self, peer, _):
        if peer.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            print("connected", flush=True)

    def elements(self, factory):
        """The elements of this kind that webrtcbin made within itself."""
        found, elements = [], self.peer.iterate_recurse()
        while True:
            result, element = elements.next()
            if result == Gst.IteratorResult.RESYNC:
                found.clear()
                elements.resync()
            elif result != Gst.IteratorResult.OK:
                return found
            elif element.get_factory() and element.get_factory().get_name() == factory:
                found.append(element)

    def since(self, totals):
        """How much more there is than at the last time: {kind: {name: count}}."""
        before, self.before = self.before, totals
        return {
            kind: {name: count - before.get(kind, {}).get(name, 0) for name, count in counts.items()}
            for kind, counts in totals.items()
        }

    def statistics(self):
        return {}


def run(peer):
    """Until the input ends."""
    loop = GLib.MainLoop()

    def obey():
        try:
            for _ in sys.stdin:
                print(json.dumps(peer.statistics()), flush=True)
        finally:
            loop.quit()

    threading.Thread(target=obey, daemon=True).start()
    peer.start()
    loop.run()
    peer.pipeline.set_state(Gst.State.NULL)
