// SPDX-License-Identifier: Apache-2.0

/** Shows `video` in a small window over everything else, or takes it back. */
export async function togglePictureInPicture(video: HTMLVideoElement): Promise<void> {
    try {
        if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
        else await video.requestPictureInPicture();
    } catch {
        // Refused by the browser or its user: things stay as they are.
    }
}
