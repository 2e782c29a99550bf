// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

type Moment = string | number;

const toDate = (at: Moment) => new Date(at);
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** How this language writes times and quantities. Times are the viewer's unless a zone is given. */
export function formatter(language: string) {
    const date = (options: Intl.DateTimeFormatOptions, zone?: string) =>
        new Intl.DateTimeFormat(
            language,
            zone === undefined ? options : { ...options, timeZone: zone },
        );
    return {
        time: (at: Moment, zone?: string) => date({ timeStyle: 'short' }, zone).format(toDate(at)),
        day: (at: Moment, zone?: string) =>
            date({ weekday: 'long', day: 'numeric', month: 'long' }, zone).format(toDate(at)),
        dayOfMonth: (at: Moment) =>
            date({ day: 'numeric' })
                .formatToParts(toDate(at))
                .find((part) => part.type === 'day')?.value ?? '',
        month: (at: Moment) => date({ month: 'short' }).format(toDate(at)),
        weekday: (at: Moment) => date({ weekday: 'short' }).format(toDate(at)),
        dateTime: (at: Moment, zone?: string) =>
            date({ dateStyle: 'medium', timeStyle: 'short' }, zone).format(toDate(at)),
        exact: (at: Moment) =>
            date({ dateStyle: 'medium', timeStyle: 'medium' }).format(toDate(at)),
        date: (at: Moment) => date({ dateStyle: 'long' }).format(toDate(at)),
        timeRange: (from: Moment, to: Moment, zone?: string) => {
            const format = date({ timeStyle: 'short' }, zone);
            const day = date({ dateStyle: 'short' }, zone);
            // Over midnight the browser would write out both dates; the day is said beside it.
            return day.format(toDate(from)) === day.format(toDate(to))
                ? format.formatRange(toDate(from), toDate(to))
                : `${format.format(toDate(from))} – ${format.format(toDate(to))}`;
        },
        /** Such as "in 3 days" or "5 minutes ago". */
        relative: (at: Moment, now_ms: number) => {
            const seconds = (toDate(at).getTime() - now_ms) / 1000;
            const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
            const distance = Math.abs(seconds);
            if (distance < 5400) return format.format(Math.round(seconds / 60), 'minute');
            if (distance < 129_600) return format.format(Math.round(seconds / 3600), 'hour');
            return format.format(Math.round(seconds / 86_400), 'day');
        },
        number: (value: number, digits = 0) =>
            new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
        percent: (share: number) =>
            new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(
                share,
            ),
        bytes: (count: number) => {
            let value = count;
            let unit = 0;
            while (value >= 1000 && unit < UNITS.length - 1) {
                value /= 1000;
                unit += 1;
            }
            return new Intl.NumberFormat(language, {
                style: 'unit',
                unit: UNITS[unit] ?? 'byte',
                unitDisplay: 'short',
                maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1,
            }).format(value);
        },
        bitrate: (bits_per_s: number) => {
            const mega = bits_per_s >= 1_000_000;
            const value = bits_per_s / (mega ? 1_000_000 : 1000);
            const digits = mega ? 1 : 0;
            return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${mega ? 'Mbit/s' : 'kbit/s'}`;
        },
        country: (code: string) => {
            try {
                return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
            } catch {
                return code;
            }
        },
        list: (items: readonly string[]) => new Intl.ListFormat(language).format(items),
    };
}

export type Formatter = ReturnType<typeof formatter>;

export function useFormat(): Formatter {
    const { i18n } = useTranslation();
    return useMemo(() => formatter(i18n.language), [i18n.language]);
}

/** m:ss, and h:mm:ss from an hour on. */
export function clockTime(duration_ms: number): string {
    const seconds = Math.max(0, Math.floor(duration_ms / 1000));
    const pad = (value: number) => String(value).padStart(2, '0');
    const minutes = Math.floor(seconds / 60) % 60;
    const hours = Math.floor(seconds / 3600);
    return hours > 0
        ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}`
        : `${minutes}:${pad(seconds % 60)}`;
}
