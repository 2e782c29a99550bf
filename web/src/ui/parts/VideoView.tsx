// SPDX-License-Identifier: Apache-2.0
import { useMergedRef } from '@mantine/hooks';
import { useEffect, useRef, type Ref } from 'react';
import classes from './VideoView.module.css';

interface Props {
    readonly stream: MediaStream;
    /** One's own camera, as in a mirror. */
    readonly mirrored?: boolean;
    /** Show all of it rather than fill the place. */
    readonly whole?: boolean;
    /** What a screen reader says it is. */
    readonly label: string;
    readonly videoRef?: Ref<HTMLVideoElement>;
}

/** A silent picture; sound comes from elements of its own. */
export function VideoView({ stream, mirrored = false, whole = false, label, videoRef }: Props) {
    const own = useRef<HTMLVideoElement>(null);
    useEffect(() => {
        const video = own.current;
        if (!video) return;
        video.srcObject = stream;
        // Silent video may always play; what is left is being taken away again at once.
        video.play().catch(() => undefined);
        return () => {
            video.srcObject = null;
        };
    }, [stream]);
    const ref = useMergedRef(own, videoRef ?? null);
    return (
        <video
            ref={ref}
            className={classes.video}
            data-mirrored={mirrored}
            data-whole={whole}
            aria-label={label}
            autoPlay
            playsInline
            muted
            disableRemotePlayback
        />
    );
}
