// SPDX-License-Identifier: Apache-2.0

/** Answered in order, one answer for each request. */
export type WorkerRequest =
    | { readonly kind: 'open'; readonly directory: string; readonly name: string }
    | { readonly kind: 'write'; readonly chunk: ArrayBuffer }
    | { readonly kind: 'finish' }
    | { readonly kind: 'hash'; readonly file: Blob };

/** `result` is the hash, after `finish` and `hash`. */
export type WorkerAnswer = { readonly ok: true; readonly result: string } | { readonly ok: false };
