// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { useCallModel } from '../entry/entry-context';
import { Alone } from './Alone';
import type { InCall } from './CallPage';
import { useCallUi } from './call-ui';
import { arrange, tileKey } from './layout';
import classes from './Stage.module.css';
import { Tile } from './Tile';

interface Props {
    readonly view: InCall;
}

/** The people and what they show. */
export function Stage({ view }: Props) {
    const { t } = useTranslation('call');
    const people = useReadable(useCallModel().people);
    const { pinned } = useCallUi();
    const layout = arrange(people, pinned);
    return (
        <section className={classes.stage} data-layout={layout.kind} aria-label={t('stage')}>
            {layout.kind === 'alone' && (
                <>
                    <Alone view={view} />
                    <div className={classes.self}>
                        <Tile tile={{ who: 'me', what: 'camera' }} />
                    </div>
                </>
            )}
            {layout.kind === 'pair' && (
                <>
                    <Tile tile={layout.other} large />
                    <div className={classes.self}>
                        <Tile tile={{ who: 'me', what: 'camera' }} />
                    </div>
                </>
            )}
            {layout.kind === 'grid' && (
                <div className={classes.grid} data-count={layout.tiles.length}>
                    {layout.tiles.map((tile) => (
                        <Tile key={tileKey(tile)} tile={tile} />
                    ))}
                </div>
            )}
            {layout.kind === 'spotlight' && (
                <div className={classes.spotlight}>
                    <Tile key={tileKey(layout.main)} tile={layout.main} large />
                    <div className={classes.strip}>
                        {layout.strip.map((tile) => (
                            <Tile key={tileKey(tile)} tile={tile} />
                        ))}
                    </div>
                </div>
            )}
        </section>
    );
}
