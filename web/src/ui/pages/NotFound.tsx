// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { navigate } from '../app/router';
import { Message } from '../parts/Message';
import { Shell } from '../parts/Shell';
import { DoorClosed } from '../parts/icons';

export function NotFound() {
    const { t } = useTranslation();
    return (
        <Shell width="narrow">
            <Message Icon={DoorClosed} title={t('not-found.title')} text={t('not-found.text')}>
                <Button onClick={() => navigate('/')}>{t('to-start')}</Button>
            </Message>
        </Shell>
    );
}
