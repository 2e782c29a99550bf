// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Transfer, TransferState } from '../../media/file-types';
import { usePeerName } from './peer-names';

export const isUnderWay = (state: TransferState): boolean =>
    state.kind === 'running' ||
    state.kind === 'paused' ||
    state.kind === 'interrupted' ||
    state.kind === 'checking';

/** From or to whom, how much, and how it stands. */
export function useTransferText(transfer: Transfer): string {
    const { t } = useTranslation('call');
    const format = useFormat();
    const nameOf = usePeerName();
    const { state, size, bytes, bytes_per_s, direction } = transfer;
    const peer = t(direction === 'sending' ? 'files.to-name' : 'files.from-name', {
        name: nameOf(transfer.peer),
    });
    const of = t('files.of', { done: format.bytes(bytes), size: format.bytes(size) });
    const parts = [peer];
    switch (state.kind) {
        case 'offered':
            parts.push(format.bytes(size));
            if (direction === 'sending') parts.push(t('files.state.offered'));
            break;
        case 'running':
            parts.push(of);
            if (bytes_per_s > 0) parts.push(t('files.rate', { rate: format.bytes(bytes_per_s) }));
            break;
        case 'paused':
            parts.push(of, t(`files.state.paused-${state.by}`));
            break;
        case 'interrupted':
            parts.push(of, t('files.state.interrupted'));
            break;
        case 'checking':
            parts.push(t('files.state.checking'));
            break;
        case 'done':
            parts.push(format.bytes(size), t(`files.state.done-${direction}`));
            break;
        case 'declined':
            parts.push(t('files.state.declined'));
            break;
        case 'cancelled':
            parts.push(t(`files.state.cancelled-${state.by}`));
            break;
        case 'failed':
            parts.push(t(`files.failed.${state.reason}`));
            break;
    }
    return parts.join(' · ');
}
