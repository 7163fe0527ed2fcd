"""What the controls of a page say of themselves, for tests of refused forms."""

import re

POINTS = re.compile(r'aria-describedby="([^"]+)"')


def dangling(page: str) -> set[str]:
    """Ids that aria-describedby names and no element has: what stands there is read to nobody."""
    named = {each for ids in POINTS.findall(page) for each in ids.split()}
    return {each for each in named if f'id="{each}"' not in page}
