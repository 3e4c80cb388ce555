import type { Turn } from "./turns";

/** So many turns make a block; what is laid out anew is one block, and not a thread of thousands of turns. */
const MOST_TURNS = 40;

export interface Block {
  readonly id: number;
  readonly turns: readonly Turn[];
}

/**
 * Puts turns into blocks. A turn stays in its block, whatever comes before or after it, and a block whose turns are the
 * same as before is the same object.
 */
export class Blocks {
  private blocks: readonly Block[] = [];
  private ids = 0;

  of(turns: readonly Turn[]): readonly Block[] {
    const known = new Map(this.blocks.flatMap((block) => block.turns.map((turn) => [turn.key, block] as const)));
    const blocks: { from: Block | undefined; turns: Turn[] }[] = [];
    for (const turn of turns) {
      const from = known.get(turn.key);
      const last = blocks.at(-1);
      const stays = from ? last?.from === from : last && last.turns.length < MOST_TURNS;
      if (last && stays) last.turns.push(turn);
      else blocks.push({ from, turns: [turn] });
    }
    // What came into the middle of a full block has parted it: only its first half is still that block.
    const taken = new Set<Block>();
    this.blocks = blocks.map(({ from, turns }) => {
      const same = from && !taken.has(from) ? from : undefined;
      if (same) taken.add(same);
      return same && isSame(same.turns, turns) ? same : { id: same?.id ?? ++this.ids, turns };
    });
    return this.blocks;
  }
}

const isSame = (some: readonly Turn[], others: readonly Turn[]) =>
  some.length === others.length && some.every((turn, at) => turn === others[at]);
