// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { DoorOpen } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { SignalLink } from '../../state/views';
import { Callout } from '../parts/Callout';
import { Medallion } from '../parts/Medallion';
import { PageTitle } from '../parts/PageTitle';
import { Shell } from '../parts/Shell';
import { useCallModel } from './entry-context';
import classes from './Entry.module.css';
import { Preview } from './Preview';

interface Props {
    readonly title: string;
    readonly link: SignalLink;
}

/** Knocked; waiting to be let in. */
export function Lobby({ title, link }: Props) {
    const { t } = useTranslation(['entry', 'common']);
    const call = useCallModel();
    return (
        <Shell width="narrow">
            <div className={classes.lobby}>
                <Medallion Icon={DoorOpen} breathing />
                <PageTitle title={t('lobby.title')}>
                    <strong>{title}</strong>
                    <br />
                    <span role="status">{t('lobby.text')}</span>
                </PageTitle>
                {link.kind === 'reconnecting' && (
                    <Callout kind="warning" live>
                        {t('lobby.reconnecting')}
                    </Callout>
                )}
                <Preview />
                <Button variant="default" onClick={() => call.leave()}>
                    {t('lobby.leave')}
                </Button>
            </div>
        </Shell>
    );
}
