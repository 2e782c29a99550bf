// SPDX-License-Identifier: Apache-2.0
import { ProblemError } from '../../state/problems';
import { useProblemText } from '../hooks/use-problem-text';
import { Callout } from './Callout';

interface Props {
    readonly error: unknown;
    /** Said instead for these statuses. */
    readonly texts?: Readonly<Record<number, string>>;
}

/** Shows why something failed; nothing where nothing did. */
export function ProblemNote({ error, texts = {} }: Props) {
    const describe = useProblemText();
    if (error === null || error === undefined) return null;
    const special = error instanceof ProblemError ? texts[error.status] : undefined;
    return (
        <Callout kind="danger" live>
            {special ?? describe(error)}
        </Callout>
    );
}
