/** An action as widgets carry it. */
export interface ActionConfig {
  type: string;
  payload?: Record<string, unknown>;
  handler?: "server" | "client";
  loadingBehavior?: LoadingBehavior;
  /** false: answered by one updated item instead of a stream. */
  streaming?: boolean;
}

/** What shows that an action is under way: nothing, what started it, or the whole widget. */
export type Loading = "none" | "self" | "container";
export type LoadingBehavior = Loading | "auto";

export interface ActionRequest {
  action: ActionConfig;
  /** Values of the form that the action belongs to. */
  values: Record<string, unknown>;
}

export function asAction(value: unknown): ActionConfig | null {
  return typeof value === "object" && value !== null && typeof (value as ActionConfig).type === "string"
    ? (value as ActionConfig)
    : null;
}

/** Puts form values under their (dotted) names. A name that the payload already has is left alone. */
export function withValues(
  payload: Record<string, unknown> = {},
  values: Record<string, unknown>,
): { payload: Record<string, unknown>; collisions: string[] } {
  const merged = structuredClone(payload);
  const collisions: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const path = name.split(".");
    const last = path.pop() ?? name;
    let target: Record<string, unknown> | null = merged;
    for (const step of path) {
      const next: unknown = Object.hasOwn(target, step) ? target[step] : (target[step] = Object.create(null));
      if (typeof next !== "object" || next === null) {
        target = null;
        break;
      }
      target = next as Record<string, unknown>;
    }
    if (!target || Object.hasOwn(target, last)) collisions.push(name);
    else target[last] = value;
  }
  return { payload: merged, collisions };
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The values of a form's fields by name; a lone checkbox is true or false. */
export function formValues(form: HTMLFormElement): Record<string, unknown> {
  return valuesOf([...form.elements] as Field[]);
}

/** A control outside of any form still says what was chosen. */
export const ownValue = (element: HTMLElement) => valuesOf([element as Field]);

function valuesOf(fields: Field[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    // Radio buttons go by another name in the page, where groups of several widgets must not meet.
    const name = field.dataset["field"] ?? field.name;
    if (!name || field.disabled) continue;
    if (field.type === "radio") {
      if ((field as HTMLInputElement).checked) values[name] = field.value;
    } else values[name] = valueOf(field);
  }
  return values;
}

function valueOf(field: Field): unknown {
  if (field.type === "checkbox") return (field as HTMLInputElement).checked;
  if (field.type === "number") return field.value === "" ? null : (field as HTMLInputElement).valueAsNumber;
  return field.value;
}
