// SPDX-License-Identifier: Apache-2.0
import { useMergedRef } from '@mantine/hooks';
import { useEffect, useRef, useState, type Ref } from 'react';
import classes from './VideoView.module.css';

interface Look {
    /** One's own camera, as in a mirror. */
    readonly mirrored?: boolean;
    /** Show all of it rather than fill the place. */
    readonly whole?: boolean;
    /** What a screen reader says it is. */
    readonly label: string;
}

interface Props extends Look {
    readonly stream: MediaStream;
    readonly videoRef?: Ref<HTMLVideoElement> | undefined;
}

/** A stream and the element that plays it, by a number. */
interface Played {
    readonly element: number;
    readonly stream: MediaStream;
}

/** How long the picture before stays, when the next stream brings none. */
const PATIENCE_MS = 1500;

/** Whether a window of its own (picture in picture) shows this stream. */
function isFloating(stream: MediaStream): boolean {
    const floating = document.pictureInPictureElement;
    return floating instanceof HTMLVideoElement && floating.srcObject === stream;
}

/**
 * A silent picture; sound comes from elements of its own. An element that gets another stream is dark until that has begun:
 * so the next one plays in an element of its own, and that of the one before stays until there is something to see. Both are
 * of the same person: on one connection a picture keeps its slot (media/slot-board.ts).
 */
export function VideoView({ stream, videoRef, ...look }: Props) {
    const [played, setPlayed] = useState<Played>({ element: 0, stream });
    const { element } = played;
    const changing = stream !== played.stream;
    // Such a window is bound to its element.
    if (changing && isFloating(played.stream)) setPlayed({ element, stream });
    useEffect(() => {
        if (!changing) return;
        const timer = setTimeout(() => setPlayed({ element: element + 1, stream }), PATIENCE_MS);
        return () => clearTimeout(timer);
    }, [changing, element, stream]);
    return (
        <>
            <Video key={element} {...look} stream={played.stream} videoRef={videoRef} />
            {changing && (
                <Video
                    key={element + 1}
                    {...look}
                    stream={stream}
                    onPicture={() => setPlayed({ element: element + 1, stream })}
                />
            )}
        </>
    );
}

interface VideoProps extends Props {
    readonly onPicture?: () => void;
}

function Video({
    stream,
    videoRef,
    mirrored = false,
    whole = false,
    label,
    onPicture,
}: VideoProps) {
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
            onLoadedData={onPicture}
        />
    );
}
