import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  // Chunks are found relative to the importing module, wherever the static files are served from.
  base: "./",
  publicDir: false,
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
