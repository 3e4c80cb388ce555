"""What the assistant does besides talking: it counts, shows a card, and asks the browser."""

from playwright.sync_api import expect

from tests.e2e.chat import Chat


def test_it_calculates(chat: Chat) -> None:
    expect(chat.ask("Compute 12 * (3 + 4)").get_by_role("strong")).to_have_text("84")


def test_it_shows_a_card_and_keeps_it(chat: Chat) -> None:
    chat.ask("My boots are blue")
    chat.ask("Show me a card")
    for _ in range(2):
        expect(chat.answer.get_by_text("This conversation", exact=True)).to_be_visible()
        expect(chat.answer.get_by_text("First words", exact=True)).to_be_visible()
        expect(chat.answer.get_by_text("My boots are blue", exact=True)).to_be_visible()
        expect(chat.answer.get_by_text("Here is your card.")).to_be_visible()
        chat.reload()


def test_it_asks_the_browser_which_page_this_is(chat: Chat) -> None:
    answer = chat.ask("Which page am I on?")
    expect(answer).to_contain_text("You are on Acme Outdoor")
    expect(answer.get_by_role("code")).to_contain_text(f"{chat.origin}/t/acme/")
    chat.reload()
    expect(chat.answers).to_have_count(1)
    expect(chat.answer).to_contain_text("You are on Acme Outdoor")
    expect(chat.ask("And what is 1 + 1?")).to_contain_text("is 2.")


def test_it_uses_a_tool_that_the_page_brings(chat: Chat) -> None:
    chat.page.evaluate(
        """() => chatplatform.registerClientTool('page_title', async () => ({title: 'Tent 7', url: 'https://acme.example/7'}))"""
    )
    expect(chat.ask("Which page am I on?")).to_contain_text("You are on Tent 7 (https://acme.example/7)")


def test_a_module_of_the_page_gets_the_same_platform(chat: Chat) -> None:
    """Also under another address, as where names of files are hashed: the chat starts once."""
    assert chat.page.evaluate(
        """async () => {
            const {src} = document.querySelector('script[src*="chatkit/loader"]');
            const modules = await Promise.all([import(src), import(`${src}?again`)]);
            return modules.every(({chatplatform}) => chatplatform === window.chatplatform);
        }"""
    )
    chat.ask("Hello")
    expect(chat.questions).to_have_count(1)


def test_it_goes_on_when_a_tool_of_the_page_fails(chat: Chat) -> None:
    chat.page.evaluate("() => chatplatform.registerClientTool('page_title', () => { throw new Error('no page') })")
    expect(chat.ask("Which page am I on?")).to_contain_text("Your browser did not tell me")


def test_it_answers_after_a_reload_what_the_page_left_unanswered(chat: Chat) -> None:
    """The page went away between the assistant's question and its answer."""
    chat.page.evaluate("() => chatplatform.registerClientTool('page_title', () => new Promise(() => {}))")
    with chat.page.expect_response(lambda response: "x-chatkit-run-id" in response.headers) as asked:
        chat.say("Which page am I on?")
    asked.value.finished()
    chat.open(chat.thread_path)
    expect(chat.questions).to_have_text(["Which page am I on?"])
    expect(chat.answer).to_contain_text("You are on Acme Outdoor")
    chat.expect_rest()
    expect(chat.ask("And what is 1 + 1?")).to_contain_text("is 2.")


def test_a_tool_of_the_page_runs_when_the_reader_allows_it(chat: Chat) -> None:
    chat.page.evaluate(
        """() => chatplatform.registerClientTool('page_title', () => ({title: 'Cart', url: 'https://acme.example/cart'}),
            {permission: 'Read the title of this page'})"""
    )
    dialog = chat.page.get_by_role("dialog", name="The assistant would like to do something on this page")
    chat.say("Which page am I on?")
    expect(dialog).to_contain_text("Read the title of this page")
    chat.page.keyboard.press("Escape")
    expect(chat.answer).to_contain_text("Your browser did not tell me")
    chat.expect_rest()
    chat.say("Which page am I on?")
    dialog.get_by_role("button", name="Allow once").click()
    expect(chat.answer).to_contain_text("You are on Cart")


