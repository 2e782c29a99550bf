// SPDX-License-Identifier: Apache-2.0
import { Button, Select } from '@mantine/core';
import { Plus } from '../parts/icons';
import { useRef, useState, type ChangeEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import classes from './FilesPanel.module.css';

const EVERYONE = '';

/** Chooses files and to whom they go. */
export function SendFiles() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { others } = useReadable(call.people);
    const [wanted, setWanted] = useState(EVERYONE);
    const chooser = useRef<HTMLInputElement>(null);
    const relayed = useReadable(call.protection).mode === 'relayed';
    const there = others.some(({ participant }) => participant.id === wanted);
    const to = there ? wanted : EVERYONE;
    const onChange = (event: ChangeEvent<HTMLInputElement>) => {
        const files = [...(event.currentTarget.files ?? [])];
        // So that the same file can be chosen again.
        event.currentTarget.value = '';
        if (files.length > 0) call.offerFiles(files, to === EVERYONE ? 'group' : { peer: to });
    };
    return (
        <div className={classes.send}>
            {others.length > 1 && !relayed && (
                <Select
                    label={t('files.to')}
                    size="sm"
                    value={to}
                    allowDeselect={false}
                    data={[
                        { value: EVERYONE, label: t('chat.everyone') },
                        ...others.map(({ participant }) => ({
                            value: participant.id,
                            label: participant.name,
                        })),
                    ]}
                    onChange={(value) => setWanted(value ?? EVERYONE)}
                />
            )}
            <input
                ref={chooser}
                type="file"
                multiple
                hidden
                onChange={onChange}
                aria-label={t('files.choose')}
            />
            <Button
                disabled={others.length === 0 || relayed}
                leftSection={<Plus size={18} aria-hidden />}
                onClick={() => chooser.current?.click()}
            >
                {t('files.choose')}
            </Button>
            <p className={classes.note}>
                {others.length === 0
                    ? t('files.nobody')
                    : relayed
                      ? t('files.direct-only')
                      : t('files.note')}
            </p>
        </div>
    );
}
