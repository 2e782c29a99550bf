// SPDX-License-Identifier: Apache-2.0
import { Button, type ButtonProps } from '@mantine/core';
import { Check, Copy } from './icons';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
    readonly text: string;
    readonly label: string;
    readonly variant?: ButtonProps['variant'];
    readonly size?: ButtonProps['size'];
    readonly fullWidth?: boolean;
}

const SHOWN_MS = 2500;

/** Copies, and says that it did. */
export function CopyButton({ text, label, variant = 'default', size, fullWidth = false }: Props) {
    const { t } = useTranslation();
    const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
    useEffect(() => {
        if (state === 'idle') return;
        const timer = setTimeout(() => setState('idle'), SHOWN_MS);
        return () => clearTimeout(timer);
    }, [state]);
    const copy = () => {
        navigator.clipboard.writeText(text).then(
            () => setState('copied'),
            () => setState('failed'),
        );
    };
    const Icon = state === 'copied' ? Check : Copy;
    const shown = { idle: label, copied: t('copied'), failed: t('copy-failed') }[state];
    return (
        <>
            <Button
                variant={variant ?? 'default'}
                {...(size === undefined ? {} : { size })}
                fullWidth={fullWidth}
                leftSection={<Icon size={16} aria-hidden />}
                onClick={copy}
            >
                {shown}
            </Button>
            <span className="cv-hidden" role="status">
                {state === 'idle' ? '' : shown}
            </span>
        </>
    );
}
