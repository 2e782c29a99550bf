// SPDX-License-Identifier: Apache-2.0

// What the methods of `Api` reject with, for the interface to tell apart.

export { ProblemError, UnreachableError } from '../protocol/rest';
