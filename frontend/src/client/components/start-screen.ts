import type { StartScreenOption, StartScreenPrompt } from "@openai/chatkit";
import { html, nothing } from "lit";
import type { Translator } from "../i18n";

export function greetingView(option: StartScreenOption, { t }: Translator) {
  return html`<div class="greeting" part="greeting"><h2 dir="auto">${option.greeting ?? t("start.greeting")}</h2></div>`;
}

export function promptsView(
  option: StartScreenOption,
  { t }: Translator,
  choose: (prompt: StartScreenPrompt) => void,
  inert: boolean,
) {
  const prompts = option.prompts ?? [];
  if (!prompts.length) return nothing;
  return html`<div class="prompts" part="prompts" role="group" aria-label=${t("start.prompts")} ?inert=${inert}>
    <ul class="column">
      ${prompts.map((prompt) => {
        const onClick = () => choose(prompt);
        return html`<li>
          <button type="button" class="prompt" part="prompt" @click=${onClick}>
            <ck-icon name=${prompt.icon ?? "sparkle"}></ck-icon><span dir="auto">${prompt.label}</span>
          </button>
        </li>`;
      })}
    </ul>
  </div>`;
}
