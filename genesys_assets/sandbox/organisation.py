"""The made-up organisation that the sandbox plays: who works there, on which queues, with which codes and flows.

Constants only: every id is derived from its name, so the same queue has the same id in every process and on every date.
How conversations run through this organisation belongs to `scenario_types`, how it is listed over HTTP to `directory`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

_NAMESPACE = uuid.UUID("6f1c8a52-6f0e-4c55-9f0b-2b4e3f7d9a10")


def identity(kind: str, name: str) -> str:
    """Return the id that the thing of this kind and name has everywhere in the sandbox."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """Anything of the organisation that has an id and a name; there is one object for each thing."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Flow(Entity):
    """An Architect flow; `type` is the record's flowType, the directory lists it in lower case too."""

    type: str


@dataclass(frozen=True, slots=True, eq=False)
class User(Entity):
    """A member of the organisation; `state` is active, inactive or deleted."""

    email: str
    department: str
    title: str
    division: Entity
    team_id: str
    state: str = "active"


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """The share of conversations that is to be answered within so many milliseconds."""

    percentage: float
    duration_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Queue(Entity):
    """A queue, the agents who serve it, and what its conversations ask for."""

    division: Entity
    media: tuple[str, ...]
    agents: tuple[User, ...]
    wrap_ups: tuple[Entity, ...]
    skills: tuple[Entity, ...]
    language: Entity
    address: str
    service_levels: dict[str, ServiceLevel] = field(default_factory=dict)


ORGANISATION = Entity(identity("organization", "Sandbox"), "Sandbox")
"""The organisation itself; by its id everybody knows that it is a sandbox's."""

DIVISIONS = tuple(Entity(identity("division", name), name) for name in ("Home", "Retail", "Business", "Back Office"))
HOME, RETAIL, BUSINESS, BACK_OFFICE = DIVISIONS

LANGUAGES = tuple(
    Entity(identity("language", name), name) for name in ("English - Spoken", "English - Written", "German", "French")
)
ENGLISH, WRITTEN_ENGLISH, GERMAN, FRENCH = LANGUAGES

SKILLS = tuple(
    Entity(identity("skill", name), name)
    for name in ("Billing", "Contracts", "Deliveries", "Returns", "Technical", "Complaints", "Premium", "Sales")
)

_WRAP_UP_NAMES = (
    "Question answered", "Order placed", "Order changed", "Order cancelled", "Return arranged", "Refund issued",
    "Refund refused", "Invoice explained", "Payment plan agreed", "Payment taken", "Address changed",
    "Contract renewed", "Contract cancelled", "Upgrade sold", "Not interested", "Complaint recorded",
    "Complaint resolved", "Escalated to second line", "Technical fault fixed", "Technical fault open",
    "Engineer visit booked", "Delivery traced", "Delivery re-sent", "Voicemail left", "No answer", "Wrong number",
    "Call back later", "Transferred to another queue", "Caller hung up", "Spam",
)  # fmt: skip
WRAP_UPS = tuple(Entity(identity("wrapup", name), name) for name in _WRAP_UP_NAMES)

RETIRED_WRAP_UP = Entity(identity("wrapup", "a code of a former year"), "a code of a former year")
"""Still set by some agents' old scripts; the directory no longer lists it."""

DEFAULT_WRAP_UP = Entity("7fb334b0-0e9e-11e4-9191-0800200c9a66", "ININ-WRAP-UP-TIMEOUT")
"""Set by the platform when an agent's after-call work runs out of time."""

_FIRST_NAMES = (
    "Ada", "Benedikt", "Chiara", "Dylan", "Eszter", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kalina", "Liam",
    "Maren", "Noor", "Oskar", "Paula", "Quentin", "Rosa", "Sami", "Tilda", "Ulrich", "Vera", "Wanda", "Yusuf",
)  # fmt: skip
_LAST_NAMES = ("Albrecht", "Byrne", "Castellani")
_TEAMS = ("Northern Lights", "Early Birds", "Second Line")


def _state_of(number: int) -> str:
    """Return the state of the user of this number: most are active, a few have left."""
    return {23: "inactive", 47: "deleted", 70: "inactive", 71: "deleted"}.get(number, "active")


