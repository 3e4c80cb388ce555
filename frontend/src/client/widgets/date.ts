import { html, nothing } from "lit";
import { state } from "lit/decorators.js";
import type { WidgetView } from "./context";
import { PickerElement } from "./picker";
import { text } from "./values";

export const datePicker: WidgetView = (node, context) => html`<ck-date .node=${node} .context=${context}></ck-date>`;

/** The day of an ISO date or time; times of other zones keep the day that they were written with. */
const day = (value: unknown) => /^\d{4}-\d{2}-\d{2}/.exec(text(value))?.[0] ?? "";

/** Today where the reader is. */
const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

const SUNDAY = 0;

function firstDayOfWeek(locale: string): number {
  try {
    const info = new Intl.Locale(locale) as Intl.Locale & { getWeekInfo?(): { firstDay: number } };
    return (info.getWeekInfo?.().firstDay ?? 1) % 7;
  } catch {
    return SUNDAY + 1;
  }
}

/** A calendar beside a button; the calendar comes with the first one that is opened. */
export class DateElement extends PickerElement {
  /** A day of the month in sight; until one has turned the pages, it follows from the value. */
  @state() private seen = "";
  /** The calendar cannot be had: the browser's own field has to do. */
  @state() private failed = false;
  protected readonly icon = "calendar";

  protected get hint() {
    return this.t("widget.chooseDate");
  }

  protected override initial() {
    return day(this.node["defaultValue"]);
  }

  protected override words() {
    return this.value && this.format(this.value, { dateStyle: "medium" });
  }

  private format(day: string, options: Intl.DateTimeFormatOptions) {
    const format = new Intl.DateTimeFormat(this.context.ui.strings.locale, { ...options, timeZone: "UTC" });
    return format.format(new Date(`${day}T00:00:00Z`));
  }

  /** Where the calendar opens: at the value, or as near to today as it may. */
  private get first() {
    const [min, max] = [day(this.node["min"]), day(this.node["max"])];
    const wanted = this.value || today();
    if (min && wanted < min) return min;
    return max && wanted > max ? max : wanted;
  }

  protected override content() {
    const { locale } = this.context.ui.strings;
    const [min, max] = [day(this.node["min"]) || nothing, day(this.node["max"]) || nothing];
    if (this.failed) {
      return html`<input class="input" type="date" aria-label=${this.hint} min=${min} max=${max} .value=${this.value} @change=${this.onPick} />`;
    }
    return html`<calendar-date
      locale=${locale}
      value=${this.value}
      min=${min}
      max=${max}
      first-day-of-week=${firstDayOfWeek(locale)}
      @change=${this.onPick}
      @focusday=${this.onFocusDay}
    >
      <span slot="heading" aria-hidden="true">${this.format(this.seen || this.first, { month: "long", year: "numeric" })}</span>
      <span slot="previous"><ck-icon name="chevron-left"></ck-icon><span class="sr-only">${this.t("widget.previousMonth")}</span></span>
      <span slot="next"><ck-icon name="chevron-right"></ck-icon><span class="sr-only">${this.t("widget.nextMonth")}</span></span>
      <calendar-month></calendar-month>
    </calendar-date>`;
  }

  protected override async focusContent() {
    this.seen = "";
    try {
      await loadCalendar();
    } catch {
      this.failed = true;
    }
    await this.updateComplete;
    if (!this.isOpen) return;
    this.place();
    // The calendar draws itself first.
    requestAnimationFrame(() => this.popup.querySelector<HTMLElement>("calendar-date, input")?.focus());
  }

  private readonly onFocusDay = (event: CustomEvent<Date>) => {
    this.seen = event.detail.toISOString().slice(0, 10);
  };
  private readonly onPick = (event: Event) => void this.pick((event.target as HTMLInputElement).value);
}

/** A page that has this calendar already keeps its own. */
const loadCalendar = async () => {
  if (!customElements.get("calendar-date")) await import("cally");
};
