// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EyeOff, KeyRound, TimerReset, Video } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { useTitle } from '../hooks/use-title';
import { Callout } from '../parts/Callout';
import { Shell } from '../parts/Shell';
import { Doorway } from './Doorway';
import form from './Form.module.css';
import classes from './Landing.module.css';
import { PasteLink } from './PasteLink';
import { SignInForm } from './SignInForm';

const PROMISES = [
    { key: 'direct', Icon: KeyRound },
    { key: 'nothing', Icon: EyeOff },
    { key: 'records', Icon: TimerReset },
] as const;

/** What a visitor sees: what this is, and the ways in. */
export function Landing() {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const server = useQuery({ queryKey: ['server'], queryFn: api.server });
    useTitle('');
    return (
        <Shell width="full">
            <div className={classes.page}>
                <section className={classes.about}>
                    <Doorway />
                    <h1 className={classes.title}>{t('landing.title')}</h1>
                    <p className={classes.lead}>{t('landing.lead')}</p>
                    <ul className={classes.promises}>
                        {PROMISES.map(({ key, Icon }) => (
                            <li key={key}>
                                <Icon size={20} aria-hidden />
                                <span>
                                    <strong>{t(`landing.${key}.title`)}</strong>
                                    <br />
                                    {t(`landing.${key}.text`)}
                                </span>
                            </li>
                        ))}
                    </ul>
                </section>
                <div className={classes.ways}>
                    {server.data?.setup_needed === true && (
                        <Callout kind="info" title={t('landing.setup.title')}>
                            {t('landing.setup.text')}
                        </Callout>
                    )}
                    <section className={form.card} aria-labelledby="sign-in">
                        <h2 id="sign-in" className={classes.heading}>
                            {t('sign-in.title')}
                        </h2>
                        <SignInForm />
                    </section>
                    <section className={form.card} aria-labelledby="without-account">
                        <h2 id="without-account" className={classes.heading}>
                            {t('landing.no-account')}
                        </h2>
                        <PasteLink />
                        {server.data?.instant === 'anyone' && (
                            <Button
                                variant="light"
                                fullWidth
                                leftSection={<Video size={18} aria-hidden />}
                                onClick={() => navigate('/new')}
                            >
                                {t('landing.instant')}
                            </Button>
                        )}
                    </section>
                </div>
            </div>
        </Shell>
    );
}
