"""The one registry of errors that the platform can show a caller (docs/reference/errors.md describes each).

Outside a stream an error travels as the envelope ``{"error": {"code", "message", "hint", "request_id"}}`` with the status given
here; inside a stream as ChatKit's ``error`` event.  A message never repeats what the caller sent, nor an exception's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """HTTP status, what happened, and what to do about it; both texts are shown to people.

    ``may_pass``: trying the same again can help, so that a stream's error offers it.
    """

    status: int
    message: str
    hint: str
    may_pass: bool = True


ERRORS: dict[str, ErrorSpec] = {
    "invalid_request": ErrorSpec(
        400, "The request is not a valid ChatKit request.", "Check the body against the protocol."
    ),
    "invalid_json": ErrorSpec(400, "The body is not valid JSON.", "Send one JSON object, encoded as UTF-8."),
    "unknown_operation": ErrorSpec(400, "This ChatKit operation is not known here.", "Check the field 'type'."),
    "unknown_action": ErrorSpec(400, "This action is not known here.", "Load the conversation again."),
    "unknown_tool": ErrorSpec(400, "The assistant has no such tool.", "Choose one of the tools that it offers."),
    "unknown_model": ErrorSpec(400, "The assistant has no such model.", "Choose one of the models that it offers."),
    "tenant_ambiguous": ErrorSpec(
        400, "More than one chat session was sent.", "Name the tenant with '?tenant=<slug>'."
    ),
    "tenant_required": ErrorSpec(
        400, "No tenant could be derived from the request.", "Name it in the body, or use its own host."
    ),
    "cookie_required": ErrorSpec(
        400,
        "The client secret of this assistant is OpenAI's; its chat session travels as a cookie.",
        "Ask for a cookie.",
    ),
    "hosted_elsewhere": ErrorSpec(
        409, "OpenAI answers for this assistant.", "Use the client secret of the chat session.", may_pass=False
    ),
    "session_missing": ErrorSpec(401, "No chat session was sent.", "Open one with POST /api/chatkit/session."),
    "session_invalid": ErrorSpec(
        401, "The chat session is not valid any more.", "Open a new one with POST /api/chatkit/session."
    ),
    "session_expired": ErrorSpec(
        401, "The chat session's token has expired.", "Renew it with POST /api/chatkit/refresh."
    ),
    "login_required": ErrorSpec(401, "Please sign in to use this assistant.", "/login/"),
    "identity_required": ErrorSpec(
        401, "This chat is for people whom the site around it identifies.", "Send an identity that the site has signed."
    ),
    "identity_invalid": ErrorSpec(
        401, "The signed identity is not valid.", "Check its key, its algorithm and its claims."
    ),
    "identity_expired": ErrorSpec(401, "The signed identity has expired.", "Sign a new one when it is asked for."),
    "identity_replayed": ErrorSpec(401, "The signed identity was used before.", "Sign a new one for each use."),
    "metrics_refused": ErrorSpec(
        401, "The figures are for whoever watches this installation.", "Send METRICS_TOKEN as a bearer token."
    ),
    "identity_not_taken": ErrorSpec(
        403, "This embed identifies nobody.", "Leave the identity out, or change the policy of the embed."
    ),
    "access_suspended": ErrorSpec(
        403, "Access to this chat has been suspended.", "Ask whoever runs the site around it."
    ),
    "origin_refused": ErrorSpec(
        403, "The request came from a page that may not use this session.", "Send it from an allowed origin."
    ),
    "attachments_off": ErrorSpec(403, "This assistant takes no files.", "Send the text instead."),
    "link_expired": ErrorSpec(403, "This link has expired.", "Load the conversation again."),
    "not_found": ErrorSpec(404, "There is nothing here, or it is not yours.", "Check the address or the id."),
    "method_not_allowed": ErrorSpec(405, "This method is not allowed here.", "See the header 'Allow'."),
    "run_in_progress": ErrorSpec(409, "Another answer is still being written here.", "Wait for it to end, or stop it."),
    "thread_locked": ErrorSpec(409, "This conversation is locked.", "Start a new conversation."),
    "thread_closed": ErrorSpec(409, "This conversation is closed.", "Start a new conversation."),
    "no_pending_tool_call": ErrorSpec(
        409, "No client tool call is waiting for this result.", "Load the conversation again."
    ),
    "not_a_user_message": ErrorSpec(
        409, "Only an answer to a user's message can be tried again.", "Load the conversation again."
    ),
    "not_a_widget": ErrorSpec(409, "The item that sent this action is not a widget.", "Load the conversation again."),
    "already_uploaded": ErrorSpec(409, "This attachment has its content already.", "Create a new attachment."),
    "attachment_refused": ErrorSpec(
        409, "The content of this attachment could not be read three times.", "Create a new attachment."
    ),
    "attachment_not_ready": ErrorSpec(409, "An attachment has no content yet.", "Upload it, then send the message."),
    "attachment_in_use": ErrorSpec(409, "A message names this attachment.", "Delete the conversation instead."),
    "not_a_question": ErrorSpec(409, "The item asks nothing that could be answered.", "Load the conversation again."),
    "question_answered": ErrorSpec(409, "These questions were answered already.", "Load the conversation again."),
    "action_not_offered": ErrorSpec(409, "The widget does not offer this action.", "Load the conversation again."),
    "action_expired": ErrorSpec(409, "This was decided already, or too long ago.", "Ask the assistant again."),
    "too_large": ErrorSpec(413, "The request is larger than allowed.", "Shorten it and send it again."),
    "json_required": ErrorSpec(415, "The body must be JSON.", "Send 'Content-Type: application/json'."),
    "file_type_refused": ErrorSpec(415, "Files of this kind are not accepted here.", "Send one of the accepted kinds."),
    "file_mismatch": ErrorSpec(415, "The file is not what it claims to be.", "Check its kind and its size."),
    "file_unreadable": ErrorSpec(422, "The file cannot be read.", "It may be broken, locked, or too large inside."),
    "document_empty": ErrorSpec(
        422, "There is no text in this document.", "Scanned pages need text recognition first.", may_pass=False
    ),
    "document_gone": ErrorSpec(410, "The content of this document is not stored any more.", "Upload it again."),
    "page_unreachable": ErrorSpec(502, "The page cannot be reached, or is no page.", "Check its address."),
    "page_refused": ErrorSpec(
        403, "The website does not let this address be read.", "See its robots.txt.", may_pass=False
    ),
    "records_unknown": ErrorSpec(
        404, "No code registers records under this name.", "Check the source's records.", may_pass=False
    ),
    "embedding_unavailable": ErrorSpec(
        503, "The model that makes vectors is not configured.", "Check its provider and key.", may_pass=False
    ),
    "audio_unsupported": ErrorSpec(
        415, "Recordings of this kind are not understood.", "Send webm, mp4, ogg, mp3 or wav."
    ),
    "rate_limited": ErrorSpec(429, "Too many requests in a short time.", "Wait as long as 'Retry-After' says."),
    "internal": ErrorSpec(500, "Something went wrong on our side.", "Try again; quote the request id if it stays."),
    "asgi_required": ErrorSpec(501, "This address needs the ASGI server.", "Serve chatplatform.asgi, not WSGI."),
    "not_supported": ErrorSpec(
        501, "This operation is not available on this installation yet.", "See the documentation."
    ),
    "transcription_unavailable": ErrorSpec(
        501, "Dictation is not set up for this assistant.", "Type instead, or ask its administrator."
    ),
    "unavailable": ErrorSpec(503, "The service is not available for a moment.", "Try again in a few seconds."),
    "shutting_down": ErrorSpec(503, "This server is about to end.", "Send it again: another one takes it."),
    # Inside a stream, as the message of ChatKit's `error` event:
    "assistant_unavailable": ErrorSpec(
        503, "This assistant is not configured to answer yet.", "Ask its administrator.", may_pass=False
    ),
    "provider_unreachable": ErrorSpec(502, "The model provider cannot be reached right now.", "Try again in a moment."),
    "provider_busy": ErrorSpec(503, "The model provider has too much to do right now.", "Try again in a minute."),
    "provider_refused": ErrorSpec(
        502, "The model provider refused the request.", "Its key, model or quota needs attention.", may_pass=False
    ),
    "provider_timeout": ErrorSpec(504, "The model provider did not answer in time.", "Try again."),
    "provider_incomplete": ErrorSpec(
        502, "The model provider ended the answer before it was whole.", "Try again; what was written is kept."
    ),
    "answer_cut_off": ErrorSpec(
        502, "The answer reached the greatest length that is allowed.", "Ask for the rest.", may_pass=False
    ),
    "answer_filtered": ErrorSpec(
        502, "The model provider's safety rules ended this answer.", "Say it in other words.", may_pass=False
    ),
    "conversation_too_long": ErrorSpec(
        413, "This conversation is longer than the model can read.", "Start a new conversation.", may_pass=False
    ),
    "too_many_steps": ErrorSpec(
        502, "The assistant used its tools too often without an answer.", "Ask for less at once."
    ),
    "run_lost": ErrorSpec(
        500, "The answer was cut off because its server stopped.", "Try again; what was written is kept."
    ),
}


class PlatformError(Exception):
    """An error with a documented code.

    ``code`` is a key of :data:`ERRORS`.  ``headers`` go onto the HTTP answer (``Retry-After``, ``Allow``).  ``hint`` replaces the
    registry's hint where the place knows better (the sign-in address, for example).
    """

    def __init__(self, code: str, *, hint: str | None = None, headers: dict[str, str] | None = None) -> None:
        self.code = code
        self.spec = ERRORS[code]
        self.hint = hint or self.spec.hint
        self.headers = headers or {}
        super().__init__(code)

    @property
    def status(self) -> int:
        return self.spec.status

    def envelope(self, request_id: str) -> dict[str, Any]:
        return {
            "error": {
                "code": self.code,
                "message": self.spec.message,
                "hint": self.hint,
                "request_id": request_id,
            }
        }
