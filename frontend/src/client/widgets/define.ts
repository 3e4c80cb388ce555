/** Defines the elements of widgets: a chunk of its own, loaded with the first widget. */
import { ChartElement } from "./chart";
import { DateElement } from "./date";
import { SelectElement } from "./select";
import { WidgetElement } from "./widget";

const elements: Record<string, CustomElementConstructor> = {
  "ck-select": SelectElement,
  "ck-date": DateElement,
  "ck-chart": ChartElement,
  "ck-widget": WidgetElement,
};

for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element);
}
