/** Defines the widget element: a chunk of its own, loaded with the first widget. */
import { WidgetElement } from "./widget";

if (!customElements.get("ck-widget")) customElements.define("ck-widget", WidgetElement);
