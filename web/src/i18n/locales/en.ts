// SPDX-License-Identifier: Apache-2.0
import call from './en/call.json';
import common from './en/common.json';
import entry from './en/entry.json';
import home from './en/home.json';

export default { common, home, entry, call };
