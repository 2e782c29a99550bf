// SPDX-License-Identifier: Apache-2.0
import { Button, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { ResolvedLink } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { Avatar } from '../parts/Avatar';
import { useOpened } from './entry-context';
import classes from './Entry.module.css';

const LONGEST_NAME = 64;

interface Props {
    readonly meeting: ResolvedLink;
    readonly entering: boolean;
}

/** Name, address, and the button that everything waits for. */
export function JoinForm({ meeting, entering }: Props) {
    const { t } = useTranslation('entry');
    const app = useApp();
    const { call, entry } = useOpened();
    const session = useReadable(app.session.session);
    const { hide_address } = useReadable(app.settings.settings);
    const [typed, setTyped] = useState('');
    const [missing, setMissing] = useState(false);
    const owner =
        'meeting' in entry && session.kind === 'signed-in' ? session.user.name : undefined;
    const known = owner ?? meeting.label;
    const waits =
        meeting.lobby === true && (meeting.role === 'guest' || meeting.role === 'participant');
    const warm = () => call.warm();

    const join = (event: FormEvent) => {
        event.preventDefault();
        const name = (known ?? typed).trim();
        setMissing(name === '');
        if (name !== '' && !entering) call.join({ name, hide_address });
    };
    return (
        <form className={classes.form} onSubmit={join} noValidate>
            {known === undefined ? (
                <TextInput
                    label={t('name')}
                    placeholder={t('name-example')}
                    name="name"
                    autoComplete="name"
                    maxLength={LONGEST_NAME}
                    required
                    withAsterisk={false}
                    size="lg"
                    value={typed}
                    onChange={(event) => {
                        setTyped(event.currentTarget.value);
                        setMissing(false);
                    }}
                    onFocus={warm}
                    error={missing ? t('name-missing') : undefined}
                />
            ) : (
                <p className={classes.as}>
                    <Avatar name={known} />
                    <span>
                        <Trans
                            t={t}
                            i18nKey="joining-as"
                            values={{ name: known }}
                            components={[<strong key="name" />]}
                        />
                    </span>
                </p>
            )}
            <Switch
                label={t('hide.label')}
                description={t('hide.text')}
                checked={hide_address}
                onChange={(event) =>
                    app.settings.change({ hide_address: event.currentTarget.checked })
                }
            />
            <Button
                type="submit"
                size="lg"
                fullWidth
                loading={entering}
                onPointerEnter={warm}
                onFocus={warm}
            >
                {waits ? t('knock') : t('join')}
            </Button>
        </form>
    );
}
