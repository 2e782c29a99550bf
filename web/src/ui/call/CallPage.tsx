// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import type { CallView } from '../../state/views';
import { useCallModel } from '../entry/entry-context';
import { useTitle } from '../hooks/use-title';
import { CallDialogs } from './CallDialogs';
import classes from './CallPage.module.css';
import { CallUiContext, useCallUiState } from './call-ui';
import { Banners } from './Banners';
import { ControlBar } from './ControlBar';
import { DropFiles } from './DropFiles';
import { NamesSeen } from './NamesSeen';
import { SidePanel } from './SidePanel';
import { Sounds } from './Sounds';
import { Stage } from './Stage';
import { TopBar } from './TopBar';
import { PictureWatchContext, usePictureWatchState } from './use-picture-watch';
import { useCallToasts } from './use-call-toasts';
import { useShortcuts } from './use-shortcuts';
import { useWakeLock } from './use-wake-lock';
import './call-styles';

export type InCall = Extract<CallView, { kind: 'in-call' }>;

interface Props {
    readonly view: InCall;
}

/** The call. */
export default function CallPage({ view }: Props) {
    const { t } = useTranslation('call');
    const ui = useCallUiState();
    const call = useCallModel();
    const watch = usePictureWatchState(call);
    useTitle(view.title);
    useCallToasts(ui);
    useShortcuts(ui);
    useWakeLock();
    return (
        <CallUiContext value={ui}>
            <NamesSeen>
                <main
                    className={classes.page}
                    data-cv-call
                    aria-label={t('page', { title: view.title })}
                >
                    <h1 className="cv-hidden">{view.title}</h1>
                    <TopBar view={view} />
                    <Banners link={view.link} />
                    <PictureWatchContext value={watch}>
                        <DropFiles>
                            <Stage view={view} />
                        </DropFiles>
                    </PictureWatchContext>
                    <ControlBar view={view} />
                    <SidePanel view={view} />
                    <Sounds />
                    <CallDialogs />
                </main>
            </NamesSeen>
        </CallUiContext>
    );
}
