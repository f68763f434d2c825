"""How the tables before the present ones were made, so that the two can be measured alike.

They learned from no softened falls, and asked for fewer points before the wearer is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nabij.measure.held_out import Corpus
from nabij.tune import recipe
from nabij.tune.boost import Boosting
from nabij.tune.fit import Limits

NECK: Final = replace(
    recipe.NECK,
    how=replace(
        recipe.NECK.how,
        fall=Boosting(20, 0.3, 8.0, evidence_share=0.7),
        down=Boosting(124, 0.1, 15.0, evidence_share=0.7),
    ),
    presets={
        1: Limits(-50, 120),
        2: Limits(-75, 65),
        3: Limits(-100, 18),
        4: Limits(-100, -25),
        5: Limits(-125, -75),
    },
)
BELT: Final = replace(
    recipe.BELT,
    how=replace(
        recipe.BELT.how,
        fall=Boosting(32, 0.4, 1.0, evidence_share=0.7, row_share=0.9),
        down=Boosting(112, 0.14, 3.0, evidence_share=0.7, row_share=0.9),
    ),
    presets={
        1: Limits(-25, 110),
        2: Limits(-50, 45),
        3: Limits(-50, -2),
        4: Limits(-75, -40),
        5: Limits(-100, -80),
    },
)
RECIPES: Final = (NECK, BELT)


def without_softened(corpus: Corpus) -> Corpus:
    """Return the corpus with what those tables were fitted to."""
    sample = corpus.sample
    return replace(corpus, sample=sample.only(sample.copy >= 0))
