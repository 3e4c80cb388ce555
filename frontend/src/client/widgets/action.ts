/** An action as widgets carry it. */
export interface ActionConfig {
  type: string;
  payload?: Record<string, unknown>;
  handler?: "server" | "client";
  loadingBehavior?: "auto" | "none" | "self" | "container";
  /** false: answered by one updated item instead of a stream. */
  streaming?: boolean;
}

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

/** The values of a form's fields by name; a lone checkbox is true or false. */
export function formValues(form: HTMLFormElement): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const element of form.elements) {
    const field = element as HTMLInputElement;
    if (!field.name || field.disabled) continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "radio") {
      if (field.checked) values[field.name] = field.value;
    } else if (field.type === "number") values[field.name] = field.value === "" ? null : field.valueAsNumber;
    else values[field.name] = field.value;
  }
  return values;
}
