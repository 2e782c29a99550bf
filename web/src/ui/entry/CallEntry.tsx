// SPDX-License-Identifier: Apache-2.0
import { useApp } from '../app/app-context';
import { Loading } from '../parts/Loading';
import { EntryContext } from './entry-context';
import { useCall, type Entry } from './use-call';
import { CallViews } from './CallViews';

/** What a link leads to, from the first look at it to the end of the call. */
export default function CallEntry(entry: Entry) {
    const call = useCall(useApp(), entry);
    if (!call) return <Loading />;
    return (
        <EntryContext value={{ call, entry }}>
            <CallViews />
        </EntryContext>
    );
}
