// SPDX-License-Identifier: Apache-2.0
/** The whole client. */
export function App() {
    return (
        <main>
            <h1>Conclave</h1>
        </main>
    );
}
