// SPDX-License-Identifier: Apache-2.0
import call from './de/call.json';
import common from './de/common.json';
import entry from './de/entry.json';
import home from './de/home.json';

export default { common, home, entry, call };
