// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { citeSources } from "../src/client/markdown/sources";
import { healMarkdown } from "../src/client/markdown/heal";
import { plainText } from "../src/client/markdown/plain";

const SOURCES = join(import.meta.dirname, "../src");
const SIZES = [500, 2_000, 8_000, 32_000] as const;
/** What four times the text may cost at most: quadratic work costs sixteen times as much. */
const MAX_RATIO = 9;
/** Milliseconds below which a measurement says nothing. */
const NOISE = 20;
const POOL = [..." \n\ta1-=([{<&#*_`>|.,;:/\\@+!\"'~^é"];

/** Every regular expression of the client, by where it stands. */
function expressions(): [string, RegExp][] {
  const found: [string, RegExp][] = [];
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".ts"))) {
    const file = ts.createSourceFile(name, readFileSync(join(SOURCES, name), "utf8"), ts.ScriptTarget.Latest);
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf("/");
        found.push([`${name}: ${node.text}`, new RegExp(node.text.slice(1, end), node.text.slice(end + 1))]);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

/** What the texts of an expression repeat: its own characters in their order, with others between them, and single ones. */
function bodies(pattern: RegExp): string[] {
  const plain = pattern.source
    .replaceAll(/\[\^?(?:\\.|[^\]\\])*\]|\\[a-zA-Z]|\{[\d,]*\}|\(\?<?[:=!]/g, "\0")
    .replaceAll(/\\(.)/g, "$1\0")
    .replaceAll(/(?<![\0\\])[()|?*+^$.]/g, "\0");
  const runs = plain.split(/\0+/).filter(Boolean).slice(0, 8);
  const windows = runs.flatMap((_run, from) => runs.slice(from).map((_end, count) => runs.slice(from, from + count + 1)));
  return [...new Set([...POOL, ...windows.flatMap((run) => [run.join(""), run.join("a"), `${run.join("a")}a`])])];
}

/** CPU milliseconds of this process, the best of two. */
function cost(work: (text: string) => unknown, text: string): number {
  let best = Infinity;
  for (let turn = 0; turn < 2; turn += 1) {
    const began = process.cpuUsage();
    work(text);
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

/** The body with which work grows faster than the text, or nothing. */
function grows(work: (text: string) => unknown, pieces: readonly string[]): string | undefined {
  return pieces.find((body) =>
    ["", "\0", "]x", "\n"].some((end) => {
      const text = (size: number) => body.repeat(size / body.length) + end;
      return SIZES.slice(1).some((size, at) => {
        if (cost(work, text(size)) < NOISE) return false;
        const ratios = [0, 1, 2].map(() => cost(work, text(size)) / Math.max(cost(work, text(SIZES[at] ?? 0)), 0.05));
        return Math.min(...ratios) > MAX_RATIO;
      });
    }),
  );
}

const everywhere = (pattern: RegExp) => {
  const all = new RegExp(pattern.source, [...new Set([...pattern.flags, "g"])].join("").replace("y", ""));
  return (text: string) => text.replaceAll(all, "");
};

describe("regular expressions", () => {
  it("are found", () => {
    expect(expressions().length).toBeGreaterThan(30);
  });

  it.each(expressions())("%s costs no more than the length of its text", { timeout: 60_000 }, (_name, pattern) => {
    expect(grows(everywhere(pattern), bodies(pattern))).toBeUndefined();
  });

  it.each([/\[([^\]]*)\]\([^)]*\)/, /\s+$/, /\/+$/, /a*b?a*c/])("%s would be found", { timeout: 60_000 }, (pattern) => {
    expect(grows(everywhere(pattern), bodies(pattern))).toBeDefined();
  });
});

describe("texts of others", () => {
  const pieces = [...POOL, "[a](", "![", "](", "**", "```\n", "| a ", "- ", "> ", "[a]: "];

  it.each([
    ["completed Markdown", healMarkdown],
    ["Markdown to listen to", plainText],
    ["cited text", (text: string) => citeSources(text, [{ type: "annotation", index: 9, source: { type: "url", title: "A" } }])],
  ] as [string, (text: string) => unknown][])("%s costs no more than its length", { timeout: 120_000 }, (_name, work) => {
    expect(grows(work, pieces)).toBeUndefined();
  });
});
