"""Takes the pictures of the README anew: ``pytest tests/e2e/take_pictures.py``.  By its name it is no part of the tests."""

import io

import pytest
from PIL import Image

from tests.e2e.conftest import Visit
from tests.support.environment import PROJECT
from tests.support.provider import Provider

FOLDER = PROJECT / "docs" / "images"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

QUESTION = "Which boots for two wet days in the Harz? As data, too, please."
ANSWER = """For wet forest trails, look for a **closed membrane** and a soft, lugged sole. These three are in stock:

| Boot | Weight | Waterproof | Best for |
| --- | --- | --- | --- |
| Brocken Mid | 540 g | Membrane | Day tours with a light pack |
| Oder Trail | 390 g | Coated | Fast walks, dry by the next morning |
| Rehberg GTX | 680 g | Membrane | Two days with a heavy pack |

I would take the **Rehberg GTX**:

```json
{"boot": "Rehberg GTX", "grams": 680, "sizes": [38, 39, 41, 42], "in_stock": true}
```
"""


@pytest.mark.parametrize(
    ("name", "scheme", "size"), [("chat", "light", DESK), ("chat-dark", "dark", DESK), ("chat-phone", "dark", PHONE)]
)
def test_picture(scripted: Provider, visit: Visit, name: str, scheme: str, size: dict[str, int]) -> None:
    chat = visit(viewport=size, color_scheme=scheme, device_scale_factor=2, reduced_motion="reduce").open()
    scripted.will_say(ANSWER)
    chat.ask(QUESTION)
    chat.page.mouse.move(0, 0)
    chat.page.wait_for_load_state("networkidle")  # the colours of code come with a file of their own
    picture = Image.open(io.BytesIO(chat.page.screenshot())).convert("RGB")
    # So few colours need no more, and the file is a third of the size.
    picture.quantize(200, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
