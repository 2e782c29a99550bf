// SPDX-License-Identifier: Apache-2.0
import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './CopyButton';
import classes from './CopyField.module.css';

interface Props {
    readonly label: string;
    readonly value: string;
}

/** An address to pass on. */
export function CopyField({ label, value }: Props) {
    const { t } = useTranslation();
    return (
        <div className={classes.field}>
            <TextInput
                className={classes.input}
                label={label}
                value={value}
                readOnly
                spellCheck={false}
                onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton text={value} label={t('copy')} variant="filled" />
        </div>
    );
}
