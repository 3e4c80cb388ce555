import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { buildChecks } from "./build-checks.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

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

/** For whoever writes scripts for a page of the platform, beside the loader itself. */
const loaderTypes: Plugin = {
  name: "loader-types",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "loader.d.ts", source: readFileSync(path("package/loader.d.ts")) });
  },
};

/** The entries that only pages of the platform load. */
const pages = {
  loader: path("src/loader/index.ts"),
  viewer: path("src/viewer/index.ts"),
  frame: path("src/embed/frame/index.ts"),
};

export default defineConfig(({ mode }) => ({
  // Chunks are found relative to the importing module, wherever the static files are served from.
  base: "./",
  // `--mode package` builds the client by itself, with what npm wants to know of it.
  publicDir: mode === "package" ? path("package") : false,
  plugins: [compactStyles, buildChecks, ...(mode === "package" ? [] : [loaderTypes])],
  build: {
    target: "es2022",
    outDir: path(mode === "package" ? "dist" : "../static/chatkit"),
    emptyOutDir: true,
    // The preload helper would add <link> elements for chunks that the module graph already names.
    modulePreload: false,
    // Lit, highlight.js, Chart.js, marked and the others ask that their notices travel with what is built from them.
    license: { fileName: "licenses.md" },
    cssCodeSplit: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        client: path("src/client/index.ts"),
        ...(mode === "package" ? {} : pages),
      },
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // One chunk for what the parts share, not a dozen of some hundred bytes. Icons stay with those who show them.
        codeSplitting: { groups: [{ name: "shared", test: (id) => !id.includes("lucide"), minShareCount: 2 }] },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
  },
}));
