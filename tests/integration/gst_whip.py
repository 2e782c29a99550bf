#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a test picture and a tone by WHIP with GStreamer's webrtcbin, until its input ends.

    gst_whip.py URL TOKEN [large]   prints "connected" once media flows

A large picture fills several packets, and asks for repair as a camera's would.
"""
import sys

from gst_peer import Gst, GstPeer, GstWebRTC, run

SMALL = """pattern=white ! video/x-raw,width=160,height=120,framerate=10/1 ! {live}
    ! vp8enc deadline=1 keyframe-max-dist=20"""
# What the connection isn't ready for is forgotten, not sent later and faster.
LIVE = "queue leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=300000000"
# A key frame comes when it is asked for, and hardly ever by itself.
LARGE = """
    pattern=snow ! video/x-raw,width=256,height=144,framerate=25/1 ! {live}
    ! vp8enc deadline=1 cpu-used=16 keyframe-max-dist=1000 end-usage=cbr target-bitrate=1000000 max-quantizer=63
    resize-allowed=false"""
PIPELINE = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true {picture} ! rtpvp8pay name=video picture-id-mode=15-bit mtu=1200
    ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
audiotestsrc is-live=true ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! {live}
    ! opusenc inband-fec=true packet-loss-percentage=10 ! rtpopuspay name=audio
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""


class Sender(GstPeer):
    def __init__(self, url, token, large):
        picture = LARGE if large else SMALL
        super().__init__(PIPELINE.format(picture=picture.format(live=LIVE), live=LIVE), url, token)
        self.encoded = {"video": 0, "audio": 0}
        for kind in self.encoded:
            payloader = self.peer.get_parent().get_by_name(kind)
            payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self.count, kind)
        if large:
            for line in range(2):
                transceiver = self.peer.emit("get-transceiver", line)
                transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
                transceiver.set_property("do-nack", line == 0)

    def count(self, _, __, kind):
        self.encoded[kind] += 1
        return Gst.PadProbeReturn.OK

    def statistics(self):
        totals = {kind: {"frames": count} for kind, count in self.encoded.items()}
        totals["video"].update(requested=0, repeated=0)
        for element in self.elements("rtprtxsend"):
            totals["video"]["requested"] += element.get_property("num-rtx-requests")
            totals["video"]["repeated"] += element.get_property("num-rtx-packets")
        return self.since(totals)


def main():
    Gst.init(None)
    run(Sender(sys.argv[1], sys.argv[2], "large" in sys.argv[3:]))


if __name__ == "__main__":
    main()
