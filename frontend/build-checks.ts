/** What a build must hold; each check fails it with the reason. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Compressed bytes of everything the client loads before it shows anything. */
const FIRST_LOAD_BUDGET = 60 * 1024;

interface Chunk {
  fileName: string;
  isEntry: boolean;
  name: string;
  code: string;
  imports: string[];
  dynamicImports: string[];
}

/**
 * The server may hash the entries' file names, and a chunk that imported an entry by its plain name
 * would then load it a second time: every chunk has to do without.
 */
function entryImportedByChunk(chunks: Chunk[]): string | null {
  const entries = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  for (const { fileName, imports, dynamicImports } of chunks) {
    const entry = [...imports, ...dynamicImports].find((name) => entries.has(name));
    if (entry) return `${fileName} imports the entry ${entry}`;
  }
  return null;
}

/** The client's entry and every chunk that it imports outright. */
function firstLoad(chunks: Chunk[]): Chunk[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const wanted = new Set(chunks.filter((chunk) => chunk.isEntry && chunk.name === "client"));
  for (const chunk of wanted) {
    for (const name of chunk.imports) {
      const imported = byName.get(name);
      if (imported) wanted.add(imported);
    }
  }
  return [...wanted];
}

export const buildChecks: Plugin = {
  name: "build-checks",
  writeBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const problem = entryImportedByChunk(chunks);
    if (problem) this.error(problem);
    const size = firstLoad(chunks).reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0);
    this.info(`first load of the client: ${(size / 1024).toFixed(1)} KiB gzip`);
    if (size > FIRST_LOAD_BUDGET) this.error(`first load of the client is ${size} bytes, more than ${FIRST_LOAD_BUDGET}`);
  },
};
