"""Comparing every linked record with its upstream, and repairing what has drifted apart, either way."""
