// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { Loading } from '../parts/Loading';
import { ProblemNote } from '../parts/ProblemNote';
import { Section } from '../parts/Section';
import { keys } from './keys';
import { LinkRow } from './LinkRow';
import classes from './Links.module.css';
import { NewLink } from './NewLink';

interface Props {
    readonly meeting: string;
}

/** Who can come in: one link for each guest, which can be taken back. */
export function LinksSection({ meeting }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const links = useQuery({ queryKey: keys.links(meeting), queryFn: () => api.links(meeting) });
    const good = links.data?.items.filter((link) => link.revoked_at === undefined) ?? [];
    return (
        <Section title={t('links.title')} text={t('links.text')} layout="above">
            <NewLink meeting={meeting} />
            {links.isPending && <Loading />}
            <ProblemNote error={links.error} />
            {good.length > 0 && (
                <ul className={classes.list}>
                    {good.map((link) => (
                        <LinkRow key={link.id} meeting={meeting} link={link} />
                    ))}
                </ul>
            )}
        </Section>
    );
}
