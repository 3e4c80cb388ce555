"""Files in the composer: chosen, dropped, pasted, refused, taken back; and what the offline assistant makes of them."""

import re

from playwright.sync_api import Locator, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.documents import pdf, png

GUIDE = {"name": "guide.pdf", "mimeType": "application/pdf", "buffer": pdf("Tents are green.", "Boots are blue.")}
PHOTO = {"name": "red.png", "mimeType": "image/png", "buffer": png(400, 300)}


def choose(chat: Chat, *files: object) -> None:
    with chat.page.expect_file_chooser() as chooser:
        chat.button("Attach files").click()
    chooser.value.set_files(list(files))  # type: ignore[arg-type]


def chip(chat: Chat, name: str) -> Locator:
    """A file that is attached, and there."""
    return chat.button(f"Remove {name}")


def give(chat: Chat, kind: str, name: str, content: str, *, on: Locator | None = None) -> None:
    """Drop a file, or paste it, as soon as there is something to drop it on."""
    (on or chat.message).evaluate(
        """(field, [kind, name, content]) => {
            const data = new DataTransfer();
            data.items.add(new File([content], name, {type: 'text/plain'}));
            const about = {bubbles: true, cancelable: true, composed: true};
            const event = kind === 'drop'
                ? new DragEvent('drop', {...about, dataTransfer: data})
                : new ClipboardEvent('paste', {...about, clipboardData: data});
            field.dispatchEvent(event);
            if (!event.defaultPrevented) throw new Error('The browser would open the file.');
        }""",
        [kind, name, content],
    )


def test_it_answers_from_an_attached_file_and_names_its_source(chat: Chat) -> None:
    choose(chat, GUIDE)
    expect(chip(chat, "guide.pdf")).to_be_visible()
    answer = chat.ask("Which colour do the boots have?")
    expect(answer).to_contain_text("Boots are blue.")
    expect(answer).to_contain_text("page 2")
    expect(chip(chat, "guide.pdf")).to_have_count(0)
    for _ in range(2):
        expect(chat.questions.last).to_contain_text("guide.pdf")
        expect(chat.answer.get_by_text("guide.pdf").first).to_be_visible()
        chat.reload()
    expect(chat.ask("And the tents in that document?")).to_contain_text("Tents are green.")


def test_an_image_is_shown_before_and_after_it_is_sent(chat: Chat) -> None:
    choose(chat, PHOTO)
    expect(chip(chat, "red.png")).to_be_visible()
    chat.ask("What is this?")
    for _ in range(2):
        image = chat.questions.last.get_by_role("img", name="red.png")
        expect(image).to_be_visible()
        expect(image).to_have_js_property("naturalWidth", 400)
        chat.reload()


def test_a_file_can_be_dropped_pasted_and_taken_back(chat: Chat) -> None:
    give(chat, "drop", "one.txt", "Boots are blue.")
    expect(chip(chat, "one.txt")).to_be_visible()
    give(chat, "paste", "two.txt", "Tents are green.")
    expect(chip(chat, "two.txt")).to_be_visible()
    expect(chat.send).to_be_enabled()  # a file alone is a message
    chip(chat, "one.txt").click()
    expect(chip(chat, "one.txt")).to_have_count(0)
    expect(chat.ask("What does it say?")).to_contain_text("Tents are green.")
    expect(chat.questions.last).not_to_contain_text("one.txt")


def test_files_are_taken_before_the_part_that_uploads_them_is_there(visit: Visit) -> None:
    tab = visit()
    held: list[Route] = []
    # Not `held.append` itself, to which Playwright cannot attach its notes.
    tab.page.route(re.compile(r"/assets/uploads-"), lambda route: held.append(route))  # noqa: PLW0108
    chat = tab.open()
    give(chat, "drop", "early.txt", "Boots are blue.", on=chat.greeting)
    give(chat, "paste", "too.txt", "Tents are green.")
    chat.message.fill("Which colour do the boots have?")
    expect(chat.send).to_be_disabled()
    for route in held:
        route.continue_()
    expect(chip(chat, "early.txt")).to_be_visible()
    expect(chip(chat, "too.txt")).to_be_visible()
    chat.send.click()
    expect(chat.questions).to_contain_text("early.txt")
    expect(chat.answer).to_contain_text("Boots are blue.")


def test_files_that_cannot_be_uploaded_are_named(visit: Visit, console_errors: ConsoleErrors) -> None:
    console_errors.expect("Failed to load resource")
    tab = visit()
    tab.page.route(re.compile(r"/assets/uploads-"), lambda route: route.abort())
    chat = tab.open()
    give(chat, "drop", "lost.txt", "Boots are blue.")
    expect(chat.page.get_by_role("alert")).to_have_text("lost.txt could not be uploaded.")
    chat.page.get_by_role("alert").get_by_role("button", name="Close").click()
    expect(chat.page.get_by_role("alert")).to_have_count(0)
    expect(chat.ask("Hello")).to_be_visible()


def test_a_file_that_is_not_accepted_says_why(chat: Chat, console_errors: ConsoleErrors) -> None:
    console_errors.expect("status of 415")
    choose(chat, {"name": "setup.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    refusal = chat.page.get_by_role("alert").filter(has_text="setup.exe")
    expect(refusal).to_have_text(re.compile("files of this kind are not accepted"))
    expect(chat.send).to_be_disabled()
    chip(chat, "setup.exe").click()
    expect(refusal).to_have_count(0)
    choose(chat, {**PHOTO, "name": "no-image.png", "buffer": b"no image"})
    expect(chat.page.get_by_role("alert").filter(has_text="no-image.png could not be uploaded.")).to_be_visible()
