"""Londoners by ethnicity, so that what happens to people of each group can be set against how many they are. Pure."""

from shared.events import Indicator

LONDON_ID = "E12000007"
CENSUS_DAY = "2021-03-21"
# Office for National Statistics, Census 2021, TS021 "Ethnic group" (Open Government Licence).
LONDONERS = {"white": 4_731_172, "asian": 1_817_640, "black": 1_188_370, "other": 556_768, "mixed": 505_775}


def population(dataset: str) -> list[Indicator]:
    """The people of each broad ethnic group that the census counted in London, for `dataset`."""
    return [
        Indicator(
            indicator="population",
            area=LONDON_ID,
            period=CENSUS_DAY,
            breakdown={"ethnicity": ethnicity},
            value=float(people),
            unit="people",
            status="final",
            dataset=dataset,
        )
        for ethnicity, people in LONDONERS.items()
    ]
