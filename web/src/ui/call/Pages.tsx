// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ChevronLeft, ChevronRight } from '../parts/icons';
import { useCallUi } from './call-ui';
import classes from './Pages.module.css';
import { wantsKeys } from './use-shortcuts';

interface Props {
    readonly page: number;
    readonly pages: number;
}

/** From one page of people to the next, by button or with the keys Page Up and Page Down. */
export function Pages({ page, pages }: Props) {
    const { t } = useTranslation('call');
    const { setPage } = useCallUi();
    useEffect(() => {
        const turn = (event: KeyboardEvent) => {
            const step = event.key === 'PageDown' ? 1 : event.key === 'PageUp' ? -1 : 0;
            const to = page + step;
            if (step === 0 || to < 0 || to >= pages) return;
            if (event.defaultPrevented || wantsKeys(event.target)) return;
            event.preventDefault();
            setPage(to);
        };
        window.addEventListener('keydown', turn);
        return () => window.removeEventListener('keydown', turn);
    }, [page, pages, setPage]);
    if (pages < 2) return null;
    return (
        <nav className={classes.pages} aria-label={t('pages.name')}>
            <ActionIcon
                className={classes.button ?? ''}
                size={36}
                radius="xl"
                disabled={page === 0}
                aria-label={t('pages.previous')}
                onClick={() => setPage(page - 1)}
            >
                <ChevronLeft size={20} aria-hidden />
            </ActionIcon>
            <span className={classes.where} role="status">
                <span className="cv-hidden">{t('pages.here', { page: page + 1, pages })}</span>
                <span aria-hidden="true">
                    {page + 1} / {pages}
                </span>
            </span>
            <ActionIcon
                className={classes.button ?? ''}
                size={36}
                radius="xl"
                disabled={page === pages - 1}
                aria-label={t('pages.next')}
                onClick={() => setPage(page + 1)}
            >
                <ChevronRight size={20} aria-hidden />
            </ActionIcon>
        </nav>
    );
}
