import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The script of other sites: one classic script, which leaves nothing in their global scope but what it says. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    outDir: path("../static/chatkit"),
    emptyOutDir: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: path("src/embed/index.ts"),
      output: { format: "iife", entryFileNames: "embed.js" },
    },
  },
});
