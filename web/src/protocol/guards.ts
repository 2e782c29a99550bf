// SPDX-License-Identifier: Apache-2.0

// Small building blocks to check, at run time, that what came over the wire has the shape its type claims.

export type Guard<T> = (value: unknown) => value is T;

type Shape = Readonly<Record<string, Guard<unknown>>>;
type Guarded<G> = G extends Guard<infer T> ? T : never;
type FromShape<S extends Shape> = { [K in keyof S]: Guarded<S[K]> };

export const isString: Guard<string> = (value): value is string => typeof value === 'string';
export const isBoolean: Guard<boolean> = (value): value is boolean => typeof value === 'boolean';
export const isNumber: Guard<number> = (value): value is number =>
    typeof value === 'number' && Number.isFinite(value);
export const isCount: Guard<number> = (value): value is number =>
    Number.isSafeInteger(value) && (value as number) >= 0;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function oneOf<const T extends string>(...words: readonly T[]): Guard<T> {
    const known: ReadonlySet<unknown> = new Set(words);
    return (value): value is T => known.has(value);
}

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
    return (value): value is T | null => value === null || guard(value);
}

/** The field may be missing; used on a field of `object`. */
export function optional<T>(guard: Guard<T>): Guard<T | undefined> {
    return (value): value is T | undefined => value === undefined || guard(value);
}

export function arrayOf<T>(guard: Guard<T>, most = 1000): Guard<readonly T[]> {
    return (value): value is readonly T[] =>
        Array.isArray(value) && value.length <= most && value.every(guard);
}

/** Fields not named in the shape are let through: a newer server may say more. */
export function object<S extends Shape>(shape: S): Guard<FromShape<S>> {
    const fields = Object.entries(shape);
    return (value): value is FromShape<S> =>
        isRecord(value) && fields.every(([name, guard]) => guard(value[name]));
}

export function both<A, B>(a: Guard<A>, b: Guard<B>): Guard<A & B> {
    return (value): value is A & B => a(value) && b(value);
}

export function either<A, B>(a: Guard<A>, b: Guard<B>): Guard<A | B> {
    return (value): value is A | B => a(value) || b(value);
}
