// SPDX-License-Identifier: Apache-2.0
import { useCallUi } from './call-ui';
import { MoreSheet } from './MoreSheet';
import { ProtectionDialog } from './ProtectionDialog';
import { SettingsDialog } from './SettingsDialog';
import { ShortcutsDialog } from './ShortcutsDialog';

/** Whichever dialog is open. */
export function CallDialogs() {
    const { dialog, setDialog } = useCallUi();
    const close = () => setDialog(null);
    switch (dialog) {
        case 'settings':
            return <SettingsDialog onClose={close} />;
        case 'shortcuts':
            return <ShortcutsDialog onClose={close} />;
        case 'protection':
            return <ProtectionDialog onClose={close} />;
        case 'more':
            return <MoreSheet onClose={close} />;
        case null:
            return null;
    }
}
