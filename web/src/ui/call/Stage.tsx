// SPDX-License-Identifier: Apache-2.0
import { useElementSize } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { useCallModel } from '../entry/entry-context';
import { Alone } from './Alone';
import type { InCall } from './CallPage';
import { useCallUi } from './call-ui';
import { Grid } from './Grid';
import { tileKey } from './layout';
import { Pages } from './Pages';
import classes from './Stage.module.css';
import { Tile } from './Tile';
import { useLayout } from './use-layout';

interface Props {
    readonly view: InCall;
}

/** The people and what they show. */
export function Stage({ view }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const people = useReadable(call.people);
    const speaker = useReadable(call.speaker);
    const ui = useCallUi();
    const { ref, width, height } = useElementSize<HTMLDivElement>();
    const layout = useLayout(people, speaker, ui, { width, height });
    return (
        <section className={classes.stage} aria-label={t('stage')}>
            <div ref={ref} className={classes.place} data-layout={layout.kind}>
                {layout.kind === 'alone' && <Alone view={view} />}
                {layout.kind === 'pair' && (
                    <Tile key={tileKey(layout.other)} tile={layout.other} large />
                )}
                {(layout.kind === 'alone' || layout.kind === 'pair') && ui.self && (
                    <div className={classes.self}>
                        <Tile tile={{ who: 'me', what: 'camera' }} />
                    </div>
                )}
                {layout.kind === 'grid' && (
                    <Grid tiles={layout.tiles} width={width} height={height} />
                )}
                {layout.kind === 'spotlight' && (
                    <div className={classes.spotlight} data-lonely={layout.strip.length === 0}>
                        <Tile key={tileKey(layout.main)} tile={layout.main} large />
                        <div className={classes.strip}>
                            {layout.strip.map((tile) => (
                                <Tile key={tileKey(tile)} tile={tile} />
                            ))}
                        </div>
                    </div>
                )}
                {layout.kind === 'side' && (
                    <div className={classes.side} data-lonely={layout.beside.length === 0}>
                        <Tile key={tileKey(layout.main)} tile={layout.main} large />
                        <Grid
                            tiles={layout.beside}
                            width={width < height ? width : width * 0.4}
                            height={width < height ? height * 0.5 : height}
                        />
                    </div>
                )}
            </div>
            {'pages' in layout && <Pages page={layout.page} pages={layout.pages} />}
        </section>
    );
}
