// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';

interface Props {
    readonly stream: MediaStream;
    /** Null is the system's own choice. */
    readonly speaker: string | null;
    /** Another number: try to play again. */
    readonly round: number;
    readonly onSilenced: () => void;
}

/** Plays one stream. */
export function Sound({ stream, speaker, round, onSilenced }: Props) {
    const element = useRef<HTMLAudioElement>(null);
    useEffect(() => {
        const audio = element.current;
        if (!audio) return;
        audio.srcObject = stream;
        return () => {
            audio.srcObject = null;
        };
    }, [stream]);
    useEffect(() => {
        const audio = element.current;
        if (!audio) return;
        audio.play().catch((error: unknown) => {
            if (error instanceof DOMException && error.name === 'NotAllowedError') onSilenced();
        });
    }, [stream, round, onSilenced]);
    useEffect(() => {
        const audio = element.current;
        // A loudspeaker that was pulled out: the system's own choice goes on.
        if (audio && 'setSinkId' in audio) audio.setSinkId(speaker ?? '').catch(() => undefined);
    }, [speaker]);
    // Speech of people in a call: there is no text to go with it.
    // eslint-disable-next-line jsx-a11y/media-has-caption
    return <audio ref={element} autoPlay hidden />;
}
