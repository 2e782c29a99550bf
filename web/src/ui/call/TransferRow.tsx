// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Progress } from '@mantine/core';
import { ArrowDownToLine, ArrowUpFromLine, Download, Pause, Play, X } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { Transfer } from '../../media/file-types';
import { useCallModel } from '../entry/entry-context';
import panel from './Panel.module.css';
import classes from './FilesPanel.module.css';
import { isUnderWay, useTransferText } from './transfer-text';

interface Props {
    readonly transfer: Transfer;
}

/** One file: how far it is, and what can be done with it. */
export function TransferRow({ transfer }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const text = useTransferText(transfer);
    const { id, name, size, bytes, state, direction } = transfer;
    const Icon = direction === 'sending' ? ArrowUpFromLine : ArrowDownToLine;
    const offered = state.kind === 'offered';
    const share = size === 0 ? 100 : (100 * bytes) / size;
    return (
        <li className={classes.row}>
            <span className={classes.icon}>
                <Icon size={18} aria-hidden />
            </span>
            <span className={panel.column}>
                <span className={panel.name} title={name}>
                    {name}
                </span>
                <span className={classes.detail} data-bad={state.kind === 'failed'}>
                    {text}
                </span>
            </span>
            <span className={classes.actions}>
                {state.kind === 'running' && (
                    <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('files.pause', { name })}
                        onClick={() => call.pauseFile(id)}
                    >
                        <Pause size={18} aria-hidden />
                    </ActionIcon>
                )}
                {state.kind === 'paused' && state.by === 'us' && (
                    <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('files.resume', { name })}
                        onClick={() => call.resumeFile(id)}
                    >
                        <Play size={18} aria-hidden />
                    </ActionIcon>
                )}
                {(isUnderWay(state) || (offered && direction === 'sending')) && (
                    <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('files.cancel', { name })}
                        onClick={() => call.cancelFile(id)}
                    >
                        <X size={18} aria-hidden />
                    </ActionIcon>
                )}
            </span>
            {isUnderWay(state) && (
                <Progress
                    className={classes.progress ?? ''}
                    value={share}
                    size="sm"
                    radius="xl"
                    aria-label={t('files.progress', { name })}
                />
            )}
            {state.kind === 'done' && direction === 'receiving' && (
                <span className={classes.offer}>
                    <Button
                        size="compact-md"
                        variant="light"
                        leftSection={<Download size={16} aria-hidden />}
                        aria-label={t('files.save-named', { name })}
                        onClick={() => call.saveFile(id)}
                    >
                        {t('files.save')}
                    </Button>
                </span>
            )}
            {offered && direction === 'receiving' && (
                <span className={classes.offer}>
                    <Button
                        size="compact-md"
                        variant="default"
                        aria-label={t('files.decline-named', { name })}
                        onClick={() => call.declineFile(id)}
                    >
                        {t('files.decline')}
                    </Button>
                    <Button
                        size="compact-md"
                        aria-label={t('files.accept-named', { name })}
                        onClick={() => call.acceptFile(id)}
                    >
                        {t('files.accept')}
                    </Button>
                </span>
            )}
        </li>
    );
}
