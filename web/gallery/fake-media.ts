// SPDX-License-Identifier: Apache-2.0

/** Draws somebody in front of a wall: enough to judge a layout by. */
export function drawnPerson(hue: number): MediaStream {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 400;
    const paint = canvas.getContext('2d');
    if (!paint) return new MediaStream();
    const draw = () => {
        const wall = paint.createLinearGradient(0, 0, 640, 400);
        wall.addColorStop(0, `hsl(${hue} 24% 62%)`);
        wall.addColorStop(1, `hsl(${hue + 30} 28% 38%)`);
        paint.fillStyle = wall;
        paint.fillRect(0, 0, 640, 400);
        paint.fillStyle = `hsl(${hue + 180} 22% 30%)`;
        paint.beginPath();
        paint.ellipse(320, 430, 170, 170, 0, Math.PI, 0);
        paint.fill();
        paint.fillStyle = `hsl(${25 + hue / 12} 42% ${48 + (hue % 5) * 5}%)`;
        paint.beginPath();
        paint.ellipse(320, 185, 66, 82, 0, 0, 2 * Math.PI);
        paint.fill();
    };
    draw();
    setInterval(draw, 500);
    return canvas.captureStream(2);
}

/** A page of text, as somebody might share it. */
export function drawnScreen(): MediaStream {
    const canvas = document.createElement('canvas');
    canvas.width = 1280;
    canvas.height = 800;
    const paint = canvas.getContext('2d');
    if (!paint) return new MediaStream();
    const draw = () => {
        paint.fillStyle = '#ffffff';
        paint.fillRect(0, 0, 1280, 800);
        paint.fillStyle = '#1a201e';
        paint.font = '600 44px sans-serif';
        paint.fillText('Quarterly review', 96, 128);
        paint.fillStyle = '#b9c2bf';
        for (let line = 0; line < 11; line += 1) {
            paint.fillRect(96, 190 + line * 46, 700 + ((line * 137) % 380), 16);
        }
    };
    draw();
    setInterval(draw, 500);
    return canvas.captureStream(2);
}
