// SPDX-License-Identifier: Apache-2.0

// Put into every page before its own scripts: keeps hold of the peer connections, notes what goes over the WebSocket, and
// keeps the pictures of the fake camera small. It changes nothing else of what the page does.
(() => {
    const probe = {
        peers: [],
        /** What went over its sockets, as text. */
        sent: [],
        received: [],
        /** Everything that came from a camera or a microphone. */
        tracks: [],
        dialogs: 0,
    };
    window.__probe = probe;

    const NativePeer = window.RTCPeerConnection;
    window.RTCPeerConnection = class RTCPeerConnection extends NativePeer {
        constructor(...options) {
            super(...options);
            probe.peers.push(this);
        }
    };

    const NativeSocket = window.WebSocket;
    window.WebSocket = class WebSocket extends NativeSocket {
        constructor(...options) {
            super(...options);
            this.addEventListener('message', ({ data }) => probe.received.push(String(data)));
        }

        send(data) {
            probe.sent.push(String(data));
            super.send(data);
        }
    };

    // A script that found its way into a page would show itself like this.
    window.alert = () => {
        probe.dialogs += 1;
    };

    /** What is asked of the camera, instead of what the page asks; null asks as the page does. */
    probe.camera = { width: 320, height: 180, frameRate: 10 };
    /** The same of the microphone. */
    probe.microphone = null;
    const devices = navigator.mediaDevices;
    const open = devices?.getUserMedia.bind(devices);
    if (devices) {
        devices.getUserMedia = async (constraints) => {
            const wanted = { ...constraints };
            for (const [kind, instead] of [
                ['video', probe.camera],
                ['audio', probe.microphone],
            ]) {
                if (instead && wanted[kind]) {
                    wanted[kind] = { ...wanted[kind], ...instead };
                }
            }
            const stream = await open(wanted);
            probe.tracks.push(...stream.getTracks());
            return stream;
        };
    }

    /** Numbers about everything that flows, summed over the connections that are up. */
    probe.media = async () => {
        const sums = {
            connections: 0,
            audio: { energy: 0, received: 0, sent: 0 },
            camera: { decoded: 0, encoded: 0, width: 0 },
            screen: { decoded: 0, encoded: 0, width: 0 },
            candidates: [],
        };
        for (const peer of probe.peers) {
            if (peer.connectionState !== 'connected') {
                continue;
            }
            sums.connections += 1;
            const mids = peer.getTransceivers().map((transceiver) => transceiver.mid);
            const report = await peer.getStats();
            report.forEach((entry) => {
                const slot = mids.indexOf(entry.mid);
                if (entry.type === 'inbound-rtp' && slot === 0) {
                    sums.audio.energy += entry.totalAudioEnergy ?? 0;
                    sums.audio.received += entry.packetsReceived;
                } else if (entry.type === 'outbound-rtp' && slot === 0) {
                    sums.audio.sent += entry.packetsSent;
                } else if (entry.type === 'inbound-rtp' && (slot === 1 || slot === 2)) {
                    const into = slot === 1 ? sums.camera : sums.screen;
                    into.decoded += entry.framesDecoded ?? 0;
                    into.width = Math.max(into.width, entry.frameWidth ?? 0);
                } else if (entry.type === 'outbound-rtp' && (slot === 1 || slot === 2)) {
                    (slot === 1 ? sums.camera : sums.screen).encoded += entry.framesEncoded ?? 0;
                } else if (entry.type === 'local-candidate') {
                    sums.candidates.push(entry.candidateType);
                }
            });
        }
        return sums;
    };

    /** Of the newest connection to the server's relay that is up: what comes in each slot, and what goes out. */
    probe.relay = async () => {
        const isRelay = (peer) =>
            peer.getTransceivers().filter(({ direction }) => direction === 'recvonly').length > 2;
        const peer = probe.peers.findLast((each) => each.connectionState === 'connected' && isRelay(each));
        const found = { up: peer !== undefined, voices: {}, pictures: {}, sent: 0, encodings: {} };
        if (!peer) {
            return found;
        }
        (await peer.getStats()).forEach((entry) => {
            if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
                found.voices[entry.mid] = entry.totalAudioEnergy ?? 0;
            } else if (entry.type === 'inbound-rtp') {
                found.pictures[entry.mid] = {
                    decoded: entry.framesDecoded ?? 0,
                    width: entry.frameWidth ?? 0,
                };
            } else if (entry.type === 'outbound-rtp' && entry.kind === 'audio') {
                found.sent += entry.packetsSent;
            } else if (entry.type === 'outbound-rtp' && entry.framesEncoded > 0) {
                found.encodings[entry.rid ?? entry.mid] = entry.framesEncoded;
            }
        });
        return found;
    };

    const ear = { read: 0, names: new Map(), fed: {}, before: {}, energy: {}, heard: new Set() };
    const hearNews = (message) => {
        const met = message.meeting?.participants ?? [message.participant];
        met.forEach((person) => person?.name && ear.names.set(person.id, person.name));
        if (message.type === 'slots') {
            ear.fed = Object.fromEntries(message.slots.map(({ mid, participant }) => [mid, participant]));
        }
    };

    /** The names of those who were heard through the server by now: between two calls their slot was not silent. */
    probe.heard = async (silence) => {
        probe.received.slice(ear.read).forEach((data) => hearNews(JSON.parse(data)));
        ear.read = probe.received.length;
        const { voices } = await probe.relay();
        for (const [mid, energy] of Object.entries(voices)) {
            const who = ear.fed[mid];
            if (who && who === ear.before[mid] && energy > ear.energy[mid] + silence) {
                ear.heard.add(ear.names.get(who));
            }
        }
        ear.before = ear.fed;
        ear.energy = voices;
        return [...ear.heard];
    };

    /** Times (performance.now) at which frames were shown, by the name of the picture, from now on. */
    probe.follow = () => {
        const times = {};
        const followed = new WeakSet();
        const note = (video) => {
            const next = () =>
                video.requestVideoFrameCallback((now) => {
                    (times[video.ariaLabel] ??= []).push(now);
                    next();
                });
            next();
        };
        setInterval(() => {
            for (const video of document.querySelectorAll('video')) {
                if (!followed.has(video)) {
                    followed.add(video);
                    note(video);
                }
            }
        }, 20);
        probe.frames = times;
    };
})();
