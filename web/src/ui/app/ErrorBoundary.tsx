// SPDX-License-Identifier: Apache-2.0
import { Component, type ReactNode } from 'react';
import { Trouble } from '../pages/Trouble';

interface Props {
    readonly children: ReactNode;
}

/** Catches what should never happen, and shows a way out instead of an empty page. */
export class ErrorBoundary extends Component<Props, { readonly failed: boolean }> {
    override state = { failed: false };

    static getDerivedStateFromError() {
        return { failed: true };
    }

    override render() {
        return this.state.failed ? <Trouble /> : this.props.children;
    }
}
