// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import type { InCall } from './CallPage';
import { Doors } from './Doors';
import { InviteButton } from './InviteButton';
import classes from './PeoplePanel.module.css';
import { PersonRow } from './PersonRow';
import { runsMeeting } from './rights';
import { WaitingList } from './WaitingList';

interface Props {
    readonly view: InCall;
}

/** Everyone who is here or waits to be; for those who run the meeting also the doors. */
export function PeoplePanel({ view }: Props) {
    const { t } = useTranslation('call');
    const people = useReadable(useCallModel().people);
    const runs = runsMeeting(view.role);
    const here = people.others.length + 1;
    return (
        <div className={classes.panel}>
            <div className={classes.scroll}>
                {people.waiting.length > 0 && <WaitingList waiting={people.waiting} />}
                <h3 className={classes.heading}>
                    {t('people.here', { count: here, most: view.capacity })}
                </h3>
                <ul className={classes.list}>
                    {people.me && <PersonRow participant={people.me} person={null} />}
                    {people.others.map((person) => (
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
