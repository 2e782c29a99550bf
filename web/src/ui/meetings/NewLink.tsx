// SPDX-License-Identifier: Apache-2.0
import { Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from '../parts/icons';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkCreated } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { CopyField } from '../parts/CopyField';
import { ProblemNote } from '../parts/ProblemNote';
import { keys } from './keys';
import classes from './Links.module.css';

const ROLES = ['guest', 'participant', 'moderator'] as const;
type Role = (typeof ROLES)[number];

interface Props {
    readonly meeting: string;
}

/** Makes a link: personal with a name, shared without. Its address is shown once, here. */
export function NewLink({ meeting }: Props) {
    const { t } = useTranslation(['home', 'common']);
    const { api } = useApp();
    const queries = useQueryClient();
    const [name, setName] = useState('');
    const [role, setRole] = useState<Role>('guest');
    const [made, setMade] = useState<LinkCreated | null>(null);
    const create = useMutation({
        mutationFn: (label: string) =>
            api.createLink(meeting, label === '' ? { role, shared: true } : { role, label }),
        onSuccess: (link) => {
            setMade(link);
            setName('');
            void queries.invalidateQueries({ queryKey: keys.links(meeting) });
        },
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (!create.isPending) create.mutate(name.trim());
    };
    return (
        <div className={classes.make}>
            <form className={classes.form} onSubmit={submit}>
                <TextInput
                    className={classes.name}
                    label={t('links.for')}
                    placeholder={t('links.for-example')}
                    maxLength={64}
                    value={name}
                    onChange={(event) => setName(event.currentTarget.value)}
                />
                <Select
                    className={classes.role}
                    label={t('links.role')}
                    value={role}
                    allowDeselect={false}
                    data={ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }))}
                    onChange={(value) => setRole(ROLES.find((known) => known === value) ?? 'guest')}
                />
                <Button
                    type="submit"
                    loading={create.isPending}
                    leftSection={<Plus size={18} aria-hidden />}
                    variant={made ? 'default' : 'filled'}
                >
                    {name.trim() === '' ? t('links.make-shared') : t('links.make')}
                </Button>
            </form>
            <ProblemNote error={create.error} />
            {made && (
                <div className={classes.made} role="status">
                    <CopyField
                        key={made.id}
                        label={
                            made.label === undefined || made.shared
                                ? t('links.made-shared')
                                : t('links.made', { name: made.label })
                        }
                        value={made.url}
                    />
                    <p className={classes.hint}>{t('links.once')}</p>
                </div>
            )}
        </div>
    );
}
