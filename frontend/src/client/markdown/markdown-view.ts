import type { Translator } from "../i18n";
import { CodeView } from "./code-view";
import { healMarkdown } from "./heal";
import { type Block, isLocal, parseBlocks } from "./parse";
import type { ContentPolicy } from "./policy";
import { placeCitations, toSafeNodes } from "./sanitize";

export interface MarkdownContent {
  text: string;
  streaming: boolean;
}

export interface MarkdownContext {
  t: Translator["t"];
  policy: ContentPolicy;
  /** Draws the chip for the source whose number stands in the text. */
  chip: (index: number) => Node | null;
}

interface DrawnBlock {
  raw: string;
  nodes: Node[];
  code?: CodeView;
}

/**
 * Draws Markdown into a container, block by block. While text is streamed only the blocks that
 * changed are drawn again, so selections, scroll positions and loaded images above stay as they are.
 */
export class MarkdownView {
  private drawn: DrawnBlock[] = [];
  private last = "";
  private blocks: Block[] = [];

  constructor(
    private readonly container: HTMLElement,
    private readonly context: MarkdownContext,
  ) {}

  update({ text, streaming }: MarkdownContent) {
    const source = streaming ? healMarkdown(text) : text;
    if (source === this.last) return;
    const blocks = this.parse(source, streaming);
    this.blocks = blocks;
    blocks.forEach((block, index) => this.place(block, index));
    for (const extra of this.drawn.splice(blocks.length)) remove(extra);
  }

  /** While text grows only its end can change: all but the last two blocks stay as they were parsed. The whole is parsed once more. */
  private parse(source: string, streaming: boolean): Block[] {
    const kept = streaming && isLocal(source) ? this.blocks.slice(0, -2) : [];
    const from = kept.at(-1)?.end ?? 0;
    const grown = source.startsWith(this.last.slice(0, from));
    this.last = source;
    return grown && from ? [...kept, ...parseBlocks(source, from)] : parseBlocks(source);
  }

  private place(block: Block, index: number) {
    const before = this.drawn[index];
    if (before?.raw === block.raw) return;
    if (before?.code && block.code && before.code.language === block.code.language) {
      before.code.update(block.code.text);
      before.raw = block.raw;
      return;
    }
    const next = this.draw(block);
    const anchor = before?.nodes[0];
    for (const node of next.nodes) this.container.insertBefore(node, anchor ?? this.endOf(index));
    if (before) remove(before);
    this.drawn[index] = next;
  }

  /** The node before which block `index` belongs when it is new. */
  private endOf(index: number): Node | null {
    return this.drawn[index + 1]?.nodes[0] ?? null;
  }

  private draw(block: Block): DrawnBlock {
    const { policy, chip, t } = this.context;
    if (block.code) {
      const code = new CodeView(block.code.language, t);
      code.update(block.code.text);
      return { raw: block.raw, nodes: [code.element], code };
    }
    const fragment = toSafeNodes(block.html(), policy);
    placeCitations(fragment, chip);
    for (const pre of fragment.querySelectorAll("pre")) {
      const code = new CodeView(pre.dataset["lang"] ?? "", t);
      code.update(pre.textContent ?? "");
      pre.replaceWith(code.element);
    }
    // A block may sanitise to nothing; it still needs a place.
    if (!fragment.childNodes.length) fragment.append(document.createTextNode(""));
    return { raw: block.raw, nodes: [...fragment.childNodes] };
  }
}

function remove(block: DrawnBlock) {
  for (const node of block.nodes) (node as ChildNode).remove();
}
