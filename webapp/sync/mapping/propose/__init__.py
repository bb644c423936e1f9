"""From a sample of what a system answers to a declaration that a person corrects. Pure."""

from webapp.sync.mapping.propose.document import Answer, Proposal, propose

__all__ = ["Answer", "Proposal", "propose"]
