"""What an agent writes before it is an answer: saved replies, drafts, answers that can still be called back."""
