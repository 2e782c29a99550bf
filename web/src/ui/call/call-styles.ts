// SPDX-License-Identifier: Apache-2.0
// The library's styles that only the call needs.
import '@mantine/core/styles/Progress.layer.css';
import '@mantine/core/styles/Indicator.layer.css';
import '@mantine/core/styles/Kbd.layer.css';
