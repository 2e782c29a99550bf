// SPDX-License-Identifier: Apache-2.0
import { Popover, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../state/views';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { QualityBars } from './QualityBars';
import { QualityNumbers } from './QualityNumbers';
import classes from './QualityButton.module.css';

interface Props {
    readonly person: Person;
}

/** How the connection to one person is doing; opens to the numbers. */
export function QualityButton({ person }: Props) {
    const { t } = useTranslation('call');
    const [open, setOpen] = useState(false);
    const { id, name } = person.participant;
    const quality = useReadable(useCallModel().quality(id));
    const grade = quality?.grade ?? null;
    return (
        <Popover
            opened={open}
            onChange={setOpen}
            position="bottom-end"
            width={304}
            shadow="lg"
            radius="lg"
            trapFocus
        >
            <Popover.Target>
                <UnstyledButton
                    className={classes.button}
                    onClick={() => setOpen(!open)}
                    aria-label={t('quality.button', {
                        name,
                        grade: grade === null ? t('quality.unknown') : t(`quality.grade-${grade}`),
                    })}
                >
                    <QualityBars grade={grade} />
                </UnstyledButton>
            </Popover.Target>
            <Popover.Dropdown>
                <QualityNumbers name={name} path={person.path} quality={quality} />
            </Popover.Dropdown>
        </Popover>
    );
}
