// SPDX-License-Identifier: Apache-2.0
import { Button, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';
import { ProblemNote } from '../parts/ProblemNote';
import { ConnectField } from './ConnectField';
import { checkDraft, type Draft, type DraftProblem } from './meeting-draft';
import classes from './MeetingForm.module.css';
import { WhenFields } from './WhenFields';

interface Props {
    readonly initial: Draft;
    readonly action: string;
    readonly pending: boolean;
    readonly error: unknown;
    readonly onSubmit: (draft: Draft) => void;
    readonly onCancel: () => void;
}

/** What a meeting is called, when it is, and who may come in how. */
export function MeetingForm({ initial, action, pending, error, onSubmit, onCancel }: Props) {
    const { t } = useTranslation(['home', 'common']);
    const [draft, setDraft] = useState(initial);
    const [problem, setProblem] = useState<DraftProblem | null>(null);
    const change = (some: Partial<Draft>) => {
        setDraft({ ...draft, ...some });
        setProblem(null);
    };
    const submit = (event: FormEvent) => {
        event.preventDefault();
        const found = checkDraft(draft, Date.now());
        setProblem(found);
        if (found === null && !pending) onSubmit(draft);
    };
    const fromServer = error instanceof ProblemError ? error.fieldMessage('title') : undefined;
    return (
        <form className={classes.form} onSubmit={submit} noValidate>
            <ProblemNote error={error} />
            <TextInput
                label={t('form.title')}
                placeholder={t('form.title-example')}
                value={draft.title}
                maxLength={120}
                required
                withAsterisk={false}
                data-autofocus
                onChange={(event) => change({ title: event.currentTarget.value })}
                error={problem === 'title' ? t('form.title-missing') : fromServer}
            />
            {draft.kind === 'scheduled' && (
                <WhenFields draft={draft} problem={problem} onChange={change} />
            )}
            <ConnectField value={draft.topology} onChange={(topology) => change({ topology })} />
            <Switch
                label={t('form.lobby')}
                description={t('form.lobby-hint')}
                checked={draft.lobby}
                onChange={(event) => change({ lobby: event.currentTarget.checked })}
            />
            <div className={classes.actions}>
                <Button variant="default" onClick={onCancel}>
                    {t('common:cancel')}
                </Button>
                <Button type="submit" loading={pending}>
                    {action}
                </Button>
            </div>
        </form>
    );
}
