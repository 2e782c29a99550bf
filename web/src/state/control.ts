// SPDX-License-Identifier: Apache-2.0

// The control channel: {"t":"media","audio":true,"video":true,"screen":false}, said when it opens and at each change.

import { isBoolean, object, oneOf } from '../protocol/guards';
import type { MediaState } from '../protocol/messages';

const MOST_LENGTH = 1024;
const isMedia = object({
    t: oneOf('media'),
    audio: isBoolean,
    video: isBoolean,
    screen: isBoolean,
});

export function parseControl(text: string): MediaState | null {
    if (text.length > MOST_LENGTH) {
        return null;
    }
    try {
        const value: unknown = JSON.parse(text);
        return isMedia(value)
            ? { audio: value.audio, video: value.video, screen: value.screen }
            : null;
    } catch {
        return null;
    }
}
