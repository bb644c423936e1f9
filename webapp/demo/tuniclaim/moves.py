"""Which status may follow which, and what a payment may become. Pure."""

RECEIVED, IN_PROGRESS, VALIDATED, REJECTED, PAID = "RECU", "EN_COURS", "VALIDE", "REJETE", "PAYE"
SCANNED, HANDLED, CLOSED = "SCANNE", "TRAITE", "CLOTURE"

BULLETIN = {
    RECEIVED: (IN_PROGRESS,),
    IN_PROGRESS: (VALIDATED, REJECTED),
    VALIDATED: (PAID, IN_PROGRESS),
    REJECTED: (IN_PROGRESS,),
    PAID: (),
}
BORDEREAU = {
    RECEIVED: (SCANNED, IN_PROGRESS, REJECTED),
    SCANNED: (IN_PROGRESS, REJECTED),
    IN_PROGRESS: (HANDLED, VALIDATED, REJECTED),
    HANDLED: (VALIDATED, REJECTED, IN_PROGRESS, CLOSED),
    VALIDATED: (HANDLED, CLOSED, IN_PROGRESS),
    REJECTED: (IN_PROGRESS, CLOSED),
    CLOSED: (),
}
PAYMENT = ("EN_ATTENTE", "PLANIFIE", "EN_COURS", "PAYE", "REJETE")
PAYABLE = (VALIDATED, PAID)


def may_follow(table: dict[str, tuple[str, ...]], present: str, wanted: str) -> bool:
    """True where `wanted` is allowed after `present`, or is `present` already."""
    return wanted == present or wanted in table[present]
