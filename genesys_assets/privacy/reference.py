"""docs/privacy.md, written from what the columns say of their fields: `make docs`.

Belongs here: the page. What becomes of a field is `fields` and `scrubber`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from genesys_assets.privacy.fields import Record, record_of
from genesys_assets.privacy.pseudonyms import DIGITS, LEAST_KEY_CHARACTERS, PREFIX
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.texts import markdown_table

_PAGE = """# Privacy

<!-- Written by `make docs` from genesys_assets/privacy: edit that. -->

Conversation records hold people's names, numbers and notes. Personal fields can be kept from being stored, and what is
stored can be erased.

## What is stored

`GENESYS_ASSETS_PRIVACY` says what happens to the personal fields of a conversation before anything of it is written
to disk, be it to `raw.conversations` or to the checkpoint of a run that fails.

| mode | personal fields | unknown fields |
| --- | --- | --- |
| `keep` (default) | as received, to the byte, except for [what no reader accepts](data-model.md) | as received |
| `hash` | a pseudonym: `{prefix}` and {digits} hexadecimal digits | left out |
| `drop` | left out | left out |

- A pseudonym is HMAC-SHA256 of the value under `GENESYS_ASSETS_PRIVACY_KEY`, a secret of {least} characters or more
  (`openssl rand -hex 32` makes one). Without it, or with one that can be guessed (runs, repetitions, favourite words),
  `hash` fails before anything is fetched. The same contact has the same pseudonym in every field and on every day, so
  that repeated contacts can be counted. Case, white space, invisible characters, `tel:`, `sip:`, `mailto:` and their
  parameters, percent-encoding, digits of other scripts, and the dots and dashes of a number make no difference; country
  codes are not guessed. Everybody who has the key can compute a number's pseudonym, so keep it apart from the database.
  Another key makes other pseudonyms, which do not match those that are stored.
- Ids are kept, so that figures, names of queues and agents, and `purge` work. They mean something only to people with
  access to Genesys Cloud.
- A participant's name is always personal. Agents and queues have their names in `directory`, by id.
- Values of participant attributes and segment properties are personal, except for the names in
  `GENESYS_ASSETS_PRIVACY_KEEP_ATTRIBUTES` (separated by commas, spelt as in Genesys Cloud). Names of attributes are
  kept under `hash`, names of segment properties also under `drop`.
- A field is unknown if the table below does not have it, or if it holds an object instead of a plain value. It may be
  personal, so `hash` and `drop` leave it out. A release of this project that knows the field keeps it, for days that
  are fetched from then on. The run's metadata count such fields by the object that they are in, without their names.
- A kept field is stored as it is if it holds what such a field can: an id, a timestamp, a number or a code (one word of
  letters, digits and `. _ : / -`, without five digits in a row). Anything else, such as a telephone number in
  `mediaType`, is treated as personal, and counted with the unknown fields. Names that were configured ({names})
  may be any text without an address or a long number.
- The setting applies to days that are fetched from then on. Materialise stored days again to change them; a retry after
  a change reads the day from the start, so that a day is never a mixture.

The setting does not change `directory.users` and the other directory tables: they hold the names of employees, queues
and flows as an administrator sees them, including e-mail addresses and titles, and so does the DuckDB copy for BI
tools. The figures hold none of these fields.

In every mode, logs, run metadata, errors, reports and exports of the marts hold no value of these fields. Tests put
marked values into every field and search every output for them. Exports of `raw` and `staging` hold what those tables
hold.

## The fields

Personal:

{personal}
Kept as they are (ids, timestamps, numbers, booleans, codes, and names that an administrator has configured):

{kept}
## Erasing: the job `purge`

    conversation_ids: [...]        # these conversations
    external_contact_ids: [...]    # all conversations in which these external contacts took part
    dry_run: true                  # only report what would be removed

Launch it in the UI, or `dagster job execute -m genesys_assets.definitions -j purge -c purge.yaml`, with this under
`ops: {{purge_conversations: {{config: ...}}}}`.

- The job searches every partition of every table with a `conversation_id`, as the database's own catalogue lists
  them, and removes all rows in one transaction. An id that is in no table stops the job before anything is removed.
  One that was purged before does not, so that a job that failed half-way can be launched again as it was.
- The job does not start while other runs are running, which might have the conversation in their files, and checks this
  again in its transaction. A run that it does not know of (another Dagster instance's) cannot store the conversation
  again: the transaction that stores leaves out what was purged, and its metadata say how many (`left_out`).
- DuckDB leaves the bytes of deleted rows in its file, even after VACUUM. So the job writes a new file, which replaces
  the old one; this needs space for a second file, and other processes wait meanwhile. In a lake it replaces the
  Parquet files that hold deleted rows, and removes all snapshots but the last, so that earlier states of the lake
  cannot be read. The catalogue's own bytes are removed by PostgreSQL's vacuum. Files that belong to no table are
  counted and left, since they may be another lake's
  (`CALL ducklake_delete_orphaned_files('<lake>', cleanup_all => true, dry_run => true)` lists them).
- Checkpoints of failed runs that hold the conversation are removed, and so are temporary files of killed processes; a
  retry of those runs reads the day from the start. A conversation that is only in a checkpoint, and in no table, is
  found there, and is not stored later.
- `operations.purges` records what was removed: when, by which run, rows by table and partition, and SHA-256 digests
  of the ids, from which the ids cannot be computed. The ids themselves are in the run's config: delete the run in
  Dagster if they have to be erased as well.

Every location that the project writes to:

{places}
What the job does not reach:

- **Genesys Cloud.** Delete the conversation there as well (by its GDPR API). While Genesys Cloud still has it, a day
  that is fetched again leaves out what `operations.purges` names, and its metadata say how many (`purged_left_out`).
  New conversations of a purged contact are stored like others. To get a purged conversation back, delete its rows in
  `operations.purges` and fetch its days again.
- **Sums.** Figures such as those of marts.queue_performance still count the conversation; they name nobody. When a
  purged day's marts are computed again, the figures are without it, and differ from Genesys Cloud's.
- **Exports.** Under `exports_to_repeat` the run's metadata list what to materialise again: Parquet files of the removed
  partitions, and the database copy. Reports and `latest.json` hold only sums.
- **Copies** of the database file, of exports and of backups that you have made.
- Ids of the conversation in the records of other conversations (a consultation, a conference).
"""


def page(places: str, trees: Mapping[str, SchemaNode]) -> str:
    """Return the text of docs/privacy.md.

    Args:
        places: The table of all locations that the project writes to.
        trees: The tables of each source, by what one of its records is called.
    """
    records = [(record, called) for called, tree in trees.items() for record in record_of(tree).walk()]
    return _PAGE.format(
        prefix=PREFIX,
        digits=DIGITS,
        least=LEAST_KEY_CHARACTERS,
        names=", ".join(f"`{name}`" for name in sorted(set[str]().union(*(record.names for record, _ in records)))),
        places=places,
        personal=markdown_table(
            ("field", "what it may hold", "stays"), (row for record, _ in records for row in _rows(record))
        ),
        kept=markdown_table(
            ("in", "fields"),
            ((f"`{record.path or called}`", ", ".join(sorted(record.kept))) for record, called in records),
        ),
    )


def _rows(record: Record) -> Iterable[Sequence[str]]:
    kinds = (
        (record.personal, "never"),
        (record.personal_unless_id, "when it is an id"),
        (record.by_name, "by its name"),
    )
    found = [(name, holds, stays) for kind, stays in kinds for name, holds in kind.items()]
    return [(f"`{record.path_of(name)}`", holds, stays) for name, holds, stays in sorted(found)]
