// SPDX-License-Identifier: Apache-2.0
import {
    Button,
    createTheme,
    defaultVariantColorsResolver,
    Input,
    Menu,
    Modal,
    Tooltip,
    type MantineColorsTuple,
    type VariantColorsResolver,
} from '@mantine/core';

/** Verdigris, the green that copper takes on with age. The shades in use are in tokens.css; this list names the colour. */
const verdigris: MantineColorsTuple = [
    '#e1f0ed',
    '#d2e8e3',
    '#a6d5cc',
    '#7cc5b8',
    '#56b8a9',
    '#2c9586',
    '#157d6f',
    '#0d6b5f',
    '#0a584e',
    '#07403a',
];

/** The accent is dark by day and bright by night, so what is written on it changes with it. */
const variantColorResolver: VariantColorsResolver = (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant === 'filled' && (input.color ?? 'verdigris') === 'verdigris') {
        return { ...colors, color: 'var(--cv-on-accent)' };
    }
    return colors;
};

export const theme = createTheme({
    primaryColor: 'verdigris',
    primaryShade: { light: 7, dark: 4 },
    colors: { verdigris },
    variantColorResolver,
    cursorType: 'pointer',
    respectReducedMotion: true,
    components: {
        Button: Button.extend({ defaultProps: { size: 'md' } }),
        Input: Input.extend({ defaultProps: { size: 'md' } }),
        // The library locks scrolling with a <style> element, which the policy forbids; base.css does it instead.
        Modal: Modal.extend({
            defaultProps: {
                lockScroll: false,
                centered: true,
                radius: 'lg',
                padding: 'lg',
                overlayProps: { backgroundOpacity: 0.45 },
            },
        }),
        Menu: Menu.extend({ defaultProps: { shadow: 'lg', radius: 'lg', withinPortal: true } }),
        Tooltip: Tooltip.extend({
            defaultProps: { openDelay: 400, events: { hover: true, focus: true, touch: false } },
        }),
    },
});
