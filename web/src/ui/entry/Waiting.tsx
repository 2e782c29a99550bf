// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResolvedLink } from '../../protocol/rest';
import type { EntryProblem } from '../../state/views';
import { Callout } from '../parts/Callout';
import { PageTitle } from '../parts/PageTitle';
import { Shell } from '../parts/Shell';
import { DeviceProblems } from './DeviceProblems';
import { DeviceSelects } from './DeviceSelects';
import classes from './Entry.module.css';
import { Invitation } from './Invitation';
import { JoinForm } from './JoinForm';
import { Kept } from './Kept';
import { loadCallPage } from './call-page';
import { Preview } from './Preview';

interface Props {
    /** Null while a place is taken up again and nothing more is known. */
    readonly meeting: ResolvedLink | null;
    readonly problem: EntryProblem | null;
    readonly entering: boolean;
}

/** Before the door: a look at oneself, the choice of devices, the name, and what is kept. Nothing has left yet. */
export function Waiting({ meeting, problem, entering }: Props) {
    const { t } = useTranslation(['entry', 'common', 'home']);
    useEffect(() => void loadCallPage(), []);
    return (
        <Shell width="full">
            <div className={classes.waiting}>
                <div className={classes.check}>
                    <Preview />
                    <DeviceProblems />
                    <div className={classes.devices}>
                        <DeviceSelects />
                    </div>
                </div>
                <div className={classes.join}>
                    <PageTitle title={meeting?.title ?? t('common:loading')}>
                        {meeting && <Invitation meeting={meeting} />}
                    </PageTitle>
                    {problem !== null && (
                        <Callout kind="danger" live title={t(`problem.${problem}.title`)}>
                            {t(`problem.${problem}.text`)}
                        </Callout>
                    )}
                    {meeting && <JoinForm meeting={meeting} entering={entering} />}
                    {meeting && <Kept meeting={meeting} />}
                </div>
            </div>
        </Shell>
    );
}
