// SPDX-License-Identifier: Apache-2.0

export function canPictureInPicture(): boolean {
    return document.pictureInPictureEnabled;
}

/** Shows `video` in a small window over everything else, or takes it back. Returns whether it is shown so now. */
export async function togglePictureInPicture(video: HTMLVideoElement): Promise<boolean> {
    try {
        if (document.pictureInPictureElement === video) {
            await document.exitPictureInPicture();
            return false;
        }
        await video.requestPictureInPicture();
        return true;
    } catch {
        return document.pictureInPictureElement === video;
    }
}
