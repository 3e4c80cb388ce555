"""What our scripts write to the console of a browser, by code; frontend/src/report.ts has the same sentences."""

from __future__ import annotations

from chatplatform.lib.problems import Problem

CONSOLE: dict[str, Problem] = {
    "openai_client_failed": Problem(
        "OpenAI's ChatKit did not come up; the chat opens with the built-in client.",
        "Its script was blocked or late, or it refused this domain or these options; the details are on the same line.",
        "Nothing needs to be done. Set CHATKIT_CLIENT=open to use the built-in client from the start.",
    ),
    "chat_not_loaded": Problem(
        "The chat could not be loaded.",
        "The page's client cannot be loaded, or its options are not valid; the details are on the same line.",
        "Run manage.py doctor --url with the address of the page; see also blank_page.",
    ),
    "embed_not_shown": Problem(
        "The embedded chat is not shown.",
        "The site is not among the embed's allowed origins, the embed is switched off, or data-inline names no element.",
        "Compare the page's origin with the embed's in the admin panel: scheme, host and port must be the same.",
    ),
    "embed_problem": Problem(
        "The embedded chat has a problem.",
        "The frame says which: a code of the API, and a hint.",
        "See that code in docs/reference/errors.md.",
    ),
    "page_failed": Problem(
        "A function that this page gave to the chat failed.",
        "A client tool, or what gets the signed identity, threw an error; it is on the same line.",
        "Look at the function that was given to chatplatform('tool', …) or chatplatform('identify', …).",
    ),
    "listener_failed": Problem(
        "A listener that this page gave to the chat failed.",
        "It threw an error; it is on the same line.",
        "Look at the function that was given to chatplatform('on', …).",
    ),
    "call_not_understood": Problem(
        "This call of chatplatform() is not understood.",
        "Its first word is none of those that there are, or an argument is missing.",
        "Compare it with docs/guides/embed.md.",
    ),
}
