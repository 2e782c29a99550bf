// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { keyName } from './key-name';

/** Keys that lead elsewhere, and so can't be held to talk. */
const TAKEN = new Set([
    'Tab',
    'Escape',
    'Enter',
    'ShiftLeft',
    'ShiftRight',
    'MetaLeft',
    'MetaRight',
]);

/** Which key is held to talk: press the button, then the key. */
export function KeyField() {
    const { t } = useTranslation('call');
    const { settings: model } = useApp();
    const { push_to_talk_key } = useReadable(model.settings);
    const [listening, setListening] = useState(false);
    const onKeyDown = (event: KeyboardEvent) => {
        if (!listening || event.key === 'Tab') return;
        event.preventDefault();
        event.stopPropagation();
        if (!TAKEN.has(event.code)) model.change({ push_to_talk_key: event.code });
        setListening(false);
    };
    return (
        <Button
            variant="default"
            aria-live="polite"
            onClick={() => setListening(true)}
            onKeyDown={onKeyDown}
            onKeyUp={(event) => event.preventDefault()}
            onBlur={() => setListening(false)}
        >
            {listening
                ? t('settings.press-key')
                : t('settings.key', { key: keyName(push_to_talk_key, t('key.space')) })}
        </Button>
    );
}
