// SPDX-License-Identifier: Apache-2.0
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Search } from '../parts/icons';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import type { InCall } from './CallPage';
import { Doors } from './Doors';
import { InviteButton } from './InviteButton';
import panel from './Panel.module.css';
import classes from './PeoplePanel.module.css';
import { PersonRow } from './PersonRow';
import { runsMeeting } from './rights';
import { WaitingList } from './WaitingList';

/** From so many on one looks for somebody by name. */
const MANY = 10;

/** Without regard to accents and capitals. */
const plain = (words: string) => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

interface Props {
    readonly view: InCall;
}

/** Everyone who is here or waits to be; for those who run the meeting also the doors. */
export function PeoplePanel({ view }: Props) {
    const { t } = useTranslation('call');
    const people = useReadable(useCallModel().people);
    const runs = runsMeeting(view.role);
    const here = people.others.length + 1;
    const [typed, setTyped] = useState('');
    const sought = here > MANY ? plain(typed.trim()) : '';
    const found = ({ name }: { readonly name: string }) => plain(name).includes(sought);
    const others = people.others.filter(({ participant }) => found(participant));
    const me = people.me && found(people.me) ? people.me : null;
    return (
        <div className={panel.panel}>
            <div className={panel.scroll}>
                {people.waiting.length > 0 && <WaitingList waiting={people.waiting} />}
                <h3 className={classes.heading}>
                    {t('people.here', { count: here, most: view.capacity })}
                </h3>
                {here > MANY && (
                    <TextInput
                        type="search"
                        size="sm"
                        aria-label={t('people.search')}
                        placeholder={t('people.search')}
                        leftSection={<Search size={16} aria-hidden />}
                        value={typed}
                        onChange={(event) => setTyped(event.currentTarget.value)}
                    />
                )}
                <div role="status" className={classes.none}>
                    {sought !== '' &&
                        (me === null && others.length === 0
                            ? t('people.none-found')
                            : t('people.found', { count: others.length + (me === null ? 0 : 1) }))}
                </div>
                <ul className={panel.list}>
                    {me && <PersonRow participant={me} person={null} />}
                    {others.map((person) => (
                        <PersonRow
                            key={person.participant.id}
                            participant={person.participant}
                            person={person}
                        />
                    ))}
                </ul>
            </div>
            <div className={classes.foot}>
                <InviteButton />
                {runs && <Doors view={view} />}
            </div>
        </div>
    );
}
