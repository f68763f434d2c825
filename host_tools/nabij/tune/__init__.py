"""Makes a verifier's table from recordings: evidence, fit, evaluation."""
