"""Widgets: each component seen, used with mouse and keyboard, and readable by everybody."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use, settle, violations


@pytest.fixture
def gallery(chat: Chat) -> Locator:
    return chat.ask("Show every widget.")


def card(gallery: Locator, title: str) -> Locator:
    return gallery.locator("ck-widget").filter(has=gallery.page.get_by_role("heading", name=title, exact=True))


def test_everybody_can_use_every_widget(chat: Chat, gallery: Locator) -> None:
    expect(gallery.locator("ck-widget")).to_have_count(13)
    expect(gallery.locator("canvas")).to_have_count(2)
    expect_everybody_can_use(chat.page)


def test_a_form_is_filled_in_by_keyboard_and_arrives(chat: Chat, gallery: Locator) -> None:
    form, keyboard = card(gallery, "A form"), chat.page.keyboard
    form.get_by_role("button", name="Send").click()
    # The browser says what is missing, and nothing is sent.
    expect(form.get_by_label("Your name")).to_be_focused()
    keyboard.type("Ada")
    city = form.get_by_role("combobox", name="From")
    city.focus()
    keyboard.press("Enter")
    search = chat.page.get_by_role("combobox", name="Search")
    expect(search).to_be_focused()
    keyboard.type("zur")
    expect(form.get_by_role("listbox", name="Choose a city").get_by_role("option")).to_have_text(["Zürich"])
    settle(chat.page)
    assert violations(chat.page) == []
    keyboard.press("Enter")
    expect(city).to_be_focused()
    expect(city).to_have_text("Zürich")
    lodging = form.get_by_role("combobox", name="Lodging")
    lodging.click()
    chat.page.get_by_role("option", name="Hotel").click(force=True)  # which cannot be had
    expect(chat.page.get_by_role("option", name="Hotel")).to_be_visible()
    chat.page.get_by_role("option", name="Tent").click()
    start = form.get_by_role("combobox", name="Start")
    start.click()
    expect(chat.page.get_by_role("dialog", name="Any day")).to_be_visible()
    settle(chat.page)
    assert violations(chat.page) == []
    keyboard.press("Escape")
    expect(start).to_be_focused()
    form.get_by_label("Hard").check()
    form.get_by_role("button", name="Send").click()
    expect(chat.answers.last.get_by_role("code").last).to_contain_text(
        '{"trip": {"dog": true, "from": "zürich", "level": "hard", "lodging": "tent", "name": "Ada", "people": "2", '
        '"start": "", "title": "Write over this title", "wishes": ""}, "what": "the form"}'
    )


def test_a_day_is_picked_in_the_calendar(chat: Chat, gallery: Locator) -> None:
    fields = card(gallery, "Fields")
    day = fields.get_by_role("combobox", name="day")
    day.click()
    calendar = chat.page.get_by_role("dialog", name="Choose a date")
    expect(calendar.get_by_role("button", name="July 14")).to_be_focused()
    chat.page.keyboard.press("ArrowRight")
    expect(calendar.get_by_role("button", name="July 15")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(day).to_have_text("Jul 15, 2026")
    expect(chat.answers.last.get_by_role("code").last).to_have_text('{"day": "2026-07-15", "what": "the day"}')


def test_actions_go_where_they_belong(chat: Chat, gallery: Locator) -> None:
    chat.page.evaluate(
        """async () => {
            const chat = document.querySelector('openai-chatkit');
            window.heard = [];
            chat.setOptions({...chat.options, widgets: {onAction: async (action, item) => heard.push([action, item.widget.type])}});
        }"""
    )
    buttons = card(gallery, "Buttons")
    buttons.get_by_role("button", name="This page").click()
    expect(chat.page.locator("openai-chatkit")).to_be_visible()
    assert chat.page.evaluate("window.heard") == [[{"type": "gallery.tell", "payload": {"what": "this page"}}, "Card"]]
    buttons.get_by_role("button", name="At once").click()
    expect(buttons.get_by_text("Marked, while others may still be writing")).to_be_visible()


def test_a_chart_is_read_out_as_a_table(chat: Chat, gallery: Locator) -> None:
    table = gallery.get_by_role("table", name="Data of the chart: Tents, Boots, Stoves")
    expect(table.get_by_role("row", name="Mar")).to_have_text("Mar 25 38 14", use_inner_text=True)


def test_widgets_are_drawn_where_the_browser_names_no_language(visit: Visit) -> None:
    """Under LANG=C WebKit calls its language "C", which `Intl` refuses."""
    chat = visit(extra_http_headers={"Accept-Language": "C"})
    chat.page.add_init_script(
        """for (const [name, value] of [['language', 'C'], ['languages', ['C']]]) {
            Object.defineProperty(navigator, name, {get: () => value});
        }"""
    )
    gallery = chat.open().ask("Show every widget.")
    expect(gallery.locator("canvas")).to_have_count(2)
    expect(card(gallery, "Fields").get_by_role("combobox", name="day")).to_have_text("Jul 14, 2026")


def test_a_widget_stays_in_its_place(chat: Chat, gallery: Locator) -> None:
    """However wide, however far out, however many: what is around it is not covered, and the page lives."""
    drawn = chat.page.evaluate(
        """async () => {
            const example = document.querySelector('openai-chatkit').shadowRoot.querySelector('ck-widget');
            const widget = document.createElement('ck-widget');
            const cover = {type: 'Box', width: 9000, height: 300, margin: {top: -900, left: -900}, background: '#f00'};
            const children = [cover, ...Array.from({length: 5000}, () => ({type: 'Divider'}))];
            Object.assign(widget, {ui: example.ui, item: {...example.item, id: 'wide', widget: {type: 'Basic', children}}});
            example.after(widget);
            await widget.updateComplete;
            const {left, top} = widget.getBoundingClientRect();
            const above = example.getRootNode().elementFromPoint(left + 40, top - 20);
            return {rules: widget.querySelectorAll('hr').length, covered: widget.contains(above)};
        }"""
    )
    assert drawn["rules"] < 3000
    assert not drawn["covered"]
