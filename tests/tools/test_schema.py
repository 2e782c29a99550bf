# SPDX-License-Identifier: Apache-2.0
"""tools/schema: a good inventory passes, and whatever is missing or wrong in it is named."""
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "schema"
SCHEMA = ROOT / "src" / "store" / "schema"

SQL = """
CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE notes (user TEXT REFERENCES users (id) ON DELETE CASCADE, text TEXT);
"""
INVENTORY = """
[classes]
account = "Accounts"
[subjects]
account = "the person"
[expiries]
account = { means = "with the account", with = "users" }
own_time = { means = "at its time" }
[tables.users]
about = "Accounts"
columns.id = { class = "account", purpose = "names it", subject = "account", expiry = "account" }
columns.name = { class = "account", purpose = "shown", subject = "account", expiry = "account" }
[tables.notes]
about = "Notes"
columns.user = { class = "account", purpose = "whose", subject = "account", expiry = "account" }
columns.text = { class = "account", purpose = "the note", subject = "account", expiry = "account" }
"""


class Schema(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def embed(self, inventory=INVENTORY, **files):
        (self.path / "inventory.toml").write_text(inventory)
        names = []
        for name, text in (files or {"0001_first": SQL}).items():
            names.append(self.path / f"{name.removeprefix('n')}.sql")
            names[-1].write_text(text)
        command = [TOOL, "embed", self.path / "inventory.toml", self.path / "out.c", *names]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stderr.strip()

    def assert_refused(self, inventory, complaint, **files):
        status, text = self.embed(inventory, **files)
        self.assertEqual(status, 1)
        self.assertIn(complaint, text)
        self.assertFalse((self.path / "out.c").exists())

    def test_a_complete_inventory_passes(self):
        self.assertEqual(self.embed(), (0, ""))
        self.assertIn('"CREATE TABLE users', (self.path / "out.c").read_text())

    def test_a_column_that_is_not_in_the_inventory(self):
        lines = [line for line in INVENTORY.splitlines() if "columns.text" not in line]
        self.assert_refused("\n".join(lines), "notes.text: not in the inventory")

    def test_a_column_that_a_later_migration_adds(self):
        later = {"n0001_first": SQL, "n0002_more": "ALTER TABLE users ADD COLUMN phone TEXT;"}
        self.assert_refused(INVENTORY, "users.phone: not in the inventory", **later)

    def test_a_table_that_is_not_in_the_inventory(self):
        more = SQL + "CREATE TABLE more (x);"
        self.assert_refused(INVENTORY, "more.x: not in the inventory", n0001_first=more)

    def test_an_entry_without_a_column(self):
        entry = '{ class = "account", purpose = "p", subject = "account", expiry = "account" }'
        self.assert_refused(
            INVENTORY + f"columns.gone = {entry}\n", "notes.gone: in the inventory, but not in the schema"
        )
        self.assert_refused(
            INVENTORY + f'[tables.old]\nabout = "x"\ncolumns.x = {entry}\n',
            "old: in the inventory, but not in the schema",
        )

    def test_each_word_is_needed(self):
        for word in ("class", "purpose", "subject", "expiry"):
            value = {"purpose": '"the note"'}.get(word, '"account"')
            line = [line for line in INVENTORY.splitlines() if "columns.text" in line][0]
            self.assert_refused(
                INVENTORY.replace(line, line.replace(f"{word} = {value}", f'{word} = " "')),
                f"notes.text: no {word}",
            )

    def test_words_are_explained(self):
        bad = INVENTORY.replace('purpose = "the note", subject = "account"', 'purpose = "x", subject = "cat"')
        self.assert_refused(bad, "notes.text: subject cat is not explained in [subjects]")

    def test_rows_really_go_when_it_says_so(self):
        loose = SQL.replace("ON DELETE CASCADE", "ON DELETE SET NULL")
        self.assert_refused(
            INVENTORY, "notes.text: goes with users, but no foreign key", n0001_first=loose
        )
        timed = INVENTORY.replace('"the note", subject = "account", expiry = "account"',
                                  '"the note", subject = "account", expiry = "own_time"')
        self.assert_refused(timed, "notes.text: goes at its own time, but the table has no expires_at_us")

    def test_migrations_are_numbered_without_a_gap(self):
        self.assert_refused(INVENTORY, "expected 0002_NAME.sql", n0001_first=SQL, n0003_third="")
        self.assert_refused(INVENTORY, "0002_bad.sql: near", n0001_first=SQL, n0002_bad="CREATE nonsense;")

    def test_the_page_for_people_is_up_to_date(self):
        page = ROOT / "docs" / "data-inventory.md"
        files = [SCHEMA / "inventory.toml", *sorted(SCHEMA.glob("*.sql"))]
        subprocess.run([TOOL, "check-doc", page, *files], check=True)
        other = self.path / "page.md"
        other.write_text(page.read_text() + "more\n")
        result = subprocess.run([TOOL, "check-doc", other, *files], capture_output=True, check=False)
        self.assertEqual(result.returncode, 1)


if __name__ == "__main__":
    unittest.main()
