import type { Widgets } from "@openai/chatkit";
import type { PreviewElement } from "./components/preview";
import type { EntityActions, Ui } from "./components/ui";
import type { ChatController } from "./controller/chat";
import type { Host } from "./controller/host";
import { parseDeeplink } from "./deeplink";
import { imageGate } from "./markdown/image-gate";
import { isImageAllowed } from "./markdown/policy";
import type { OpenOptions } from "../../package";
import type { WidgetItem } from "./protocol/types";
import { type ActionRequest, withValues } from "./widgets/action";

type UiHost = Host & { openOptions: OpenOptions; readonly preview: PreviewElement | undefined };

const serverOf = (url = "") => (URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI) : location);

/** Connects the parts of a conversation with its controller and with the host page's callbacks. */
export function createUi(host: UiHost, chat: ChatController): Ui {
  const options = host.options;
  const { t } = host.strings;
  const report = (error: unknown) =>
    host.emit("chatkit.error", { error: error instanceof Error ? error : new Error(String(error)) });
  return {
    strings: host.strings,
    policy: {
      isImageAllowed: (url) => isImageAllowed(url, chat.state.thread?.allowed_image_domains ?? [], serverOf(options?.api.url)),
      imageGate: (url, alt) => imageGate(url, alt, t),
    },
    actions: options?.threadItemActions ?? {},
    hideCopy: host.openOptions?.hideCopy ?? false,
    readOnly: host.openOptions?.readOnly ?? false,
    retry: (itemId) => void chat.retry(itemId),
    feedback: (itemIds, kind) =>
      chat.feedback(itemIds, kind).then(
        () => true,
        (error: unknown) => {
          report(error);
          return false;
        },
      ),
    answerQuestions: (itemId, input) => void chat.answerQuestions(itemId, input),
    widgetAction: (item, request) =>
      runAction(host, chat, item, request).catch((error: unknown) => {
        report(error);
        return false;
      }),
    openLink: (href) => host.emit("chatkit.deeplink", parseDeeplink(href)),
    entities: entityActions(host),
  };
}

/** The preview is loaded when an entity is first pointed at. */
function entityActions(host: UiHost): EntityActions | null {
  const { onClick, onRequestPreview } = host.options?.entities ?? {};
  if (!onClick && !onRequestPreview) return null;
  const open: PreviewElement["open"] = async (...about) => {
    if (!onRequestPreview) return false;
    await import("./components/preview");
    return (await host.preview?.open(...about)) ?? false;
  };
  return {
    point: (...about) => void open(...about).catch(() => undefined),
    leave: () => host.preview?.leave?.(),
    press(entity, anchor, event) {
      const byTouch = (event as PointerEvent).pointerType === "touch";
      const click = () => {
        host.preview?.close?.();
        onClick?.(entity);
      };
      // A first touch looks, a second one opens; so does one where there is nothing to look at.
      if (onClick && (!byTouch || host.preview?.isOpenFor?.(anchor))) return click();
      void open(entity, anchor, "at once").then((shown) => shown || click(), click);
    },
  };
}

async function runAction(host: UiHost, chat: ChatController, item: WidgetItem, { action, values }: ActionRequest): Promise<boolean> {
  const { payload, collisions } = withValues(action.payload, values);
  for (const name of collisions) {
    host.emit("chatkit.error", { error: new Error(`The form field "${name}" is already in the action's payload.`) });
  }
  const sent = { type: action.type, payload };
  if (action.handler === "client") {
    // The host's types name each component; what travels is looser.
    const widget = item.widget as unknown as Widgets.Card | Widgets.ListView | Widgets.BasicRoot;
    await host.options?.widgets?.onAction?.(sent, { id: item.id, widget });
    return true;
  }
  // That of a preview is no item of the thread.
  if (item.thread_id && action.streaming === false) await chat.syncAction(sent, item.id);
  else await chat.customAction(sent, item.thread_id ? item.id : undefined);
  return !chat.problem;
}
