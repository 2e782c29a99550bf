// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from 'vitest';
import { measured } from '../media/testing/measured';
import { participant } from '../protocol/testing/server-words';
import { PeopleModel } from './people-model';

function two() {
    const model = new PeopleModel();
    const jonas = participant('p1', { name: 'Jonas' });
    const mira = participant('p2', { name: 'Mira' });
    model.reset('p0', [participant('p0', { name: 'Ana' }), jonas, mira], []);
    return { model, jonas, mira };
}

describe('what is known of a connection', () => {
    it('is told to who looks at it, and disturbs nobody else', () => {
        const { model } = two();
        model.setConnection('p1', 'connected', 'srflx');
        const everybody = vi.fn();
        const one = vi.fn();
        model.people.subscribe(everybody);
        model.quality('p1').subscribe(one);
        model.setQuality('p1', measured());
        model.setQuality('p1', measured({ rtt_ms: 40 }));
        expect(one).toHaveBeenCalledTimes(2);
        expect(model.quality('p1').getSnapshot()?.rtt_ms).toBe(40);
        expect(model.quality('p2').getSnapshot()).toBeNull();
        expect(everybody).not.toHaveBeenCalled();
    });

    it('moves the person to another path', () => {
        const { model } = two();
        model.setQuality('p1', measured({ path: 'relay' }));
        model.setQuality('p1', measured({ path: null }));
        expect(model.find('p1')?.path).toBe('relay');
    });

    it('is forgotten with the person', () => {
        const { model, jonas, mira } = two();
        model.setQuality('p1', measured());
        model.setQuality('p2', measured());
        model.remove('p1');
        model.put(jonas);
        expect(model.quality('p1').getSnapshot()).toBeNull();
        model.reset('p0', [jonas], []);
        model.put(mira);
        expect(model.quality('p2').getSnapshot()).toBeNull();
    });
});

describe('a change', () => {
    it('that says nothing new disturbs nobody, and one that does leaves the others as they are', () => {
        const { model, jonas } = two();
        const [, before] = model.others();
        const everybody = vi.fn();
        model.people.subscribe(everybody);
        model.setConnection('p1', 'connecting', null);
        model.put(jonas);
        model.setConnection('p3', 'failed', null);
        expect(everybody).not.toHaveBeenCalled();
        model.setConnection('p1', 'failed', null);
        expect(everybody).toHaveBeenCalledOnce();
        expect(model.others()[1]).toBe(before);
    });
});
