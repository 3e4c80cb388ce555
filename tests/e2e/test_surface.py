"""The contract of ChatKit's package, in a browser: each method does its work, and each event comes with what it carries."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.support.environment import PROJECT

TYPES = (PROJECT / "frontend/node_modules/@openai/chatkit/types/index.d.ts").read_text()


def declared(head: str, entry: str) -> set[str]:
    """What the block of the types that begins with ``head`` has."""
    block = TYPES[TYPES.index(head) :]
    return set(re.findall(entry, block[: block.index("\n}")], re.MULTILINE))


METHODS = declared("export interface OpenAIChatKit", r"^  (\w+)[(<]")
EVENTS = declared("export type ChatKitEvents", r"^  '([\w.]+)'")

#: An element whose page answers for the server, and a record of what it said, and asked, and was asked.
ELEMENT = """events => {
    const about = {thread_id: 'thr_1', created_at: '2026-01-01T00:00:00Z'};
    const said = input => ({...about, id: 'msg_1', type: 'user_message', attachments: input.attachments, content: input.content});
    const answer = {...about, id: 'msg_2', type: 'assistant_message',
        content: [{type: 'output_text', text: 'See [order 7](chatkit-link://order?id=7).', annotations: []}]};
    const thread = {id: 'thr_1', created_at: about.created_at, status: {type: 'active'}, items: {data: [answer], has_more: false}};
    const stream = (...frames) => new Response(frames.map(frame => `data: ${JSON.stringify(frame)}\\n\\n`).join(''));
    const rest = [
        {type: 'client_effect', name: 'confetti', data: {colour: 'green'}},
        {type: 'of.the.future', secret: 'words'},
        {type: 'thread.item.added', item: {...about, id: 'new_1', type: 'hologram', secret: 'words'}},
        {type: 'thread.item.done', item: answer},
    ];
    const replies = {
        'threads.create': ({input}) =>
            stream({type: 'thread.created', thread}, {type: 'thread.item.done', item: said(input)}, ...rest),
        'threads.add_user_message': ({input}) => stream({type: 'thread.item.done', item: {...said(input), id: 'msg_3'}}),
        'threads.custom_action': () => stream({type: 'error', code: 'custom', message: 'Not today.', allow_retry: false}),
        'threads.get_by_id': () => Response.json(thread),
        'threads.list': () => Response.json({data: [thread], has_more: false}),
        'items.list': () => Response.json(thread.items),
    };
    const element = document.createElement('openai-chatkit');
    window.record = {wire: [], events: [], called: new Set(), element};
    for (const name of [...events, 'open.message'])
        element.addEventListener(name, ({detail}) =>
            record.events.push([name, detail?.error ? {error: detail.error.message} : detail ?? null]));
    record.options = {
        api: {url: '/nowhere', domainKey: 'local', fetch: async (_, {body}) => {
            const {type, params} = JSON.parse(body);
            record.wire.push([type, params]);
            return replies[type](params);
        }},
        composer: {tools: [{id: 'search', label: 'Search', icon: 'globe'}], models: [{id: 'a', label: 'A'}, {id: 'b', label: 'B'}]},
    };
    window.chat = new Proxy(element, {get: (_, key) => {
        const value = element[key];
        if (typeof value !== 'function') return value;
        record.called.add(key);
        return value.bind(element);
    }});
    document.querySelector('openai-chatkit').replaceWith(element);
    return new Promise(ready => {
        chat.addEventListener('chatkit.ready', ready, {once: true});
        chat.setOptions(record.options);
    });
}"""

USE = """async () => {
    const fields = () => chat.shadowRoot.querySelector('.composer textarea');
    const listener = () => { throw new Error('It was removed.'); };
    chat.addEventListener('chatkit.tool.change', listener);
    chat.removeEventListener('chatkit.tool.change', listener);
    await chat.focusComposer();
    record.focused = chat.shadowRoot.activeElement === fields();
    const tag = {type: 'input_tag', id: 'boots', text: 'Boots'};
    const content = [tag, {type: 'input_text', text: ' in blue'}];
    await chat.setComposerValue({content, reply: 'They said', selectedToolId: 'search', selectedModelId: 'b'});
    record.written = fields().value;
    chat.shadowRoot.querySelector('.send').click();
    await new Promise(end => chat.addEventListener('chatkit.response.end', end, {once: true}));
    await chat.sendUserMessage({text: 'More', toolChoice: {id: 'search'}, model: 'a'});
    await chat.sendCustomAction({type: 'book', payload: {days: 2}}, 'msg_2');
    await chat.fetchUpdates();
    await chat.showHistory();
    await chat.hideHistory();
    await chat.setThreadId(null);
    await chat.setThreadId('thr_1');
    let refusal = '';
    try { chat.setOptions({...record.options, composer: {place: 'top'}}); } catch (error) { refusal = error.message; }
    return {refusal, options: chat.options === record.options};
}"""


def test_every_method_and_every_event(chat: Chat) -> None:
    page = chat.page
    page.evaluate(ELEMENT, sorted(EVENTS))
    refused = page.evaluate(USE)
    page.get_by_role("link", name="order 7").click()
    record: dict[str, Any] = page.evaluate("({...record, element: null, options: null, called: [...record.called]})")
    assert set(record["called"]) >= METHODS
    assert record["focused"]
    assert record["written"] == "@Boots in blue"
    events: list[tuple[str, Any]] = [(name, detail) for name, detail in record["events"]]
    assert {name for name, _ in events} == EVENTS | {"open.message"}
    for expected in (
        ("chatkit.ready", None),
        ("chatkit.tool.change", {"toolId": "search"}),
        ("chatkit.thread.change", {"threadId": "thr_1"}),
        ("chatkit.thread.change", {"threadId": None}),
        ("chatkit.thread.load.start", {"threadId": "thr_1"}),
        ("chatkit.thread.load.end", {"threadId": "thr_1"}),
        ("chatkit.effect", {"name": "confetti", "data": {"colour": "green"}}),
        ("chatkit.deeplink", {"name": "order", "data": {"id": "7"}}),
        ("chatkit.error", {"error": "Not today."}),
        # What is not understood is named, never quoted.
        ("chatkit.log", {"name": "protocol.unknown", "data": {"event": "of.the.future"}}),
        ("chatkit.log", {"name": "protocol.unknown", "data": {"event": "thread.item.added", "item": "hologram"}}),
    ):
        assert expected in events, expected
    requests: list[tuple[str, Any]] = [(kind, params) for kind, params in record["wire"]]
    assert [kind for kind, _ in requests] == [
        "threads.create",
        "threads.add_user_message",
        "threads.custom_action",
        "threads.get_by_id",
        "threads.list",
        "threads.get_by_id",
    ]
    assert requests[0][1]["input"]["inference_options"] == {"tool_choice": {"id": "search"}, "model": "b"}
    assert requests[0][1]["input"]["quoted_text"] == "They said"
    assert [part["type"] for part in requests[0][1]["input"]["content"]] == ["input_tag", "input_text"]
    assert requests[1][1]["input"]["inference_options"] == {"tool_choice": {"id": "search"}, "model": "a"}
    assert requests[2][1] == {
        "thread_id": "thr_1",
        "item_id": "msg_2",
        "action": {"type": "book", "payload": {"days": 2}},
    }
    # What is refused changes nothing.
    assert refused == {"refusal": 'Unrecognized key "place" at composer', "options": True}
    expect(page.get_by_role("group", name="Answer").last).to_be_visible()
