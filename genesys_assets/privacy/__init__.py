"""What of a record may be stored: documents scrubbed of personal data on their way in.

Belongs here: what becomes of the fields of a source's record under `keep`, `hash` and `drop`. Which of them may
say who somebody is or what somebody said is declared with the columns, in `genesys_assets.tables.staging`. Pure: bytes
in, bytes out. Where the scrubbing is put into the flow belongs to `genesys_assets.checkpoint` and the assets; erasing
what is stored already, to `genesys_assets.purge`.
"""

from genesys_assets.privacy.pseudonyms import LEAST_KEY_CHARACTERS, normalised
from genesys_assets.privacy.scrubber import MODES, PrivacyError, Scrubber, fingerprint

__all__ = ["LEAST_KEY_CHARACTERS", "MODES", "PrivacyError", "Scrubber", "fingerprint", "normalised"]
