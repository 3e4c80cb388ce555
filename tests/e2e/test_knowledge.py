"""What a tenant teaches its assistant: a paper goes in, answers with the place where it stands, and goes out again."""

from pathlib import Path

from playwright.sync_api import expect

from accounts import demo as demo_module
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use
from tests.support.documents import pdf
from tests.support.workers import work

QUESTION = "When does the llama hut open?"


def test_a_paper_answers_and_is_forgotten(visit: Visit, chat: Chat, tmp_path: Path) -> None:
    paper = tmp_path / "huts.pdf"
    paper.write_bytes(pdf("The goat hut is closed in winter.", "The llama hut opens at half past seven."))
    owner = visit().visit("/login/?next=/admin/chat/knowledgesource/add/")
    page = owner.sign_in("owner@acme.localhost", demo_module.PASSWORD).page
    page.get_by_label("Name").fill("Huts")
    page.get_by_label("Kind").select_option("Files")
    page.get_by_label("Add files").set_input_files(paper)
    expect_everybody_can_use(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("was added successfully")

    row = page.get_by_role("row").filter(has_text="Huts")
    row.get_by_role("link", name="1 document", exact=True).click()
    row = page.get_by_role("row").filter(has_text="huts.pdf")
    expect(row.get_by_role("progressbar", name="huts.pdf")).to_be_visible()
    expect(row).to_contain_text("Waiting")
    expect_everybody_can_use(page)
    work({})
    # Nobody reloads the page.
    expect(row).to_contain_text("Ready")
    expect(row.get_by_role("progressbar")).to_be_hidden()

    answer = chat.ask(QUESTION)
    expect(answer).to_contain_text("The llama hut opens at half past seven.")
    with chat.page.expect_popup() as opened:
        answer.get_by_role("link", name="huts.pdf").first.click()
    place = opened.value
    expect(place.get_by_role("heading", name="Page 2")).to_be_visible()
    cited = place.locator("mark")
    expect(cited).to_have_text("The llama hut opens at half past seven.")
    expect(cited).to_be_in_viewport()
    expect_everybody_can_use(place)

    row.get_by_role("checkbox").check()
    page.get_by_role("combobox", name="Action").select_option("Delete selected documents")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("row").filter(has_text="huts.pdf")).to_have_count(0)
    chat.start_anew()
    expect(chat.ask(QUESTION)).to_contain_text("That is not in my documents.")
