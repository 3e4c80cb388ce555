import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * The server may hash the entries' file names, and a chunk that imported an entry by its plain name
 * would then load it a second time: every chunk has to do without.
 */
const noImportOfEntries: Plugin = {
  name: "no-import-of-entries",
  generateBundle(_options, bundle) {
    const entries = new Set(Object.values(bundle).flatMap((file) => ("isEntry" in file && file.isEntry ? [file.fileName] : [])));
    for (const file of Object.values(bundle)) {
      if (!("imports" in file)) continue;
      const entry = [...file.imports, ...file.dynamicImports].find((name) => entries.has(name));
      if (entry) this.error(`${file.fileName} imports the entry ${entry}`);
    }
  },
};

/** Stylesheets are template literals, which no minifier touches: take their line breaks out. */
const compactStyles: Plugin = {
  name: "compact-styles",
  transform(code, id) {
    if (!/\/client\/(styles\/|widgets\/styles)/.test(id)) return null;
    const compact = code.replace(/css`[^`]*`/g, (sheet) =>
      sheet.replace(/\/\*[^]*?\*\//g, "").replace(/\s*\n\s*/g, " ").replace(/ ?([{};,]) ?/g, "$1"),
    );
    return { code: compact, map: null };
  },
};

export default defineConfig({
  // Chunks are found relative to the importing module, wherever the static files are served from.
  base: "./",
  publicDir: false,
  plugins: [noImportOfEntries, compactStyles],
  build: {
    target: "es2022",
    outDir: path("../static/chatkit"),
    emptyOutDir: true,
    // The preload helper would add <link> elements for chunks that the module graph already names.
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        client: path("src/client/index.ts"),
        loader: path("src/loader/index.ts"),
      },
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "assets/[name]-[hash].js",
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
  },
});
