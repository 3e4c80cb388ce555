/** Every component and property that ChatKit declares, in its types or in its Python package, does something here. */
import { afterEach, expect, it } from "vitest";
import type { WidgetNode } from "../../../src/client/protocol/types";
import { VIEWS } from "../../../src/client/widgets/widget";
import { declared } from "./declared";
import { settled, show } from "./render";

const PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
const action = { type: "tell", payload: {} };
const text = (value: string, more = {}) => ({ type: "Text", value, ...more });

/** What a component needs to be seen at all. */
const BASES: Record<string, Omit<WidgetNode, "type">> = {
  Card: { children: [text("words")] },
  ListView: { children: Array.from({ length: 9 }, () => ({ type: "ListViewItem", children: [text("item")] })) },
  Transition: {},
  Text: { value: "words" },
  Icon: { name: "bolt" },
  Image: { src: PIXEL },
  Button: { label: "Go", iconStart: "bolt" },
  Input: { name: "field" },
  Textarea: { name: "field", autoResize: true },
  Select: { name: "field", options: [{ value: "a", label: "A" }, { value: "b", label: "B" }] },
  DatePicker: { name: "field", defaultValue: "2026-07-14" },
  Checkbox: { name: "field" },
  RadioGroup: { name: "field", options: [{ value: "a", label: "A" }] },
  Label: { value: "words", fieldName: "field" },
  Table: {},
  Chart: {
    data: [{ day: "Mon", sold: 3, kept: 4 }],
    series: [{ type: "bar", dataKey: "sold", label: "Sold" }],
    xAxis: { dataKey: "day" },
  },
};
const EDITABLE = { name: "field" };

/** Values to try, by property; those of one component by its name. Literal values come from the declarations. */
const SAMPLES: Record<string, unknown[]> = {
  align: ["end"], asForm: [true], aspectRatio: [2], background: ["#123456"], barCategoryGap: [7], barGap: [7], block: [true],
  border: [3], cancel: [{ label: "No", action }], "cancel.action": [action], "cancel.label": ["Never"], clearable: [true],
  collapsed: [true], colSpan: [2], color: ["#123456"], confirm: [{ label: "Yes", action }], "confirm.action": [action],
  "confirm.label": ["Surely"], data: [[{ day: "Tue", sold: 4 }]], defaultChecked: [true], defaultValue: ["2026-01-02", "b", "a"],
  disabled: [true], editable: [EDITABLE], fieldName: ["other"], flex: [2], flush: [true], frame: [true], gap: [5],
  header: [true], height: [90], iconEnd: ["star"], iconStart: ["star"], italic: [true], label: ["Words"], limit: [2],
  lineThrough: [true], margin: [3], max: ["2026-12-31"], maxHeight: [90], maxLines: [2], maxRows: [9], maxSize: [90],
  maxWidth: [90], min: ["2026-01-01"], minHeight: [90], minLines: [2], minSize: [90], minWidth: [90], multiple: [true],
  name: ["star"], padding: [3], pill: [false, true], placeholder: ["Say"], required: [true], rowSpan: [2], rows: [7],
  ariaLabel: ["Choices"], autoResize: [false], searchable: [true], showLegend: [false], showTooltip: [false],
  showYAxis: [true], size: [90], spacing: [3], src: [`${PIXEL}=`], alt: ["Sea"], streaming: [true], submit: [true],
  truncate: [true], uniform: [true], value: ["other"], width: [90], autoFocus: [true], pattern: ["[a-z]+"],
  allowAutofillExtensions: [true], options: [[{ value: "c", label: "C" }]], series: [[]], xAxis: ["sold"],
  "series.type": ["line"], "series.label": ["Gone"], "series.dataKey": ["kept"], "series.stack": ["all"],
  "series.color": ["#123456"], "series.curveType": ["step"], "xAxis.dataKey": ["kept"], "xAxis.hide": [true],
  "xAxis.labels": [{ Mon: "Monday" }], "options.value": ["z"], "options.label": ["Zed"], "options.disabled": [true],
  "options.description": ["More"], "status.text": ["Said"], "status.icon": ["star"], "status.favicon": [PIXEL],
  "status.frame": [true], status: [{ text: "Said" }], "editable.name": ["other"], "editable.autoFocus": [true],
  "editable.autoComplete": ["email"], "editable.allowAutofillExtensions": [true], "editable.pattern": ["[a-z]+"],
  "editable.placeholder": ["Say"], "editable.required": [true], children: [[text("more")]],
  "Chart.size": [90], "Transition.children": [text("more")], "Table.children": [[{ type: "Table.Row", children: [] }]],
  "Table.Row.children": [[{ type: "Table.Cell", children: [text("cell")] }]],
  "ListView.children": [[{ type: "ListViewItem", children: [] }]], "Button.color": ["danger"],
};

