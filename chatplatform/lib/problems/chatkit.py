"""What people see of a chat that does not work, by its looks: known troubles of ChatKit, browsers and proxies."""

from __future__ import annotations

from chatplatform.lib.problems import Problem

KNOWN: dict[str, Problem] = {
    "blank_page": Problem(
        "The page stays blank where the chat should be.",
        "OpenAI's element draws nothing until its script has come and its options are valid, and it says little about either. "
        "Often its place has no height.",
        "The loader of the template tag shows our client, or an explanation, instead of nothing. On a page of your own wait for "
        "customElements.whenDefined('openai-chatkit') before setOptions(), and give the element a height. "
        "The console has the reason.",
        seen=("TypeError: chat.setOptions is not a function",),
    ),
    "cdn_blocked": Problem(
        "OpenAI's script cannot be loaded.",
        "A firewall, a content blocker, a Content-Security-Policy or a missing network keeps cdn.platform.openai.com away.",
        "With CHATKIT_CLIENT=auto the page opens with our client, served by the platform itself; with =open it never asks the CDN. "
        "To use OpenAI's, allow it in script-src and frame-src.",
        seen=(
            "net::ERR_BLOCKED_BY_CLIENT",
            "net::ERR_NAME_NOT_RESOLVED",
            "HTTP Error 400. The request is badly formed.",
            "Waiting for OpenAI’s ChatKit.",
        ),
    ),
    "domain_not_allowed": Problem(
        "OpenAI's client says that the domain is not allow-listed, shows an empty frame, or disappears after a second or two.",
        "Outside localhost it asks OpenAI whether the page's domain belongs to the domain key.",
        "Add the domain in OpenAI's settings and set CHATKIT_DOMAIN_KEY to its key, or use our client, which asks nobody.",
        seen=(
            "domain_keys/verify",
            "domain_keys/verify_hosted 401 (Unauthorized)",
        ),
    ),
    "invalid_input_at_api": Problem(
        "The console says 'Invalid input at api'.",
        "The option api has neither url and domainKey nor getClientSecret, or both, or a misspelt one.",
        "For this platform give url (and domainKey for OpenAI's client); for hosted mode getClientSecret alone.",
        seen=(
            "InvalidFrameParamsError: Invalid frame params: ChatKit.create(): ✖ Invalid input → at api",
            "Invalid input at api: getClientSecret belongs to OpenAI's hosted service",
        ),
    ),
    "unrecognized_key": Problem(
        "The console says 'Unrecognized key'.",
        "An option is misspelt, or comes from another version of ChatKit: clients refuse all options when one is unknown.",
        "Remove or rename the key; docs/reference/client.md lists those that our client takes.",
        seen=(
            "✖ Unrecognized key",
            'Unrecognized key "…" at composer',
        ),
    ),
    "versions_apart": Problem(
        "OpenAI's frame does not understand the page, and has no height.",
        "OpenAI's script always comes in its newest version, and the package that drives it, as @openai/chatkit-react, in yours.",
        "Upgrade the package. Our client is served by the platform, in the version that fits it.",
        seen=("IntegrationError: Command onSetOptions not supported",),
    ),
    "history_not_loading": Problem(
        "The list of conversations, or an old conversation, does not load.",
        "The session belongs to somebody else than before, as after a sign-in, or the server of your own does not page as ChatKit "
        "expects: after, has_more, and the order that was asked for.",
        "Look at the answers of threads.list and items.list in the network tab. What belongs to another session is not_found, "
        "on purpose.",
        seen=("This conversation no longer exists.",),
    ),
    "assistant_forgets": Problem(
        "The assistant forgets what was said before.",
        "ChatKit sends the newest message alone: the server has to put the history into the model's input. Here it does, within "
        "CHAT_HISTORY_ITEMS and CHAT_HISTORY_TOKENS.",
        "Raise those settings, switch summaries on in the assistant, and look at the run's trace in the admin panel. In a server "
        "of your own load the items and convert them with ThreadItemConverter.",
    ),
    "messages_overwrite": Problem(
        "Answers overwrite each other in the conversation.",
        "Models that speak the chat completions API give each message the same id (__fake_id__), and ChatKit stores by id.",
        "The platform gives each item an id of its own. In a ChatKit server of your own generate ids in the store, and map those "
        "of the stream to them.",
        seen=("__fake_id__",),
    ),
    "proxy_buffers": Problem(
        "Nothing is seen for a while, then the whole answer at once.",
        "A proxy, a CDN or a compressing filter holds the stream back, or the server is a WSGI server.",
        "Run manage.py doctor --url with the public address. In nginx: proxy_buffering off, gzip off, proxy_http_version 1.1.",
    ),
    "stream_cut": Problem(
        "Answers break off after the same number of seconds each time.",
        "A proxy ends connections that are silent or old.",
        "Let its time limit be longer than CHAT_HEARTBEAT_SECONDS (nginx: proxy_read_timeout 1h). The client attaches again by "
        "itself, and the answer goes on on the server.",
        seen=(
            "Connection lost. Reconnecting…",
            "The connection was lost.",
            "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
            "upstream timed out (110: Connection timed out) while reading upstream",
        ),
    ),
    "cookies_cross_site": Problem(
        "On another site each request is 401, or the conversation is gone after a reload.",
        "Browsers send no cookie to a frame or a fetch of another site unless it is SameSite=None, Secure and, more and more, "
        "Partitioned; some keep none at all.",
        "Embed with the snippet of docs/guides/embed.md, which asks for such a cookie and has a way without one; it needs https. "
        "Or proxy /api/chatkit on your own domain, as the example for Next.js does.",
        seen=(
            "No chat session was sent.",
            "This attempt to set a cookie via a Set-Cookie header was blocked",
        ),
    ),
    "unauthorized_after_idle": Problem(
        "After a while without use each message is 401.",
        "The session's token has expired, and the page does not renew it.",
        "Our loader renews it once with POST /api/chatkit/refresh. In a fetch of your own do the same on session_expired, and open "
        "a new session on session_invalid.",
        seen=(
            "The chat session's token has expired.",
            "The chat session is not valid any more.",
        ),
    ),
    "cors": Problem(
        "The console says that a request was blocked by CORS.",
        "A page of another origin calls the API directly. Its routes with cookies answer to the platform's own pages alone.",
        "Use the embed, or a proxy on your own domain that adds the bearer token on the server.",
        seen=(
            "Access to fetch at '…' from origin '…' has been blocked by CORS policy",
            "No 'Access-Control-Allow-Origin' header is present on the requested resource",
        ),
    ),
    "csp": Problem(
        "The console says that a script, a frame or a connection violates the Content-Security-Policy.",
        "Your site's policy does not know the platform.",
        "Allow its address in script-src, connect-src and frame-src; no inline style or script is needed.",
        seen=(
            "Refused to load the script",
            "Refused to connect",
            "Refused to frame",
            "violates the following Content Security Policy directive",
        ),
    ),
    "embedder_policy": Problem(
        "The frame of the chat stays empty on a page that is isolated from other origins.",
        "The page asks for Cross-Origin-Embedder-Policy, which frames of other sites have to agree to; OpenAI's do not.",
        "Use our client on that page, or leave the policy off there.",
        seen=("Because your site has the Cross-Origin Embedder Policy (COEP) enabled",),
    ),
}
