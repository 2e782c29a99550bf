// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { RefreshCw } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '../parts/PageTitle';
import classes from './Trouble.module.css';

/** Where the client itself has failed. */
export function Trouble() {
    const { t } = useTranslation();
    return (
        <main className={classes.page}>
            <PageTitle title={t('trouble.title')}>{t('trouble.text')}</PageTitle>
            <Button
                leftSection={<RefreshCw size={16} aria-hidden />}
                onClick={() => window.location.reload()}
            >
                {t('reload')}
            </Button>
        </main>
    );
}
