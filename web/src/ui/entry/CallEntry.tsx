// SPDX-License-Identifier: Apache-2.0
export default function CallEntry(_props: { link?: string; meeting?: string }) {
    return null;
}
