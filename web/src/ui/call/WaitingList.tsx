// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Participant } from '../../protocol/messages';
import { useCallModel } from '../entry/entry-context';
import panel from './Panel.module.css';
import classes from './PeoplePanel.module.css';

interface Props {
    readonly waiting: readonly Participant[];
}

/** Those who knocked. */
export function WaitingList({ waiting }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    return (
        <section className={classes.waiting}>
            <h3 className={classes.heading}>
                {t('people.waiting-count', { count: waiting.length })}
                {waiting.length > 1 && (
                    <Button size="compact-sm" variant="subtle" onClick={() => call.admit('all')}>
                        {t('people.admit-all')}
                    </Button>
                )}
            </h3>
            <ul className={panel.list}>
                {waiting.map(({ id, name }) => (
                    <li key={id} className={classes.row}>
                        <span className={classes.who}>
                            <span className={panel.name}>{name}</span>
                        </span>
                        <span className={classes.answers}>
                            <Button
                                size="compact-md"
                                variant="default"
                                aria-label={t('people.deny-named', { name })}
                                onClick={() => call.deny(id)}
                            >
                                {t('people.deny')}
                            </Button>
                            <Button
                                size="compact-md"
                                aria-label={t('people.admit-named', { name })}
                                onClick={() => call.admit(id)}
                            >
                                {t('people.admit')}
                            </Button>
                        </span>
                    </li>
                ))}
            </ul>
        </section>
    );
}
