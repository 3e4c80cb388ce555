import { expect, it } from "vitest";
import { type Block, Blocks } from "../../src/client/state/blocks";
import type { Turn } from "../../src/client/state/turns";

const turnsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, at): Turn => ({ key: `t${from + at}`, user: null, items: [] }));
const firsts = (blocks: readonly Block[]) => blocks.map(({ turns }) => turns[0]?.key);

it("keeps turns in their blocks, whatever comes before or after them", () => {
  const divided = new Blocks();
  const middle = turnsOf(100, 190);
  const before = divided.of(middle);
  expect(firsts(before)).toEqual(["t100", "t140", "t180"]);
  const older = turnsOf(85, 100);
  const after = divided.of([...older, ...middle]);
  expect(firsts(after)).toEqual(["t85", "t100", "t140", "t180"]);
  expect(after[1]).toBe(before[0]);
  const later = divided.of([...older, ...middle, ...turnsOf(190, 225)]);
  expect(firsts(later)).toEqual(["t85", "t100", "t140", "t180", "t220"]);
  expect(later[2]).toBe(before[1]);
  expect(later[3]?.id).toBe(before[2]?.id);
  expect(new Set(later.map(({ id }) => id)).size).toBe(later.length);
  expect(later.flatMap(({ turns }) => turns)).toHaveLength(140);
});

it("keeps a block whose first turn became the end of an older one", () => {
  const divided = new Blocks();
  const [tail, ...rest] = turnsOf(10, 20);
  const [block] = divided.of([tail as Turn, ...rest]);
  const after = divided.of([...turnsOf(0, 10), ...rest]);
  expect(firsts(after)).toEqual(["t0", "t11"]);
  expect(after[1]?.id).toBe(block?.id);
});

it("parts a full block for what comes into its middle", () => {
  const divided = new Blocks();
  const turns = turnsOf(0, 40);
  divided.of(turns);
  const blocks = divided.of([...turns.slice(0, 39), ...turnsOf(50, 52), ...turns.slice(39)]);
  expect(blocks.flatMap((block) => block.turns)).toHaveLength(42);
  expect(new Set(blocks.map(({ id }) => id)).size).toBe(blocks.length);
});

it("is another block where a turn has changed", () => {
  const divided = new Blocks();
  const turns = turnsOf(0, 50);
  const before = divided.of(turns);
  const after = divided.of(turns.with(45, { ...(turns[45] as Turn) }));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  expect(after[1]?.id).toBe(before[1]?.id);
  expect(firsts(divided.of(turns.slice(0, 20)))).toEqual(["t0"]);
});
