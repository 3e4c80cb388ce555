import type { LitElement } from "lit";
import type { UploadsElement } from "./uploads";

interface Taker extends LitElement {
  /** Whether files may be attached now. */
  readonly takes: boolean;
  readonly uploads: UploadsElement | null;
  /** What was dropped or pasted could not be taken. */
  lost(files: readonly File[]): void;
}

/** Files that come to the composer: they are kept here until the part that uploads them, which is loaded late, has come. */
export class IncomingFiles {
  waiting = 0;
  /** Files are held over the surface. */
  isTarget = false;

  constructor(private readonly host: Taker) {}

  async take(files: readonly File[]) {
    this.wait(files.length);
    try {
      await import("./uploads");
      await this.host.updateComplete;
      this.host.uploads?.take(files);
    } finally {
      this.wait(-files.length);
    }
  }

  /**
   * Takes what is pasted into the composer, or dropped anywhere on the surface, at once: it is gone after the event,
   * and a browser that nobody stops leaves the page for a file. Text stays the field's affair.
   */
  give(event: ClipboardEvent | DragEvent) {
    this.target(false);
    const given = "dataTransfer" in event ? event.dataTransfer?.files : event.clipboardData?.files;
    if (!given?.length || !this.host.takes) return;
    event.preventDefault();
    const files = [...given];
    this.take(files).catch(() => this.host.lost(files));
  }

  /** Shows where files would go, while they are held over the surface. */
  hold(event: DragEvent, isOver: boolean) {
    if (!this.host.takes || !event.dataTransfer?.types.includes("Files")) return;
    this.target(isOver);
    if (isOver) event.preventDefault();
  }

  private target(isOver: boolean) {
    if (this.isTarget === isOver) return;
    this.isTarget = isOver;
    this.host.requestUpdate();
  }

  private wait(count: number) {
    this.waiting += count;
    this.host.requestUpdate();
  }
}
