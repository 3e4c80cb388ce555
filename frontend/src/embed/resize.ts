/** The free edges and the free corner of the panel, by which whoever uses it makes it larger or smaller. */
import { node } from "./nodes";
import { AROUND, STANDARD } from "./styles";

interface Size {
  width: number;
  height: number;
}

const SMALLEST: Size = { width: 320, height: 400 };

/** Pixels of a press on an arrow key. */
const STEP = 24;

/** The size that somebody gave to the panel of an embed, in this browser; null is the standard one. */
export class SizeStore {
  private readonly key: string;

  constructor(embed: string, private readonly storage: Storage | undefined) {
    this.key = `chatplatform.${embed}.size`;
  }

  read(): Size | null {
    try {
      const { width, height } = JSON.parse(this.storage?.getItem(this.key) ?? "{}") as Partial<Size>;
      return Number.isFinite(width) && Number.isFinite(height) ? ({ width, height } as Size) : null;
    } catch {
      return null;
    }
  }

  keep(size: Size | null): void {
    try {
      if (size) this.storage?.setItem(this.key, JSON.stringify(size));
      else this.storage?.removeItem(this.key);
    } catch {
      // A full or forbidden storage: the next page has the standard size.
    }
  }
}

export class Grips {
  /** The corner is for the keyboard, too; the edges are for pointers alone. */
  readonly elements: readonly HTMLElement[];
  private size: Size | null = null;

  constructor(
    private readonly panel: HTMLElement,
    private readonly side: "left" | "right",
    label: string,
    private readonly store: SizeStore,
  ) {
    const corner = node("button", {
      class: "grip corner",
      type: "button",
      "aria-label": label,
      "aria-keyshortcuts": "ArrowUp ArrowDown ArrowLeft ArrowRight Home End",
      title: label,
    });
    corner.addEventListener("keydown", (event) => this.press(event));
    // A press of a key counts no clicks. Two clicks do without dragging, for those who cannot.
    corner.addEventListener("click", ({ detail }) => {
      if (detail === 0 || detail === 2) this.finish(this.size ? null : largest());
    });
    const edges = ["top", "side"].map((edge) => node("div", { class: `grip ${edge}` }));
    this.elements = [...edges, corner];
    for (const grip of this.elements) {
      grip.addEventListener("pointerdown", (event) => {
        if (event.isPrimary && event.button === 0) this.drag(grip, event);
      });
    }
    this.show(store.read());
  }

  private drag(grip: HTMLElement, { pointerId, clientX, clientY }: PointerEvent): void {
    const { offsetWidth, offsetHeight } = this.panel;
    const outwards = this.side === "right" ? 1 : -1;
    const moved = (move: PointerEvent) =>
      this.show(
        this.sized({
          ...(grip.matches(".top") ? {} : { width: offsetWidth + (clientX - move.clientX) * outwards }),
          ...(grip.matches(".side") ? {} : { height: offsetHeight + clientY - move.clientY }),
        }),
      );
    const dropped = () => {
      grip.removeEventListener("pointermove", moved);
      this.panel.classList.remove("is-resizing");
      this.store.keep(this.size);
    };
    grip.setPointerCapture(pointerId);
    this.panel.classList.add("is-resizing");
    grip.addEventListener("pointermove", moved);
    grip.addEventListener("lostpointercapture", dropped, { once: true });
  }

  /** Arrows move the corner their way. */
  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { offsetWidth: width, offsetHeight: height } = this.panel;
    const [wider, narrower] = this.side === "right" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const sizes: Record<string, () => Size | null> = {
      [wider]: () => this.sized({ width: width + STEP }),
      [narrower]: () => this.sized({ width: width - STEP }),
      ArrowUp: () => this.sized({ height: height + STEP }),
      ArrowDown: () => this.sized({ height: height - STEP }),
      Home: () => null,
      End: largest,
    };
    const size = sizes[event.key];
    if (!size) return;
    event.preventDefault();
    this.finish(size());
  }

  /** The side that nobody moves stays as it was wanted, even where the window has no room for it now. */
  private sized(change: Partial<Size>): Size {
    const most = largest();
    const within = (side: keyof Size) =>
      change[side] === undefined
        ? (this.size ?? STANDARD)[side]
        : Math.round(Math.max(SMALLEST[side], Math.min(change[side], most[side])));
    return { width: within("width"), height: within("height") };
  }

  private finish(size: Size | null): void {
    this.show(size);
    this.store.keep(size);
  }

  /** Set by script, which no Content-Security-Policy forbids; the style sheet keeps it within the window. */
  private show(size: Size | null): void {
    this.size = size;
    for (const side of ["width", "height"] as const) {
      if (size) this.panel.style.setProperty(`--${side}`, `${Math.max(SMALLEST[side], size[side])}px`);
      else this.panel.style.removeProperty(`--${side}`);
    }
  }
}

const largest = (): Size => ({ width: innerWidth - AROUND.width, height: innerHeight - AROUND.height });
