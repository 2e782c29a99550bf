// SPDX-License-Identifier: Apache-2.0
import type { ComponentPropsWithRef, MouseEvent } from 'react';
import { navigate } from './router';

type Props = ComponentPropsWithRef<'a'> & { readonly href: string };

/** A link to a page of ours: followed without loading it anew, unless the person wants a new tab or window. */
export function Link({ href, onClick, children, ...others }: Props) {
    const follow = (event: MouseEvent<HTMLAnchorElement>) => {
        onClick?.(event);
        const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
        if (event.defaultPrevented || event.button !== 0 || elsewhere) return;
        event.preventDefault();
        navigate(href);
    };
    return (
        <a {...others} href={href} onClick={follow}>
            {children}
        </a>
    );
}
