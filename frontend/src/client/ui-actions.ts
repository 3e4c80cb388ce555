import type { Widgets } from "@openai/chatkit";
import type { Ui } from "./components/ui";
import type { ChatController } from "./controller/chat";
import type { Host } from "./controller/host";
import { parseDeeplink } from "./deeplink";
import { imageGate } from "./markdown/image-gate";
import { isImageAllowed } from "./markdown/policy";
import type { OpenOptions } from "./options/extensions";
import type { Source, WidgetItem } from "./protocol/types";
import { entityOf } from "./state/draft";
import { type ActionRequest, withValues } from "./widgets/action";

type UiHost = Host & { openOptions: OpenOptions };

/** Connects the parts of a conversation with its controller and with the host page's callbacks. */
export function createUi(host: UiHost, chat: ChatController): Ui {
  const options = host.options;
  const { t } = host.strings;
  const report = (error: unknown) =>
    host.emit("chatkit.error", { error: error instanceof Error ? error : new Error(String(error)) });
  const onClick = options?.entities?.onClick;
  return {
    strings: host.strings,
    policy: {
      isImageAllowed: (url) => isImageAllowed(url, chat.state.thread?.allowed_image_domains ?? []),
      imageGate: (url, alt) => imageGate(url, alt, t),
    },
    actions: options?.threadItemActions ?? {},
    hideCopy: host.openOptions?.hideCopy ?? false,
    retry: (itemId) => void chat.retry(itemId),
    feedback: (itemIds, kind) => void chat.feedback(itemIds, kind).catch(report),
    answerQuestions: (itemId, input) => void chat.answerQuestions(itemId, input),
    widgetAction: (item, request) => runAction(host, chat, item, request).catch(report),
    openLink: (href) => host.emit("chatkit.deeplink", parseDeeplink(href)),
    openTag: onClick ? (tag) => onClick(entityOf(tag)) : null,
    openEntity: onClick ? (source) => onClick(entityOfSource(source)) : null,
  };
}

const entityOfSource = ({ id = "", title = "", icon, group, interactive, data }: Source) => ({
  id,
  title,
  ...(icon ? { icon } : {}),
  ...(group ? { group } : {}),
  ...(interactive === undefined ? {} : { interactive }),
  ...(data ? { data } : {}),
});

async function runAction(host: UiHost, chat: ChatController, item: WidgetItem, { action, values }: ActionRequest) {
  const { payload, collisions } = withValues(action.payload, values);
  for (const name of collisions) {
    host.emit("chatkit.error", { error: new Error(`The form field "${name}" is already in the action's payload.`) });
  }
  const sent = { type: action.type, payload };
  if (action.handler === "client") {
    // The host's types name each component; what travels is looser.
    const widget = item.widget as unknown as Widgets.Card | Widgets.ListView | Widgets.BasicRoot;
    await host.options?.widgets?.onAction?.(sent, { id: item.id, widget });
  } else if (action.streaming === false) await chat.syncAction(sent, item.id);
  else await chat.customAction(sent, item.id);
}
