"""The errors that end an answer, mostly inside a stream, as ChatKit's `error` event."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec

STREAM_ERRORS: dict[str, ErrorSpec] = {
    "assistant_unavailable": ErrorSpec(
        503,
        "This assistant is not configured to answer yet.",
        "Its provider has no address or no key, or the key cannot be decrypted.",
        "Ask its administrator.",
        may_pass=False,
    ),
    "provider_unreachable": ErrorSpec(
        502,
        "The model provider cannot be reached right now.",
        "No connection: the address is wrong, the network is down, or a firewall is between.",
        "Try again in a moment.",
    ),
    "provider_busy": ErrorSpec(
        503,
        "The model provider has too much to do right now.",
        "The provider said 429 or 5xx, and every retry and fallback did, too.",
        "Try again in a minute.",
    ),
    "provider_refused": ErrorSpec(
        502,
        "The model provider refused the request.",
        "The provider said 4xx: the key is wrong, the model is unknown to it, or the quota is used up. The log has "
        "its words.",
        "Its key, model or quota needs attention.",
        may_pass=False,
    ),
    "provider_address": ErrorSpec(
        502,
        "The model provider's address may not be asked.",
        "The address that a tenant gave leads into the platform's own network, or is none.",
        "Its address needs attention: a public one, or one that the platform's operator names in OUTBOUND_ALLOWED_HOSTS.",
        may_pass=False,
    ),
    "provider_timeout": ErrorSpec(
        504,
        "The model provider did not answer in time.",
        "It was silent for longer than PROVIDER_TIMEOUT_SECONDS or PROVIDER_FIRST_TOKEN_SECONDS.",
        "Try again.",
    ),
    "provider_incomplete": ErrorSpec(
        502,
        "The model provider ended the answer before it was whole.",
        "The connection to the provider broke while it wrote.",
        "Try again; what was written is kept.",
    ),
    "answer_cut_off": ErrorSpec(
        502,
        "The answer reached the greatest length that is allowed.",
        "The model reached the number of tokens that the assistant or the model allows.",
        "Ask for the rest.",
        may_pass=False,
    ),
    "answer_filtered": ErrorSpec(
        502,
        "The model provider's safety rules ended this answer.",
        "The provider's filter judged the question or the answer.",
        "Say it in other words.",
        may_pass=False,
    ),
    "conversation_too_long": ErrorSpec(
        413,
        "This conversation is longer than the model can read.",
        "The newest message with its files is larger than the model's context.",
        "Start a new conversation.",
        may_pass=False,
    ),
    "too_many_steps": ErrorSpec(
        502,
        "The assistant used its tools too often without an answer.",
        "The model went on calling tools.",
        "Ask for less at once.",
    ),
    "run_lost": ErrorSpec(
        500,
        "The answer was cut off because its server stopped.",
        "The process that wrote it was killed, or ran out of memory.",
        "Try again; what was written is kept.",
    ),
    "run_superseded": ErrorSpec(
        409,
        "Another answer in this conversation took the place of this one.",
        "The server that wrote it was silent for longer than a lease (CHAT_RUN_LEASE_SECONDS), so that another server went "
        "on with the conversation. What had been stored until then is kept and marked.",
        "Reload the conversation to see what was stored.",
        may_pass=False,
    ),
}
