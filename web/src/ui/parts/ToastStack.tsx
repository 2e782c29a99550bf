// SPDX-License-Identifier: Apache-2.0
import { Button, CloseButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useToasts } from '../app/toasts';
import { useReadable } from '../hooks/use-readable';
import classes from './ToastStack.module.css';

/** Shows the toasts, newest last; a screen reader hears each when it is free to. */
export function ToastStack() {
    const { t } = useTranslation();
    const toasts = useToasts();
    const list = useReadable(toasts.list);
    return (
        <div className={classes.stack} role="log" aria-live="polite" aria-label={t('messages')}>
            {list.map((toast) => (
                <div key={toast.id} className={classes.toast} data-tone={toast.tone ?? 'neutral'}>
                    <div className={classes.text}>
                        <span>{toast.text}</span>
                        {toast.detail !== undefined && (
                            <span className={classes.detail}>{toast.detail}</span>
                        )}
                    </div>
                    {toast.actions?.map((action, index) => (
                        <Button
                            key={action.label}
                            size="compact-sm"
                            variant={index === 0 ? 'filled' : 'default'}
                            onClick={() => toasts.act(toast.id, action)}
                        >
                            {action.label}
                        </Button>
                    ))}
                    <CloseButton
                        size="sm"
                        aria-label={t('close')}
                        onClick={() => toasts.close(toast.id)}
                    />
                </div>
            ))}
        </div>
    );
}
