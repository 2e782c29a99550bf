// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { UserPlus } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { recallInvitation, rememberInvitation } from '../app/invitations';
import { useToasts } from '../app/toasts';
import { useOpened } from '../entry/entry-context';
import { useProblemText } from '../hooks/use-problem-text';
import { CopyButton } from '../parts/CopyButton';

/** A link to pass on: the one that came with the meeting, or for its owner a new one. Others have none to give. */
export function InviteButton() {
    const { t } = useTranslation('call');
    const { api } = useApp();
    const { entry } = useOpened();
    const toasts = useToasts();
    const describe = useProblemText();
    const key = 'link' in entry ? entry.link : entry.meeting;
    const [url, setUrl] = useState(() => recallInvitation(key));
    const make = useMutation({
        mutationFn: (meeting: string) => api.createLink(meeting, { role: 'guest', shared: true }),
        onSuccess: (link) => {
            rememberInvitation(key, link.url);
            setUrl(link.url);
        },
        onError: (error) => toasts.show({ text: describe(error), tone: 'warning' }),
    });
    if (url !== null)
        return <CopyButton text={url} label={t('invite.copy')} variant="light" fullWidth />;
    if (!('meeting' in entry)) return null;
    return (
        <Button
            variant="light"
            fullWidth
            leftSection={<UserPlus size={16} aria-hidden />}
            loading={make.isPending}
            onClick={() => make.mutate(entry.meeting)}
        >
            {t('invite.make')}
        </Button>
    );
}
