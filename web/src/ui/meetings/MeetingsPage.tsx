// SPDX-License-Identifier: Apache-2.0
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '../parts/PageTitle';
import { Shell } from '../parts/Shell';
import type { When } from './keys';
import { MeetingDialog } from './MeetingDialog';
import { MeetingList } from './MeetingList';
import classes from './MeetingsPage.module.css';
import { NewMeetingMenu, type NewKind } from './NewMeetingMenu';

const TABS: readonly When[] = ['upcoming', 'rooms', 'past'];

/** The meetings of whoever is signed in. */
export default function MeetingsPage() {
    const { t } = useTranslation(['home', 'common']);
    const [tab, setTab] = useState<When>('upcoming');
    const [making, setMaking] = useState<NewKind | null>(null);
    return (
        <Shell>
            <div className={classes.head}>
                <PageTitle title={t('common:meetings')} />
                <NewMeetingMenu onSchedule={setMaking} />
            </div>
            <Tabs
                value={tab}
                onChange={(value) =>
                    setTab(TABS.find((candidate) => candidate === value) ?? 'upcoming')
                }
                keepMounted={false}
                className={classes.tabs}
            >
                <Tabs.List aria-label={t('common:meetings')}>
                    {TABS.map((when) => (
                        <Tabs.Tab key={when} value={when}>
                            {t(`tabs.${when}`)}
                        </Tabs.Tab>
                    ))}
                </Tabs.List>
                {TABS.map((when) => (
                    <Tabs.Panel key={when} value={when} className={classes.panel}>
                        <MeetingList when={when} onNew={setMaking} />
                    </Tabs.Panel>
                ))}
            </Tabs>
            {making !== null && <MeetingDialog kind={making} onClose={() => setMaking(null)} />}
        </Shell>
    );
}
