/** Draws charts: a chunk of its own, loaded with the first one. */
import {
  BarController, BarElement, CategoryScale, Chart, type ChartDataset, Filler, LinearScale, LineController, LineElement,
  PointElement, Tooltip,
} from "chart.js";
import type { ChartData, Series } from "./data";

Chart.register(
  BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip,
);

export type Drawing = Pick<Chart, "destroy">;
export function drawChart(canvas: HTMLCanvasElement, data: ChartData, locale: string, isFirst: boolean): Drawing {
  const paint = painter(canvas);
  const { fontFamily, direction } = getComputedStyle(canvas);
  const stacked = data.series.some(({ stack }) => stack);
  const [muted, line, raised, front] = ["--ck-muted", "--ck-border", "--ck-raised", "--ck-fg"].map((name) => paint(`var(${name})`));
  const still = !isFirst || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const font = { family: fontFamily, size: 12 };
  const ticks = { color: muted, font, padding: 8 };
  return new Chart<"bar" | "line", (number | null)[]>(canvas, {
    type: "bar",
    data: {
      labels: data.rows.map(({ name }) => name),
      datasets: data.series.map((series, index) => ({
        label: series.label,
        data: data.rows.map(({ values }) => values[index] ?? null),
        // In a stacked chart what is not of a stack is one of its own.
        ...(stacked ? { stack: series.stack ?? `#${index}` } : {}),
        ...lookOf(series, paint(series.color), data),
      })),
    },
    options: {
      locale,
      animation: still ? false : { duration: 500 },
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      // Room for the outermost points.
      layout: { padding: { top: 6, left: 2, right: 6 } },
      scales: {
        x: {
          stacked,
          reverse: direction === "rtl",
          display: data.showXAxis,
          grid: { display: false },
          border: { color: line },
          ticks: { ...ticks, autoSkipPadding: 16, maxRotation: 0 },
        },
        y: {
          stacked,
          beginAtZero: true,
          position: direction === "rtl" ? "right" : "left",
          border: { display: false },
          grid: { color: line, drawTicks: false },
          ticks: { ...ticks, display: data.showYAxis, maxTicksLimit: 6 },
        },
      },
      plugins: {
        tooltip: {
          enabled: data.showTooltip,
          rtl: direction === "rtl",
          backgroundColor: raised,
          borderColor: line,
          borderWidth: 1,
          titleColor: front,
          bodyColor: front,
          titleFont: { ...font, weight: 600 },
          bodyFont: font,
          padding: 10,
          cornerRadius: 10,
          boxPadding: 6,
          usePointStyle: true,
          caretSize: 0,
        },
      },
    },
  });
}

type Look<T extends "bar" | "line"> = Omit<ChartDataset<T, (number | null)[]>, "data">;

function lookOf(series: Series, tone: string, data: ChartData): Look<"bar"> | Look<"line"> {
  const colors = { backgroundColor: tone, borderColor: tone, pointBackgroundColor: tone };
  if (series.type === "bar") return { ...colors, type: "bar", borderRadius: series.stack ? 2 : 5, maxBarThickness: 56, ...gaps(data) };
  const area = series.type === "area";
  return {
    ...colors,
    ...curve(series.curve),
    type: "line",
    // Lines lie over areas and bars.
    order: area ? 0 : -1,
    borderWidth: 2,
    pointRadius: data.rows.length > 1 ? 0 : 3,
    pointHoverRadius: 4,
    pointHitRadius: 12,
    fill: area ? (series.stack ? "stack" : "origin") : false,
    ...(area ? { backgroundColor: translucent(tone) } : {}),
  };
}

/** Curve names are d3's. Chart.js has steps, straight lines, curves that never overshoot, and soft ones. */
function curve(name: string): Pick<Look<"line">, "stepped" | "tension" | "cubicInterpolationMode"> {
  if (name === "step") return { stepped: "middle" };
  // d3 names where the step is taken, Chart.js which value holds.
  if (name === "stepBefore") return { stepped: "after" };
  if (name === "stepAfter") return { stepped: "before" };
  if (name.startsWith("monotone") || name.startsWith("bump")) return { cubicInterpolationMode: "monotone" };
  return { tension: name.startsWith("basis") || name === "natural" ? 0.4 : 0 };
}

/** Gaps in pixels, as shares of the width that a category has when it is drawn. */
function gaps({ barGap, barCategoryGap, rows, series }: ChartData): Pick<Look<"bar">, "barPercentage" | "categoryPercentage"> {
  const bars = new Set(series.filter(({ type }) => type === "bar").map(({ stack }, index) => stack ?? `#${index}`)).size;
  const share = (chart: Chart, gap: number, parts: number) => {
    const width = (chart.chartArea?.width || chart.width || 1) / Math.max(1, rows.length);
    return Math.max(0.05, 1 - (gap * parts) / width);
  };
  return {
    categoryPercentage: 0.7,
    barPercentage: 0.9,
    ...(barCategoryGap === null
      ? {}
      : { categoryPercentage: (({ chart }: { chart: Chart }) => share(chart, barCategoryGap, 1)) as unknown as number }),
    ...(barGap === null
      ? {}
      : { barPercentage: (({ chart }: { chart: Chart }) => share(chart, barGap, bars)) as unknown as number }),
  };
}

/** Canvases know no variables: the canvas element itself works out what a colour is where it stands. */
function painter(canvas: HTMLCanvasElement) {
  return (css: string) => {
    canvas.style.setProperty("color", css);
    const found = getComputedStyle(canvas).color;
    canvas.style.removeProperty("color");
    return found;
  };
}

/** A quarter of a colour that is written in any way. */
const translucent = (tone: string) => {
  const probe = new OffscreenCanvas(1, 1).getContext("2d");
  if (!probe) return tone;
  probe.fillStyle = tone;
  probe.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
  return `rgb(${red} ${green} ${blue} / 0.24)`;
};
