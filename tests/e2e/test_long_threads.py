"""Threads and answers of great length: the client draws what is near the screen, and keeps the reader's place."""

from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat

#: Options that answer from the page itself: what a server says of a thread, however long.
SHOW = """([turns, words]) => {
    const element = document.querySelector('openai-chatkit');
    const item = (type, n, text) => ({
        type, id: `msg_${n}`, thread_id: 'thr_long', created_at: '2026-01-01T00:00:00Z', attachments: [], inference_options: {},
        content: [{type: type === 'user_message' ? 'input_text' : 'output_text', text, annotations: []}],
    });
    const data = Array.from({length: turns}, (_, n) =>
        [item('user_message', 2 * n, `Question ${n}`), item('assistant_message', 2 * n + 1, `Answer ${n}: ${words}`)]).flat();
    const thread = {id: 'thr_long', created_at: '2026-01-01T00:00:00Z', status: {type: 'active'}, items: {data, has_more: false}};
    element.setOptions({...element.options, api: {...element.options.api, fetch: async () => Response.json(thread)}});
    return element.setThreadId('thr_long');
}"""


def drawn(page: Page) -> int:
    return page.locator("ck-turn .user").count()


def test_a_thread_of_a_thousand_turns_is_drawn_where_it_is_read(chat: Chat) -> None:
    chat.page.evaluate(SHOW, [1000, "word " * 120])
    expect(chat.page.locator("ck-turn")).to_have_count(1000)
    expect(chat.page.get_by_text("Answer 999:")).to_be_in_viewport()
    assert drawn(chat.page) < 40
    # Nor is the whole thread laid out anew for one turn that wakes.
    blocks: list[int] = chat.page.locator(".block").evaluate_all(
        "blocks => blocks.map(block => block.childElementCount)"
    )
    assert (max(blocks), sum(blocks)) == (40, 1000)
    chat.conversation.press("Home")
    expect(chat.page.get_by_text("Question 0", exact=True)).to_be_in_viewport()
    assert drawn(chat.page) < 40
    chat.conversation.press("End")
    expect(chat.page.get_by_text("Answer 999:")).to_be_in_viewport()
    # Up again by hand: what comes near is drawn taller than it was guessed to be, and no screen stays empty.
    for _ in range(10):
        chat.conversation.evaluate("region => void (region.scrollTop -= 500)")
        chat.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert "word" in chat.page.evaluate(
            """() => {
                const {shadowRoot} = document.querySelector('openai-chatkit');
                return shadowRoot.elementFromPoint(640, 300).closest('ck-turn, .turns').textContent;
            }"""
        )


def test_an_answer_of_a_hundred_thousand_characters_is_shown_whole(chat: Chat) -> None:
    chat.page.evaluate(SHOW, [1, "\n\n".join(["word " * 40] * 500) + "\n\nThe end."])
    expect(chat.page.get_by_text("The end.")).to_be_in_viewport()
