// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Users } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Link } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { useToasts } from '../app/toasts';
import { useGrace } from '../hooks/use-grace';
import { Avatar } from '../parts/Avatar';
import { useProblemText } from '../hooks/use-problem-text';
import { StateBadge } from '../parts/StateBadge';
import { keys } from './keys';
import classes from './Links.module.css';

const GRACE_S = 5;

interface Props {
    readonly meeting: string;
    readonly link: Link;
}

/** One link. Revoking it waits a few seconds, in which it can be undone, or done at once. */
export function LinkRow({ meeting, link }: Props) {
    const { t } = useTranslation(['home', 'common']);
    const format = useFormat();
    const { api } = useApp();
    const toasts = useToasts();
    const describe = useProblemText();
    const queries = useQueryClient();
    const revoke = useMutation({
        mutationFn: () => api.revokeLink(meeting, link.id),
        onError: (error) => toasts.show({ text: describe(error), tone: 'warning' }),
        onSettled: () => queries.invalidateQueries({ queryKey: keys.links(meeting) }),
    });
    const grace = useGrace(GRACE_S, () => revoke.mutate());
    const name = link.label ?? (link.shared ? t('links.shared') : t('links.unnamed'));
    return (
        <li className={classes.row} data-leaving={grace.left !== null || revoke.isPending}>
            {link.label === undefined ? (
                <span className={classes.shared} aria-hidden="true">
                    <Users size={18} />
                </span>
            ) : (
                <Avatar name={link.label} />
            )}
            <div className={classes.who}>
                <span className={classes.label}>{name}</span>
                <span className={classes.hint}>
                    {link.last_used_at === undefined
                        ? t('links.unused', { time: format.dateTime(link.created_at) })
                        : t('links.used', { time: format.dateTime(link.last_used_at) })}
                </span>
            </div>
            <StateBadge tone={link.role === 'guest' ? 'neutral' : 'accent'}>
                {t(`common:role.${link.role}`)}
            </StateBadge>
            {grace.left === null ? (
                link.role !== 'host' && (
                    <Button
                        size="compact-md"
                        variant="subtle"
                        color="red"
                        loading={revoke.isPending}
                        aria-label={t('links.revoke-named', { name })}
                        onClick={grace.start}
                    >
                        {t('links.revoke')}
                    </Button>
                )
            ) : (
                <span className={classes.leaving}>
                    <span role="status">{t('links.revoking', { count: grace.left })}</span>
                    <Button size="compact-md" variant="default" onClick={grace.undo}>
                        {t('common:undo')}
                    </Button>
                    <Button size="compact-md" variant="subtle" color="red" onClick={grace.now}>
                        {t('links.revoke-now')}
                    </Button>
                </span>
            )}
        </li>
    );
}
