#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a test picture and a tone by WHIP with GStreamer's webrtcbin, until its input ends.

    gst_whip.py URL TOKEN      prints "connected" once media flows
"""
import ssl
import sys
import threading
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402  (the versions come first)

PIPELINE = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true pattern=white ! video/x-raw,width=160,height=120,framerate=10/1 ! vp8enc deadline=1
    keyframe-max-dist=20 ! rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
audiotestsrc is-live=true ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""


class Sender:
    def __init__(self, url, token):
        self.url, self.token = url, token
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self.negotiate)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.changed)
        self.sent = False
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


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    sender = Sender(sys.argv[1], sys.argv[2])
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()
    sender.pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