def test_one_asks_about_what_is_selected_on_the_page(chat: Chat) -> None:
    chat.page.evaluate(
        """() => {
            const words = document.createElement('p');
            words.textContent = 'Tents are green.';
            document.body.prepend(words);
            document.activeElement?.blur();
            document.getSelection().selectAllChildren(words);
        }"""
    )
    ask = chat.button("Ask about this")
    expect(ask).to_be_visible()
    chat.page.keyboard.press("Tab")
    expect(ask).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_text("Tents are green.").last).to_be_visible()
    expect(chat.button("Remove quote")).to_be_visible()
    expect(chat.message).to_be_focused()
    expect(ask).to_be_hidden()
    chat.ask("Why?")
    expect(chat.questions.last).to_contain_text("Tents are green.")


def test_it_asks_before_it_changes_something(chat: Chat) -> None:
    answer = chat.ask("Rename this chat to Boots and tents")
    expect(answer.get_by_text("Rename this conversation to “Boots and tents”?")).to_be_visible()
    answer.get_by_role("button", name="Confirm", exact=True).click()
    expect(chat.answer).to_contain_text("The conversation has its new title.")
    for _ in range(2):
        expect(chat.answer.get_by_text("Confirmed", exact=True)).to_be_visible()
        expect(chat.answer.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)
        chat.reload()
    chat.open_history()
    expect(chat.entry("Boots and tents")).to_be_visible()


def test_it_changes_nothing_when_one_says_no(chat: Chat) -> None:
    chat.ask("Rename this chat to Boots and tents").get_by_role("button", name="Cancel", exact=True).click()
    expect(chat.answer).to_contain_text("Nothing was done.")
    chat.open_history()
    expect(chat.entry("Rename this chat to Boots and tents")).to_be_visible()


def test_it_asks_questions_and_goes_on_with_the_answers(chat: Chat) -> None:
    questions = chat.ask("Ask me some questions")
    questions.get_by_label("Mountains").check()
    questions.get_by_label("A weekend").check()
    questions.get_by_label("What else should I know?").last.fill("It may rain.")
    questions.get_by_role("button", name="Submit").click()
    expect(chat.answer).to_contain_text("You told me")
    expect(chat.answer).to_contain_text("Mountains")
    chat.reload()
    expect(chat.answer).to_contain_text("It may rain.")
    expect(chat.answer.get_by_role("button", name="Submit")).to_have_count(0)


def test_a_form_is_checked_on_the_server_and_sent_once(chat: Chat) -> None:
    form = chat.ask("Show me the contact form.")
    form.get_by_label("What is it about?").select_option("An order")
    form.get_by_label("Details").fill("short")
    form.get_by_role("button", name="Send").click()
    expect(chat.answer).to_contain_text("Ensure this value has at least 10 characters")
    expect(form.get_by_label("Details")).to_have_value("short")
    form.get_by_label("Details").fill("My boots came too late.")
    form.get_by_role("button", name="Send").click()
    expect(chat.answer).to_contain_text("An order")
    chat.answer.get_by_role("button", name="Confirm", exact=True).click()
    expect(chat.answer).to_contain_text("Your request is with a person now")
    expect(chat.answer.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)


def test_it_hands_over_to_a_person_and_comes_back(chat: Chat) -> None:
    answer = chat.ask("I want to talk to a person.")
    expect(answer).to_contain_text("Waiting for a person")
    chat.say("Hello?")
    expect(chat.page.get_by_text("A person will answer here. What you write is kept for them.")).to_be_visible()
    chat.answers.first.get_by_role("button", name="Continue with the assistant").click()
    expect(chat.answers.first).to_contain_text("The assistant answers again.")
    expect(chat.ask("And what is 1 + 1?")).to_contain_text("is 2.")
