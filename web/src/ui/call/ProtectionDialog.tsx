// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { PeerSecurity } from './PeerSecurity';
import { SecurityRows } from './SecurityRows';
import { Dialog } from '../parts/Dialog';
import facts from '../parts/Facts.module.css';
import classes from './ProtectionDialog.module.css';

interface Props {
    readonly onClose: () => void;
}

/** The facts behind the badge: how, why, since when, and for each connection cipher and fingerprints. */
export function ProtectionDialog({ onClose }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const format = useFormat();
    const call = useCallModel();
    const protection = useReadable(call.protection);
    const { others } = useReadable(call.people);
    const { mode, state, since_ms, relayed, server } = protection;
    return (
        <Dialog
            onClose={onClose}
            size="lg"
            title={t(`protection.title.${state === 'encrypted' ? mode : 'pending'}`)}
        >
            <p className={classes.lead}>
                {state === 'encrypted'
                    ? t(`protection.what.${mode}`)
                    : t('protection.what.pending')}
            </p>
            <dl className={facts.facts}>
                <dt>{t('protection.why')}</dt>
                <dd>{t(`protection.because.${mode}`)}</dd>
                {since_ms !== null && (
                    <>
                        <dt>{t('protection.since')}</dt>
                        <dd>{format.exact(since_ms)}</dd>
                    </>
                )}
                <dt>{t('protection.way')}</dt>
                <dd>
                    {mode === 'relayed'
                        ? t('protection.through')
                        : relayed
                          ? t('protection.relayed')
                          : t('protection.not-relayed')}
                </dd>
                <dt>{t('protection.server')}</dt>
                <dd>{t(`protection.sees.${mode}`)}</dd>
            </dl>
            {mode === 'relayed' ? (
                <>
                    {server && (
                        <section className={classes.peer}>
                            <h3 className={classes.name}>{t('protection.line')}</h3>
                            <dl className={facts.facts}>
                                <SecurityRows security={server} theirs={t('protection.its')} />
                            </dl>
                        </section>
                    )}
                    <p className={classes.hint}>{t('protection.avoid')}</p>
                </>
            ) : (
                <>
                    {others.map((person) => (
                        <PeerSecurity key={person.participant.id} person={person} />
                    ))}
                    {others.length > 0 && <p className={classes.hint}>{t('protection.compare')}</p>}
                </>
            )}
        </Dialog>
    );
}
