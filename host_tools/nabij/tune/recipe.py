"""How the two shipped configurations are made: what they are fitted to, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nabij.tune.boost import Boosting
from nabij.tune.fit import Hyperparameters

FOLDS: Final = 9
MOST_COPIES: Final = 2
DEFAULT_PRESET: Final = 3


@dataclass(frozen=True)
class Recipe:
    """A configuration: how it is fitted (with how many noisy copies), its places, its presets.

    `presets` are limits of points for an impact and for the rest after it. They are the same
    for every fold: limits chosen in each fold follow the few people in it, and did worse.
    """

    name: str
    text: str
    how: Hyperparameters
    copies: int
    worn: tuple[str, ...]
    presets: Mapping[int, tuple[int, int]]


NECK: Final = Recipe(
    "neck",
    "A badge on a lanyard or clipped to the chest.",
    Hyperparameters(
        {
            "fallalld/neck": 1.0,
            "imufd/chest (sternum)": 0.5,
            "umafall/chest": 0.2,
            "dsa_torso/chest (torso)": 0.9,
            # The same bodies fall at the waist; they steady what few people show at the neck.
            "sisfall/waist": 0.3,
            "fallalld/waist": 0.3,
            "imufd/waist": 0.25,
            "umafall/waist": 0.05,
        },
        fall=Boosting(20, 0.3, 8.0, evidence_share=0.7),
        down=Boosting(124, 0.1, 15.0, evidence_share=0.7),
        crowd=0.8,
        easy_share=0.1,
        up_again_share=0.05,
    ),
    1,
    ("fallalld/neck", "imufd/chest (sternum)", "umafall/chest", "dsa_torso/chest (torso)"),
    {1: (-50, 120), 2: (-75, 65), 3: (-100, 18), 4: (-100, -25), 5: (-125, -75)},
)
BELT: Final = Recipe(
    "belt",
    "A badge on the belt.",
    Hyperparameters(
        {
            "sisfall/waist": 1.0,
            "fallalld/waist": 1.0,
            "imufd/waist": 0.5,
            "umafall/waist": 0.2,
            "dsa_torso/chest (torso)": 0.3,
            "fallalld/neck": 0.12,
            "imufd/chest (sternum)": 0.08,
            "umafall/chest": 0.02,
        },
        fall=Boosting(32, 0.4, 1.0, evidence_share=0.7, row_share=0.9),
        down=Boosting(112, 0.14, 3.0, evidence_share=0.7, row_share=0.9),
        crowd=0.5,
        easy_share=1.0,
        up_again_share=0.05,
    ),
    2,
    ("sisfall/waist", "fallalld/waist", "imufd/waist", "umafall/waist", "dsa_torso/chest (torso)"),
    {1: (-25, 110), 2: (-50, 45), 3: (-50, -2), 4: (-75, -40), 5: (-100, -80)},
)
RECIPES: Final = (NECK, BELT)
