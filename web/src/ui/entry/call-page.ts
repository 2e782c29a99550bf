// SPDX-License-Identifier: Apache-2.0

/** The page of the call, which whoever waits at the door loads already: nobody should wait for it after "join". */
export const loadCallPage = () => import('../call/CallPage');
