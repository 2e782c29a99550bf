// SPDX-License-Identifier: Apache-2.0

export const isFullScreen = (): boolean => document.fullscreenElement !== null;

/** The whole page on the whole screen, or back. Refused by the browser: things stay as they are. */
export function toggleFullScreen(): void {
    const change = isFullScreen()
        ? document.exitFullscreen()
        : document.documentElement.requestFullscreen();
    change.catch(() => undefined);
}
