// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from '@mantine/core';
import { SendHorizontal } from '../parts/icons';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '../../media/chat-types';
import { useCallModel } from '../entry/entry-context';
import classes from './ChatPanel.module.css';
import { usePeerName } from './peer-names';

interface Props {
    readonly thread: Thread;
}

/** Enter sends, with Shift it makes a new line. */
export function ChatInput({ thread }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const nameOf = usePeerName();
    const [text, setText] = useState('');
    const [problem, setProblem] = useState<'too-long' | 'gone' | null>(null);
    const label =
        thread === 'group' ? t('chat.to-all') : t('chat.to-one', { name: nameOf(thread.peer) });

    const send = () => {
        const failed = call.say(thread, text);
        setProblem(failed === 'empty' ? null : failed);
        if (failed === null) setText('');
    };
    const onSubmit = (event: FormEvent) => {
        event.preventDefault();
        send();
    };
    const onKeyDown = (event: KeyboardEvent) => {
        // While a word is being composed (Japanese, Chinese ...) Enter belongs to that.
        if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
        event.preventDefault();
        send();
    };
    return (
        <>
            {problem !== null && (
                <p className={classes.problem} role="alert">
                    {t(`chat.problem.${problem}`)}
                </p>
            )}
            <form className={classes.form} onSubmit={onSubmit}>
                <textarea
                    className={classes.text}
                    rows={1}
                    aria-label={label}
                    placeholder={label}
                    value={text}
                    onChange={(event) => {
                        setText(event.currentTarget.value);
                        setProblem(null);
                    }}
                    onKeyDown={onKeyDown}
                />
                <ActionIcon
                    type="submit"
                    size={42}
                    radius={14}
                    disabled={text.trim() === ''}
                    aria-label={t('chat.send')}
                >
                    <SendHorizontal size={20} aria-hidden />
                </ActionIcon>
            </form>
        </>
    );
}
