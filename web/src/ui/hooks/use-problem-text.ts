// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';

/** Says for people what went wrong. The server's own words are the last resort: they are English. */
export function useProblemText(): (error: unknown) => string {
    const { t } = useTranslation();
    return (error) => {
        if (!(error instanceof ProblemError)) return t('problem.unreachable');
        switch (error.status) {
            case 401:
                return t('problem.signed-out');
            case 403:
                return t('problem.forbidden');
            case 404:
                return t('problem.not-found');
            case 429:
                return t('problem.too-many');
            default:
                return error.status >= 500 ? t('problem.server') : error.message;
        }
    };
}
