// SPDX-License-Identifier: Apache-2.0

// What the drivers of both browsers call the same.

export class Page {
    errors = [];

    constructor(page) {
        this.page = page;
        page.on('pageerror', (error) => this.errors.push(error.message));
    }

    goto(url) {
        return this.page.goto(url);
    }

    reload() {
        return this.page.reload();
    }

    /** Runs a function in the page. */
    eval(script, ...args) {
        return this.page.evaluate(`(${script})(...${JSON.stringify(args)})`);
    }

    press(key) {
        return this.page.keyboard.press(key);
    }

    screenshot(path) {
        return this.page.screenshot({ path });
    }
}
