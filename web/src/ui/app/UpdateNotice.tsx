// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { watchForUpdates } from './service-worker';
import { useToasts } from './toasts';

/** Offers the new version when the server has one. Nobody is torn out of a call: the person chooses when. */
export function UpdateNotice() {
    const { t } = useTranslation();
    const toasts = useToasts();
    useEffect(
        () =>
            watchForUpdates((update) => {
                toasts.show({
                    text: t('update.ready'),
                    duration_ms: null,
                    actions: [{ label: t('reload'), run: update }],
                });
            }),
        [t, toasts],
    );
    return null;
}