/** Not to be seen in what is drawn, for a reason. */
const ELSEWHERE: Record<string, string> = {
  key: "keeps what a component has when its place changes: actions.test.ts",
  id: "is how streamed text finds its component: reducer.test.ts",
  autoSelect: "selects on focus: fields.test.ts",
  "editable.autoSelect": "selects on focus: fields.test.ts",
  side: "is a matter of geometry: place.test.ts",
  "DatePicker.align": "is a matter of geometry: place.test.ts",
};

const ACTIONS = ["onClickAction", "onSubmitAction", "onChangeAction", "confirm.action", "cancel.action"];

/** A component in the smallest widget that it can be in; `change` of it by a path. */
function widgetWith(component: string, path?: string, value?: unknown): WidgetNode {
  const node: Record<string, unknown> = structuredClone({ type: component, ...BASES[component] });
  if (path) {
    const [first = "", inner] = path.split(".");
    if (!inner) node[first] = value;
    else {
      const whole = node[first] ?? (first === "editable" ? EDITABLE : first === "status" ? { text: "Words", favicon: inner === "icon" ? "" : PIXEL } : { label: "Yes", action });
      const changed = (one: unknown) => ({ ...(one as object), [inner]: value });
      node[first] = Array.isArray(whole) ? whole.map(changed) : changed(whole);
    }
  }
  const widget = node as WidgetNode;
  if (["Card", "ListView", "Basic"].includes(component)) return widget;
  if (component === "ListViewItem") return { type: "ListView", children: [widget] };
  if (component === "Table.Cell") return { type: "Card", children: [{ type: "Table", children: [{ type: "Table.Row", children: [widget] }] }] };
  if (component === "Table.Row") {
    const row = { ...widget, children: widget.children ?? [{ type: "Table.Cell", children: [] }] };
    return { type: "Card", children: [{ type: "Table", children: [row] }] };
  }
  return { type: "Card", children: [widget] };
}

/** Everything that a widget shows, with what it opens. */
async function seen(widget: WidgetNode): Promise<string> {
  const { element } = await show(widget);
  element.querySelector<HTMLElement>("[popover]")?.showPopover();
  await settled(element);
  const chart = element.querySelector("ck-chart") as { data?: unknown } | null;
  return element.outerHTML.replace(/<!--.*?-->/g, "") + (chart ? JSON.stringify(chart.data) : "");
}

async function actsOn(widget: WidgetNode): Promise<string[]> {
  const { element, asked } = await show(widget);
  for (const control of element.querySelectorAll<HTMLElement>("button")) control.click();
  for (const control of element.querySelectorAll("input, select")) control.dispatchEvent(new Event("change", { bubbles: true }));
  for (const form of element.querySelectorAll("form")) form.dispatchEvent(new Event("submit", { cancelable: true }));
  return asked.map((request) => request.action.type);
}

afterEach(() => document.body.replaceChildren());

for (const [component, properties] of Object.entries(declared)) {
  it(`draws ${component} with each of its properties`, async () => {
    expect(Object.keys(VIEWS)).toContain(component.split(".")[0]);
    const without: string[] = [];
    for (const [path, literals] of Object.entries(properties)) {
      if (ELSEWHERE[`${component}.${path}`] ?? ELSEWHERE[path]) continue;
      const samples = literals.length ? literals : (SAMPLES[`${component}.${path}`] ?? SAMPLES[path] ?? (ACTIONS.includes(path) ? [] : undefined));
      expect(samples, `Nothing to try for ${component}.${path}: add it to SAMPLES`).toBeDefined();
      if (!(await matters(component, path, samples ?? []))) without.push(path);
    }
    expect(without).toEqual([]);
  });
}

/** Whether one of some values of a property changes what is seen; whether an action is carried out. */
async function matters(component: string, path: string, samples: unknown[]): Promise<boolean> {
  if (ACTIONS.includes(path)) return (await actsOn(widgetWith(component, path, { type: "told" }))).includes("told");
  const [first] = path.split(".");
  const plain = await seen(path.includes(".") ? widgetWith(component, first, contextOf(component, path)) : widgetWith(component));
  for (const value of samples) if ((await seen(widgetWith(component, path, value))) !== plain) return true;
  return false;
}

/** The object that a property within it is compared without. */
function contextOf(component: string, path: string): unknown {
  const first = path.split(".")[0] ?? "";
  const whole = widgetWith(component, path, undefined);
  const find = (node: WidgetNode): unknown =>
    node.type === component ? node[first] : [node.children ?? []].flat().map(find).find((found) => found !== undefined);
  return find(whole);
}

it("draws no component that is not declared", () => {
  expect(Object.keys(VIEWS).filter((name) => !Object.hasOwn(declared, name))).toEqual([]);
});