def _user(number: int) -> User:
    """Return one of the 72 users; the departments follow one another."""
    first, last = _FIRST_NAMES[number % len(_FIRST_NAMES)], _LAST_NAMES[number // len(_FIRST_NAMES)]
    name = f"{first} {last}"
    department = ("Customer Service", "Business Customers", "Back Office")[number % 3]
    return User(
        id=identity("user", name),
        name=name,
        email=f"{first}.{last}@example.com".lower(),
        department=department,
        title="Team leader" if number % 12 == 0 else "Agent",
        division=(RETAIL, BUSINESS, BACK_OFFICE)[number % 3],
        team_id=identity("team", _TEAMS[number % len(_TEAMS)]),
        state=_state_of(number),
    )


USERS = tuple(_user(number) for number in range(len(_FIRST_NAMES) * len(_LAST_NAMES)))


def _targets(**seconds: int) -> dict[str, ServiceLevel]:
    """Return the targets of a queue: 80 % within these seconds, by media."""
    return {media: ServiceLevel(0.8, value * 1_000) for media, value in seconds.items()}


_VOICE = {"voice": 20, "callback": 3_600}
_DIGITAL = {"chat": 30, "message": 120, "email": 14_400}


def _queue(number: int, name: str, media: dict[str, int], language: Entity) -> Queue:
    """Return a queue; its agents, codes and skills are slices of the organisation's, chosen by its number."""
    start = number * 7
    codes = tuple(WRAP_UPS[(number * 5 + step) % len(WRAP_UPS)] for step in range(12))
    agents = tuple(USERS[(start + step) % len(USERS)] for step in range(14))
    return Queue(
        id=identity("queue", name),
        name=name,
        division=(RETAIL, BUSINESS, BACK_OFFICE, HOME)[number % 4],
        media=tuple(media),
        agents=agents,
        wrap_ups=codes,
        skills=(SKILLS[number % len(SKILLS)], SKILLS[(number + 3) % len(SKILLS)]),
        language=language,
        address=f"{name.lower().replace(' ', '.')}@example.com",
        service_levels=_targets(**media),
    )


QUEUES = tuple(
    _queue(number, name, media, language)
    for number, (name, media, language) in enumerate(
        (
            ("Customer Service", _VOICE | _DIGITAL, ENGLISH),
            ("Billing", _VOICE | {"email": 28_800}, ENGLISH),
            ("Technical Support", {"voice": 45, "callback": 7_200, "chat": 60}, ENGLISH),
            ("Sales", {"voice": 15, "callback": 1_800, "chat": 20, "message": 60}, ENGLISH),
            ("Kundenservice", _VOICE | _DIGITAL, GERMAN),
            ("Service clients", _VOICE | {"email": 14_400}, FRENCH),
            ("Business Desk", {"voice": 10, "email": 7_200}, ENGLISH),
            ("Returns", {"email": 86_400, "message": 300}, WRITTEN_ENGLISH),
            ("Social Care", {"message": 180, "chat": 45}, WRITTEN_ENGLISH),
            ("Back Office Post", {"email": 172_800}, WRITTEN_ENGLISH),
            ("Outbound Renewals", {"voice": 20, "callback": 3_600}, ENGLISH),
            ("Night Service", {"voice": 60}, ENGLISH),
        )
    )
)
OUTBOUND_QUEUE = QUEUES[10]
CUSTOMER_FIRST_QUEUES = frozenset({"Sales"})
"""Names of the queues that dial the customer of a callback first, and then look for an agent; the others do not."""


def _flow(name: str, kind: str) -> Flow:
    """Return the flow of this name and type."""
    return Flow(identity("flow", name), name, kind)


MAIN_IVR = _flow("Main menu", "INBOUNDCALL")
SELF_SERVICE_IVR = _flow("Balance and delivery enquiries", "INBOUNDCALL")
CHAT_FLOW = _flow("Web chat entry", "INBOUNDCHAT")
MESSAGE_FLOW = _flow("Messaging entry", "INBOUNDSHORTMESSAGE")
MESSAGE_BOT = _flow("Parcel bot", "DIGITALBOT")
EMAIL_FLOW = _flow("E-mail triage", "INBOUNDEMAIL")
IN_QUEUE_FLOWS = {
    "voice": _flow("Waiting music with callback offer", "INQUEUECALL"),
    "message": _flow("Message in queue", "INQUEUESHORTMESSAGE"),
    "email": _flow("E-mail in queue", "INQUEUEEMAIL"),
}
CAMPAIGN_FLOW = _flow("Renewal announcement", "OUTBOUNDCALL")
VOICE_SURVEY = _flow("Three questions at the end", "VOICESURVEY")
RARE_FLOWS = (
    CAMPAIGN_FLOW, VOICE_SURVEY, _flow("Greeting bot", "BOT"), _flow("Order process", "BUSINESSPROCESS"),
    _flow("Opening hours", "COMMONMODULE"), _flow("Confirmation", "EMAILSEND"), _flow("Card payment", "SECURECALL"),
    _flow("Speech menu", "SPEECH"), _flow("Survey invitation", "SURVEYINVITE"), _flow("Voice bot", "VOICE"),
    _flow("Mailbox", "VOICEMAIL"), _flow("Address change", "WORKFLOW"), _flow("Claim", "WORKITEM"),
)  # fmt: skip
"""Flows of the types that have one for the sake of having it."""
FLOWS = (
    MAIN_IVR, SELF_SERVICE_IVR, CHAT_FLOW, MESSAGE_FLOW, MESSAGE_BOT, EMAIL_FLOW, *RARE_FLOWS,
    *IN_QUEUE_FLOWS.values(),
)  # fmt: skip

CAMPAIGN = Entity(identity("campaign", "Renewals of the quarter"), "Renewals of the quarter")
CONTACT_LIST = Entity(identity("contactlist", "Contracts that end soon"), "Contracts that end soon")
EDGES = tuple(identity("edge", name) for name in ("edge one", "edge two", "edge three"))
EVALUATION_FORM = Entity(identity("form", "Quality of a conversation"), "Quality of a conversation")
SURVEY_FORM = Entity(identity("form", "How did we do?"), "How did we do?")


def queues_with(media: str) -> tuple[Queue, ...]:
    """Return the queues that take this media type, the outbound queue left aside."""
    return _QUEUES_BY_MEDIA[media]


_QUEUES_BY_MEDIA = {
    media: tuple(queue for queue in QUEUES if media in queue.media and queue is not OUTBOUND_QUEUE)
    for media in ("voice", "callback", "chat", "message", "email")
}
