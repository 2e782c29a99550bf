// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, PencilLine, PhoneOff, Trash2 } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { useToasts } from '../app/toasts';
import { ConfirmDialog } from '../parts/ConfirmDialog';
import { useProblemText } from '../hooks/use-problem-text';
import { keys } from './keys';
import { MeetingDialog } from './MeetingDialog';

interface Props {
    readonly meeting: Meeting;
}

type Asking = 'edit' | 'end' | 'delete' | null;

/** What else can be done with a meeting: change, end, delete. */
export function MeetingActions({ meeting }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const toasts = useToasts();
    const describe = useProblemText();
    const queries = useQueryClient();
    const [asking, setAsking] = useState<Asking>(null);
    const over = meeting.state === 'ended' || meeting.state === 'expired';
    const close = () => setAsking(null);
    const failed = (error: unknown) => {
        close();
        toasts.show({ text: describe(error), tone: 'warning' });
    };
    const end = useMutation({
        mutationFn: () => api.endMeeting(meeting.id),
        onSuccess: () => {
            close();
            void queries.invalidateQueries({ queryKey: keys.meeting(meeting.id) });
            void queries.invalidateQueries({ queryKey: keys.lists });
        },
        onError: failed,
    });
    const remove = useMutation({
        mutationFn: () => api.deleteMeeting(meeting.id),
        onSuccess: () => {
            toasts.show({ text: t('delete.done', { title: meeting.title }) });
            void queries.invalidateQueries({ queryKey: keys.lists });
            navigate('/', { replace: true });
        },
        onError: failed,
    });
    return (
        <>
            <Menu position="bottom-end" width={224}>
                <Menu.Target>
                    <ActionIcon variant="default" size={42} aria-label={t('actions')}>
                        <Ellipsis size={20} aria-hidden />
                    </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                    {!over && (
                        <Menu.Item
                            leftSection={<PencilLine size={16} aria-hidden />}
                            onClick={() => setAsking('edit')}
                        >
                            {t('edit.button')}
                        </Menu.Item>
                    )}
                    {!over && (
                        <Menu.Item
                            leftSection={<PhoneOff size={16} aria-hidden />}
                            onClick={() => setAsking('end')}
                        >
                            {t('end.button')}
                        </Menu.Item>
                    )}
                    <Menu.Item
                        color="red"
                        leftSection={<Trash2 size={16} aria-hidden />}
                        onClick={() => setAsking('delete')}
                    >
                        {t('delete.button')}
                    </Menu.Item>
                </Menu.Dropdown>
            </Menu>
            {asking === 'edit' && <MeetingDialog meeting={meeting} onClose={close} />}
            <ConfirmDialog
                opened={asking === 'end'}
                title={t('end.title')}
                action={t('end.confirm')}
                pending={end.isPending}
                onConfirm={() => end.mutate()}
                onClose={close}
            >
                {t('end.text')}
            </ConfirmDialog>
            <ConfirmDialog
                opened={asking === 'delete'}
                title={t('delete.title')}
                action={t('delete.confirm')}
                pending={remove.isPending}
                onConfirm={() => remove.mutate()}
                onClose={close}
            >
                {t('delete.text')}
            </ConfirmDialog>
        </>
    );
}
