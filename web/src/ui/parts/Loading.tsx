// SPDX-License-Identifier: Apache-2.0
import { Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Loading.module.css';

/** Fills its place while something comes. */
export function Loading() {
    const { t } = useTranslation();
    return (
        <div className={classes.loading} role="status">
            <Loader size={32} aria-hidden />
            <span className="cv-hidden">{t('loading')}</span>
        </div>
    );
}
