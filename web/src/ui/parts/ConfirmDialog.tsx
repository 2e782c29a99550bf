// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog';
import classes from './ConfirmDialog.module.css';

interface Props {
    readonly opened: boolean;
    readonly title: string;
    readonly children: ReactNode;
    /** What the button that does it says: a verb. */
    readonly action: string;
    readonly pending?: boolean;
    readonly onConfirm: () => void;
    readonly onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: Props) {
    const { t } = useTranslation();
    return (
        <Dialog opened={props.opened} onClose={props.onClose} title={props.title} size="sm">
            <div className={classes.text}>{props.children}</div>
            <div className={classes.actions}>
                <Button variant="default" onClick={props.onClose} data-autofocus>
                    {t('cancel')}
                </Button>
                <Button color="red" loading={props.pending ?? false} onClick={props.onConfirm}>
                    {props.action}
                </Button>
            </div>
        </Dialog>
    );
}
