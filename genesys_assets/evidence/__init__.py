"""How well the project fits a tenant, as counts: a stored day of its own against all that Genesys Cloud tells of it.

What belongs here: counting what a person may send to the project without sending anything of its customers: no id, no
name, no text and no value of a record. It finds nothing that another package finds: figures are compared as the checks
of the marts do it, and documents are decoded as staging does it.
"""

from genesys_assets.evidence.evidence import Evidence, evidence_of

__all__ = ["Evidence", "evidence_of"]
