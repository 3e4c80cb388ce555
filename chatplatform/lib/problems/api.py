"""The errors of the API, by code, those of its streams included.  `chatplatform.lib.errors` sends them."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec
from chatplatform.lib.problems.access import ACCESS_ERRORS
from chatplatform.lib.problems.files import FILE_ERRORS
from chatplatform.lib.problems.plans import PLAN_ERRORS
from chatplatform.lib.problems.sign_in import SIGN_IN_ERRORS
from chatplatform.lib.problems.streams import STREAM_ERRORS

ERRORS: dict[str, ErrorSpec] = {
    "invalid_request": ErrorSpec(
        400,
        "The request is not a valid ChatKit request.",
        "A field is missing, has another type, or is longer than its limit.",
        "Check the body against the protocol.",
    ),
    "invalid_json": ErrorSpec(
        400,
        "The body is not valid JSON.",
        "The body is cut off, is no JSON, or is in another encoding.",
        "Send one JSON object, encoded as UTF-8.",
    ),
    "unknown_operation": ErrorSpec(
        400,
        "This ChatKit operation is not known here.",
        "The client is newer than this installation, or it is no ChatKit client.",
        "Check the field 'type'.",
    ),
    "unknown_action": ErrorSpec(
        400,
        "This action is not known here.",
        "The widget comes from an assistant whose actions have changed since, or was made by hand.",
        "Load the conversation again.",
    ),
    "unknown_tool": ErrorSpec(
        400,
        "The assistant has no such tool.",
        "The message asks for a tool that the assistant's published version does not list.",
        "Choose one of the tools that it offers.",
    ),
    "unknown_model": ErrorSpec(
        400,
        "The assistant has no such model.",
        "The message asks for a model that the assistant's published version does not offer.",
        "Choose one of the models that it offers.",
    ),
    "tenant_ambiguous": ErrorSpec(
        400,
        "More than one chat session was sent.",
        "The browser has chat sessions with several tenants, and the address does not say which one is meant.",
        "Name the tenant with '?tenant=<slug>'.",
    ),
    "tenant_required": ErrorSpec(
        400,
        "No tenant could be derived from the request.",
        "The host belongs to no tenant, and the request names neither a tenant nor an embed.",
        "Name it in the body, or use its own host.",
    ),
    "cookie_required": ErrorSpec(
        400,
        "The client secret of this assistant is OpenAI's; its chat session travels as a cookie.",
        "In hosted mode the browser gets OpenAI's client secret, so that ours cannot be one.",
        "Ask for a cookie.",
    ),
    "hosted_elsewhere": ErrorSpec(
        409,
        "OpenAI answers for this assistant.",
        "The assistant has a workflow at OpenAI, so that its messages do not go through this server.",
        "Use the client secret of the chat session.",
        may_pass=False,
    ),
    "session_missing": ErrorSpec(
        401,
        "No chat session was sent.",
        "No cookie and no bearer token came along: the page opened no session, or the browser keeps no cookie for it.",
        "Open one with POST /api/chatkit/session.",
    ),
    "session_invalid": ErrorSpec(
        401,
        "The chat session is not valid any more.",
        "It was ended, replaced by a newer token, unused for too long, or belongs to somebody who was suspended.",
        "Open a new one with POST /api/chatkit/session.",
    ),
    "session_expired": ErrorSpec(
        401,
        "The chat session's token has expired.",
        "A token lasts for CHAT_SESSION_TOKEN_SECONDS; the loader renews it once on its own.",
        "Renew it with POST /api/chatkit/refresh.",
    ),
    "login_required": ErrorSpec(
        401,
        "Please sign in to use this assistant.",
        "The assistant is for members of its tenant, and nobody is signed in.",
        "/login/",
    ),
    "identity_required": ErrorSpec(
        401,
        "This chat is for people whom the site around it identifies.",
        "The embed's policy is 'required', and its site has sent no signed identity.",
        "Send an identity that the site has signed.",
    ),
    "identity_invalid": ErrorSpec(
        401,
        "The signed identity is not valid.",
        "The key is unknown or has ended, the algorithm is not the key's, or a claim is missing or not what it must be.",
        "Check its key, its algorithm and its claims.",
    ),
    "identity_expired": ErrorSpec(
        401,
        "The signed identity has expired.",
        "The token's 'exp' has passed, or the clock of the server that signs is wrong.",
        "Sign a new one when it is asked for.",
    ),
    "identity_replayed": ErrorSpec(
        401,
        "The signed identity was used before.",
        "Each token works once, and the site has sent the same one twice.",
        "Sign a new one for each use.",
    ),
    "metrics_refused": ErrorSpec(
        401,
        "The figures are for whoever watches this installation.",
        "METRICS_TOKEN was not sent, or it is not set.",
        "Set METRICS_TOKEN, and send it as a bearer token.",
    ),
    "identity_not_taken": ErrorSpec(
        403,
        "This embed identifies nobody.",
        "The embed's policy is 'none', and its site sends identities all the same.",
        "Leave the identity out, or change the policy of the embed.",
    ),
    **ACCESS_ERRORS,
    "origin_refused": ErrorSpec(
        403,
        "The request came from a page that may not use this session.",
        "The header Origin is missing, is 'null', or is neither the platform's own address nor an allowed origin of "
        "the embed; a proxy that rewrites Host or hides https makes the platform's own address look foreign.",
        "Send it from an allowed origin.",
    ),
    "read_only": ErrorSpec(
        403,
        "You look at this chat as somebody else, reading only.",
        "Staff acts as a member, and has not asked to change things.",
        "Be yourself again to write.",
        may_pass=False,
    ),
    "attachments_off": ErrorSpec(
        403,
        "This assistant takes no files.",
        "The assistant's published version allows no attachments.",
        "Send the text instead.",
    ),
    "link_expired": ErrorSpec(
        403,
        "This link has expired.",
        "Links to files last for CHAT_ATTACHMENT_LINK_SECONDS.",
        "Load the conversation again.",
    ),
    "not_found": ErrorSpec(
        404,
        "There is nothing here, or it is not yours.",
        "It was deleted, never existed, or belongs to somebody else; the three look alike on purpose.",
        "Check the address or the id.",
    ),
    "method_not_allowed": ErrorSpec(
        405,
        "This method is not allowed here.",
        "The address is known, and not for this method.",
        "See the header 'Allow'.",
    ),
    "run_in_progress": ErrorSpec(
        409,
        "Another answer is still being written here.",
        "The conversation is being answered already, perhaps in another tab.",
        "Wait for it to end, or stop it.",
    ),
    "thread_locked": ErrorSpec(
        409,
        "This conversation is locked.",
        "Somebody of the tenant has locked it.",
        "Start a new conversation.",
    ),
    "thread_closed": ErrorSpec(
        409,
        "This conversation is closed.",
        "Somebody of the tenant has closed it.",
        "Start a new conversation.",
    ),
    "no_pending_tool_call": ErrorSpec(
        409,
        "No client tool call is waiting for this result.",
        "It was answered in another tab, stopped, or given up.",
        "Load the conversation again.",
    ),
    "not_a_user_message": ErrorSpec(
        409,
        "Only an answer to a user's message can be tried again.",
        "The item that is to be answered anew is none that a user wrote.",
        "Load the conversation again.",
    ),
    "not_a_widget": ErrorSpec(
        409,
        "The item that sent this action is not a widget.",
        "The item is gone or has been replaced since the page was loaded.",
        "Load the conversation again.",
    ),
    "already_uploaded": ErrorSpec(
        409,
        "This attachment has its content already.",
        "Its content was sent twice.",
        "Create a new attachment.",
    ),
    "attachment_refused": ErrorSpec(
        409,
        "The content of this attachment could not be read three times.",
        "The file broke the program that looks at it, three times.",
        "Create a new attachment.",
    ),
    "attachment_not_ready": ErrorSpec(
        409,
        "An attachment has no content yet.",
        "A message was sent before the upload of its file had ended.",
        "Upload it, then send the message.",
    ),
    "attachment_in_use": ErrorSpec(
        409,
        "A message names this attachment.",
        "Files that a message shows go with their conversation.",
        "Delete the conversation instead.",
    ),
    "not_a_question": ErrorSpec(
        409,
        "The item asks nothing that could be answered.",
        "The item is gone or has been replaced since the page was loaded.",
        "Load the conversation again.",
    ),
    "question_answered": ErrorSpec(
        409,
        "These questions were answered already.",
        "They were answered in another tab, or by a message.",
        "Load the conversation again.",
    ),
    "action_not_offered": ErrorSpec(
        409,
        "The widget does not offer this action.",
        "The stored widget has no action like it: it was changed since, or the request was made by hand.",
        "Load the conversation again.",
    ),
    "action_expired": ErrorSpec(
        409,
        "This was decided already, or too long ago.",
        "A card that asks before something is written works once, for an hour.",
        "Ask the assistant again.",
    ),
    "too_large": ErrorSpec(
        413,
        "The request is larger than allowed.",
        "A body is larger than CHAT_MAX_BODY_BYTES, PAGE_MAX_BODY_BYTES or CHAT_MAX_ATTACHMENT_BYTES or has too many values, "
        "or a message is longer than CHAT_MAX_MESSAGE_CHARS. A proxy's own limit answers without this envelope.",
        "Shorten it and send it again.",
    ),
    "json_required": ErrorSpec(
        415,
        "The body must be JSON.",
        "The header Content-Type says something else, as forms do.",
        "Send 'Content-Type: application/json'.",
    ),
    "file_type_refused": ErrorSpec(
        415,
        "Files of this kind are not accepted here.",
        "The assistant does not accept this kind of file.",
        "Send one of the accepted kinds.",
    ),
    "file_mismatch": ErrorSpec(
        415,
        "The file is not what it claims to be.",
        "Its first bytes or its size are not those of the announced kind.",
        "Check its kind and its size.",
    ),
    "file_unreadable": ErrorSpec(
        422,
        "The file cannot be read.",
        "It is damaged, protected by a password, or grows beyond the limits when it is unpacked.",
        "It may be broken, locked, or too large inside.",
    ),
    "document_empty": ErrorSpec(
        422,
        "There is no text in this document.",
        "Its pages are pictures of text.",
        "Scanned pages need text recognition first.",
        may_pass=False,
    ),
    "page_unreachable": ErrorSpec(
        502,
        "The page cannot be reached, or is no page.",
        "It does not answer, is not public, or is no text.",
        "Check its address.",
    ),
    "page_refused": ErrorSpec(
        403,
        "The website does not let this address be read.",
        "Its robots.txt excludes this address.",
        "See its robots.txt.",
        may_pass=False,
    ),
    "records_unknown": ErrorSpec(
        404,
        "No code registers records under this name.",
        "The code that registered them is not installed any more, or its module is not imported.",
        "Check the source's records.",
        may_pass=False,
    ),
    "embedding_unavailable": ErrorSpec(
        503,
        "The model that makes vectors is not configured.",
        "The model that the tenant has chosen for vectors has no key or no address.",
        "Check its provider and key.",
        may_pass=False,
    ),
    "audio_unsupported": ErrorSpec(
        415,
        "Recordings of this kind are not understood.",
        "The recorder of the browser makes another kind.",
        "Send webm, mp4, ogg, mp3 or wav.",
    ),
    "secret_unreadable": ErrorSpec(
        503,
        "A secret that is stored here cannot be read, and none can be stored.",
        "No key of ENCRYPTION_KEYS opens the tenant's secrets: one was taken out, or a backup was restored with other keys.",
        "Ask whoever runs this platform to look at its keys (manage.py doctor).",
        may_pass=False,
    ),
    "rate_limited": ErrorSpec(
        429,
        "Too many requests in a short time.",
        "A limit per person or per address was reached; behind a proxy without TRUSTED_PROXY_COUNT all people have "
        "one address.",
        "Wait as long as 'Retry-After' says.",
    ),
    "too_many_streams": ErrorSpec(
        429,
        "You read too many answers at once.",
        "One person reads as many answers at one process as CHAT_STREAMS_AT_ONCE allows, in windows that may be hidden; a site "
        "whose visitors are all one person to the platform counts as one, too.",
        "Wait until one of them is done, or close a window.",
    ),
    **FILE_ERRORS,
    **PLAN_ERRORS,
    **SIGN_IN_ERRORS,
    "internal": ErrorSpec(
        500,
        "Something went wrong on our side.",
        "An error in the platform; its log has the place under the request id.",
        "Try again; quote the request id if it stays.",
    ),
    "asgi_required": ErrorSpec(
        501,
        "This address needs the ASGI server.",
        "The platform runs under WSGI, which holds a whole answer back.",
        "Serve chatplatform.asgi, not WSGI.",
    ),
    "not_supported": ErrorSpec(
        501,
        "This operation is not available on this installation yet.",
        "The operation belongs to a part that this installation does not serve.",
        "See the documentation.",
    ),
    "transcription_unavailable": ErrorSpec(
        501,
        "Dictation is not set up for this assistant.",
        "The assistant's provider has no model for it, or the installation names none.",
        "Type instead, or ask its administrator.",
    ),
    "unavailable": ErrorSpec(
        503,
        "The service is not available for a moment.",
        "The database, or what stands behind this request, does not answer.",
        "Try again in a few seconds.",
    ),
    "shutting_down": ErrorSpec(
        503,
        "This server is about to end.",
        "The process has been told to end, as in a rolling restart.",
        "Send it again: another one takes it.",
    ),
    **STREAM_ERRORS,
}
