// SPDX-License-Identifier: Apache-2.0
import { act, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { renderInApp } from '../../../gallery/render';
import { switchLanguage } from '../../i18n';
import { RecordPerson } from './RecordPerson';

const person = {
    name: 'Jonas',
    role: 'guest',
    joined_at: '2026-11-22T09:00:00Z',
    left_at: '2026-11-22T09:30:00Z',
    statistics: {
        audio_packets_lost: 12,
        video_bytes_received: 4_000_000,
        audio_rtt_ms: 31.52,
        new_kind: 3,
    },
};

describe('RecordPerson', () => {
    afterEach(() => switchLanguage('en'));

    it('has words for what was measured, in the language of the page', async () => {
        await renderInApp(<RecordPerson person={person} />);
        expect(screen.getByText('Sound: 12 packets lost')).toBeTruthy();
        expect(screen.getByText('Sound: 31.5 ms round trip')).toBeTruthy();
        expect(screen.getByText('Picture: 4,000,000 bytes received')).toBeTruthy();
        expect(screen.queryByText(/new/)).toBeNull();
        await act(() => switchLanguage('de'));
        expect(screen.getByText('Ton: 12 Pakete verloren')).toBeTruthy();
        expect(screen.getByText('Bild: 4.000.000 Bytes empfangen')).toBeTruthy();
    });
});
