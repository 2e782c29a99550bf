// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { Dialog } from '../parts/Dialog';
import { keys } from './keys';
import { MeetingForm } from './MeetingForm';
import { emptyDraft, toCreate, toDraft, toUpdate, type Draft } from './meeting-draft';
import type { NewKind } from './NewMeetingMenu';

type Props = { readonly onClose: () => void } & (
    { readonly kind: NewKind } | { readonly meeting: Meeting }
);

/** Makes a meeting, or changes one. */
export function MeetingDialog(props: Props) {
    const { t } = useTranslation(['home', 'common']);
    const { api } = useApp();
    const queries = useQueryClient();
    const editing = 'meeting' in props ? props.meeting : null;
    const kind = 'meeting' in props ? props.meeting.kind : props.kind;
    const [initial] = useState(() => (editing ? toDraft(editing) : emptyDraft(kind, Date.now())));
    const save = useMutation({
        mutationFn: (draft: Draft) =>
            editing
                ? api.updateMeeting(editing.id, toUpdate(draft))
                : api.createMeeting(toCreate(draft)),
        onSuccess: (meeting) => {
            queries.setQueryData(keys.meeting(meeting.id), meeting);
            void queries.invalidateQueries({ queryKey: keys.lists });
            props.onClose();
            if (!editing) navigate(`/meetings/${meeting.id}`);
        },
    });
    return (
        <Dialog onClose={props.onClose} title={editing ? t('edit.title') : t(`new.${kind}.name`)}>
            <MeetingForm
                initial={initial}
                action={editing ? t('edit.save') : t('new.create')}
                pending={save.isPending}
                error={save.error}
                onSubmit={save.mutate}
                onCancel={props.onClose}
            />
        </Dialog>
    );
}
