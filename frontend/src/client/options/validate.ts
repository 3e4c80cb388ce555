import type { ChatKitOptions, CustomApiConfig } from "@openai/chatkit";
import {
  anything,
  arrayOf,
  boolean,
  type Check,
  either,
  filledString,
  func,
  nullable,
  number,
  object,
  oneOf,
  OptionsError,
  recordOf,
  string,
  tagged,
} from "./checks";

/** Options as this client accepts them: it talks to a server of your own. */
export type Options = Omit<ChatKitOptions, "api"> & { api: CustomApiConfig };

const uploadStrategy = tagged({
  two_phase: object({ type: string }),
  direct: object({ type: string, uploadUrl: filledString }, ["uploadUrl"]),
});

const api: Check = (value, path) => {
  if (typeof value === "object" && value && "getClientSecret" in value) {
    throw new OptionsError(
      `Invalid input at ${path}: getClientSecret belongs to OpenAI's hosted service; this client needs url and domainKey`,
      path,
    );
  }
  object({ url: filledString, fetch: func, domainKey: string, uploadStrategy }, ["url"])(value, path);
};

const typography = object({
  baseSize: oneOf(14, 15, 16, 17, 18),
  fontFamily: string,
  fontFamilyMono: string,
  fontSources: arrayOf(
    object(
      {
        family: filledString,
        src: filledString,
        weight: either(string, number()),
        style: oneOf("normal", "italic", "oblique"),
        display: oneOf("auto", "block", "swap", "fallback", "optional"),
        unicodeRange: string,
      },
      ["family", "src"],
    ),
  ),
});

const color = object({
  grayscale: object({ hue: number(0, 360), tint: number(0, 9), shade: number(-4, 4) }, ["hue", "tint"]),
  accent: object({ primary: filledString, level: oneOf(0, 1, 2, 3) }, ["primary", "level"]),
  surface: object({ background: filledString, foreground: filledString }, ["background", "foreground"]),
});

const colorScheme = oneOf("light", "dark");

const themeObject = object({
  colorScheme,
  typography,
  radius: oneOf("pill", "round", "soft", "sharp"),
  density: oneOf("compact", "normal", "spacious"),
  color,
});

const theme: Check = (value, path) =>
  (typeof value === "string" ? colorScheme : themeObject)(value, path);

const headerAction = object({ icon: filledString, onClick: func }, ["icon", "onClick"]);

const userContent = arrayOf(
  tagged({
    input_text: object({ type: string, text: string }, ["text"]),
    input_tag: object(
      {
        type: string,
        text: string,
        id: string,
        group: string,
        data: recordOf(anything),
        interactive: boolean,
      },
      ["text", "id"],
    ),
  }),
);

const composer = object({
  placeholder: string,
  attachments: object(
    {
      enabled: boolean,
      maxSize: either(number(0), recordOf(number(0))),
      maxCount: number(0),
      accept: recordOf(arrayOf(string)),
    },
    ["enabled"],
  ),
  tools: arrayOf(
    object(
      {
        id: filledString,
        label: string,
        icon: string,
        shortLabel: string,
        placeholderOverride: string,
        pinned: boolean,
        persistent: boolean,
      },
      ["id", "label", "icon"],
    ),
  ),
  models: arrayOf(
    object(
      { id: filledString, label: string, description: string, disabled: boolean, default: boolean },
      ["id", "label"],
    ),
  ),
  dictation: object({ enabled: boolean }, ["enabled"]),
});

const options = object(
  {
    api,
    locale: filledString,
    theme,
    frameTitle: string,
    initialThread: nullable(filledString),
    onClientTool: func,
    header: object({
      enabled: boolean,
      title: object({ enabled: boolean, text: string }),
      leftAction: headerAction,
      rightAction: headerAction,
    }),
    history: object({ enabled: boolean, showDelete: boolean, showRename: boolean }),
    startScreen: object({
      greeting: string,
      prompts: arrayOf(
        object({ label: string, prompt: either(string, userContent), icon: string }, ["label", "prompt"]),
      ),
    }),
    threadItemActions: object({ feedback: boolean, retry: boolean }),
    thread: object({ autoScroll: boolean }),
    composer,
    disclaimer: object({ text: string, highContrast: boolean }, ["text"]),
    entities: object({
      onTagSearch: func,
      showComposerMenu: boolean,
      onClick: func,
      onRequestPreview: func,
    }),
    commands: object({ enabled: boolean, onSearch: func, onSelect: func }, ["enabled"]),
    widgets: object({ onAction: func }),
  },
  ["api"],
);

/** Returns the options when all of them are valid; throws an OptionsError that names the key otherwise. */
export function validateOptions(value: unknown): Options {
  options(value, "");
  return value as Options;
}
