// SPDX-License-Identifier: Apache-2.0
import { Modal, type MantineSize } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
    readonly opened?: boolean;
    readonly title: string;
    readonly size?: MantineSize;
    readonly children: ReactNode;
    readonly onClose: () => void;
}

/** Stands over the page until it is answered or closed. */
export function Dialog({ opened = true, size = 'md', ...props }: Props) {
    const { t } = useTranslation();
    return (
        <Modal
            opened={opened}
            size={size}
            closeButtonProps={{ 'aria-label': t('close') }}
            {...props}
        />
    );
}
