"""docs/privacy.md, written from what the columns say of their fields: `make docs`.

Belongs here: the page. What becomes of a field is `fields` and `scrubber`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genesys_assets.privacy.fields import CONVERSATION, NAMES, Record
from genesys_assets.privacy.pseudonyms import DIGITS, LEAST_KEY_CHARACTERS, PREFIX
from genesys_assets.texts import markdown_table

_PAGE = """# Privacy

<!-- Written by `make docs` from genesys_assets/privacy: edit that. -->

Conversation records carry people's names, numbers and notes. Two things keep them in bounds: what is not to be stored
never is, and what is stored can be erased.

## What is stored

`GENESYS_ASSETS_PRIVACY` says what becomes of the personal fields of a conversation between Genesys Cloud and the disk.
Nothing is written before it: not `raw.conversations`, not the checkpoint of a run that fails.

| mode | personal fields | unknown fields |
| --- | --- | --- |
| `keep` (default) | as received, to the byte, but for [what no reader takes](data-model.md) | as received |
| `hash` | a pseudonym: `{prefix}` and {digits} hexadecimal digits | left out |
| `drop` | left out | left out |

- A pseudonym is HMAC-SHA256 of the value under `GENESYS_ASSETS_PRIVACY_KEY`, a secret of {least} characters or more
  (`openssl rand -hex 32` makes one). Without it, or with one that can be guessed (runs, repetitions, favourite words),
  `hash` fails before anything is fetched. The same contact has the same pseudonym in every field and on every day, so
  repeat contacts can be counted: case, white space, characters that cannot be seen, `tel:`, `sip:`, `mailto:` and their
  parameters, percent-encoding, digits of other scripts, and the dots and dashes of a number do not matter; country
  codes are not guessed.
  Whoever has the key can find out a number's pseudonym, so keep it apart from the database; with another key, nothing
  that follows matches what is stored.
- Ids stay, so that figures, names of queues and agents, and `purge` work. They say something only to those who may
  ask Genesys Cloud.
- A participant's name is personal whoever's it is. Agents and queues have their names in `directory`, by id.
- Values of participant attributes and segment properties are personal, save for the names in
  `GENESYS_ASSETS_PRIVACY_KEEP_ATTRIBUTES` (with commas between them, spelt as in Genesys Cloud). Names of attributes
  stay under `hash`, names of segment properties under `drop` too.
- Unknown is a field that the table below does not have, or a known one with an object where a plain value is due.
  Nobody has judged it, so `hash` and `drop` leave it out. A release of this project that knows the field keeps it,
  for days fetched from then on. The run's metadata count such fields by the object that they are in, without their
  names.
- A kept field stays as it is where it holds what such a field can: an id, an instant, a number, or a code (one word of
  letters, digits and `. _ : / -`, without five digits together). Anything else, such as a telephone number in
  `mediaType`, is treated as personal, and counted with the unknown fields. Names that were configured ({names})
  may be any text without an address or a long number.
- The setting works on days fetched from then on. Materialise stored days again to change them; a retry after a change
  starts the day afresh, so a day is never a mixture.

`directory.users` and the other directory tables are not touched: they hold the names of employees, queues and flows as
an administrator sees them, e-mail addresses and titles included, and so does the DuckDB copy for BI tools. Figures hold
none of these fields.

Whatever the mode, no value of these fields gets into logs, run metadata, errors, reports or exports of the marts. Tests
plant marked values in every field and search every output for them. Exports of `raw` and `staging` hold what those
tables hold.

## The fields

Personal:

{personal}
Kept as they are (ids, instants, numbers, flags, codes, names of things that an administrator has named):

{kept}
## Erasing: the job `purge`

    conversation_ids: [...]        # these conversations
    external_contact_ids: [...]    # all conversations in which these external contacts took part
    dry_run: true                  # only tell what would go

Launch it in the UI, or `dagster job execute -m genesys_assets.definitions -j purge -c purge.yaml`, with this under
`ops: {{purge_conversations: {{config: ...}}}}`.

- Every table with a `conversation_id` is asked, from the database's own catalogue, and every partition. All rows go in
  one transaction. An id that is in no table stops the job before anything is removed. One that was purged before does
  not, so a job that failed half-way is launched again as it was.
- The job does not start beside other runs that are at work, and asks once more when it has the database: they might
  hold the conversation in files of their own. A run that it does not know of (another Dagster instance's) cannot store
  it again: the transaction that stores leaves out what was purged, and its metadata say how many (`left_out`).
- DuckDB leaves the bytes of deleted rows in its file, after VACUUM too. So the job writes the file anew and puts it in
  the old one's place; that needs room for a second file, and others wait meanwhile. In a lake it
  writes those Parquet files anew that hold deleted rows, and removes them with all snapshots but the last: what a lake
  was before the purge can be read no more. The catalogue's own bytes go with PostgreSQL's vacuum; files that belong to
  no table are counted and left, for they may be another lake's (`CALL ducklake_delete_orphaned_files('<lake>',
  cleanup_all => true, dry_run => true)` lists them). Checkpoints of failed runs that hold the conversation are removed,
  and a retry of those runs reads the day afresh; so are temporary files of killed processes.
  A conversation that is in a checkpoint only, and in no table, is found there and stays away too.
- `operations.purges` tells what was removed: when, by which run, rows by table and partition, and SHA-256 digests of
  the ids. From an id one gets to its digest, not the other way. The ids as given stand in the run's config: delete
  the run in Dagster when they have to go as well.

Every place that the project ever writes to:

{places}
What the job does not reach:

- **Genesys Cloud.** Delete the conversation there as well (its own GDPR API). What was purged here stays away although
  Genesys Cloud still has it: a day that is fetched again leaves out what `operations.purges` names, and its metadata
  say how many (`purged_left_out`). New conversations of a purged contact are stored as others are. To have a purged
  conversation back, delete its rows in `operations.purges` and fetch its days again.
- **Sums.** A figure in marts.queue_performance or the like goes on counting the conversation, also one that such a run
  had in hand when the purge came; it names nobody. Where a
  purged day's marts are computed anew, the figures are without it, and differ from Genesys Cloud's.
- **Exports.** The run's metadata list what to materialise again under `exports_to_repeat`: Parquet files of the removed
  partitions, and the database copy. Reports and `latest.json` hold sums only.
- **Copies** of the database file, of exports and of backups that you have made.
- Ids of the conversation in the records of other conversations (a consultation, a conference).
"""


def page(places: str) -> str:
    """Return the text of docs/privacy.md.

    Args:
        places: The table of all places that the project writes to.
    """
    records = list(CONVERSATION.walk())
    return _PAGE.format(
        prefix=PREFIX,
        digits=DIGITS,
        least=LEAST_KEY_CHARACTERS,
        names=", ".join(f"`{name}`" for name in sorted(NAMES)),
        places=places,
        personal=markdown_table(
            ("field", "what it may hold", "stays"), (row for record in records for row in _rows(record))
        ),
        kept=markdown_table(
            ("in", "fields"),
            ((f"`{record.path or 'conversation'}`", ", ".join(sorted(record.kept))) for record in records),
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
