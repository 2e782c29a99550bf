// SPDX-License-Identifier: Apache-2.0

// Wall clocks and instants: what a clock on the wall of some time zone shows, and the moment in UTC.

/** `date` YYYY-MM-DD, `time` HH:MM, as date and time fields of a form give them. */
export interface WallTime {
    readonly date: string;
    readonly time: string;
}

const MINUTE_MS = 60_000;

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function isZone(zone: string): boolean {
    try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        return true;
    } catch {
        return false;
    }
}

/** All zones that the browser knows, the viewer's own first. */
export function allZones(): readonly string[] {
    const own = ownZone();
    return [own, ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== own)];
}

function parts(at_ms: number, zone: string): Record<string, string> {
    const format = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        calendar: 'gregory',
        numberingSystem: 'latn',
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
    });
    return Object.fromEntries(format.formatToParts(at_ms).map((part) => [part.type, part.value]));
}

export function toWallTime(at_ms: number, zone: string): WallTime {
    const p = parts(at_ms, zone);
    const year = (p['year'] ?? '').padStart(4, '0');
    return { date: `${year}-${p['month']}-${p['day']}`, time: `${p['hour']}:${p['minute']}` };
}

/** How far the zone's clocks are ahead of UTC at that moment. */
function offset_ms(at_ms: number, zone: string): number {
    const p = parts(at_ms, zone);
    const shown = Date.UTC(
        Number(p['year']),
        Number(p['month']) - 1,
        Number(p['day']),
        Number(p['hour']),
        Number(p['minute']),
        Number(p['second']),
    );
    return shown - Math.floor(at_ms / 1000) * 1000;
}

/**
 * The moment at which the zone's clocks show this. Where they show it twice (clocks set back) the first; where they never
 * do (clocks set forward) as much later as they jump. Null when the fields hold no date and time.
 */
export function fromWallTime(wall: WallTime, zone: string): number | null {
    const as_utc = Date.parse(`${wall.date}T${wall.time}:00Z`);
    if (Number.isNaN(as_utc)) return null;
    const before = as_utc - offset_ms(as_utc - 24 * 60 * MINUTE_MS, zone);
    const after = as_utc - offset_ms(as_utc + 24 * 60 * MINUTE_MS, zone);
    const shows = (at_ms: number) => {
        const shown = toWallTime(at_ms, zone);
        return shown.date === wall.date && shown.time === wall.time;
    };
    return [before, after].filter(shows).sort((a, b) => a - b)[0] ?? before;
}

/** Do both zones' clocks show the same at that moment? */
export function sameClock(at_ms: number, zone: string, other: string): boolean {
    return offset_ms(at_ms, zone) === offset_ms(at_ms, other);
}
