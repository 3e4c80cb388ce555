import js from "@eslint/js";
import { configs as lit } from "eslint-plugin-lit";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", "coverage/", "dist/"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  lit["flat/recommended"],
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "lit/no-template-bind": "error",
      "lit/no-invalid-html": "error",
      "no-restricted-globals": ["error", "eval"],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Sanitise first: see markdown/sanitize.ts." },
      ],
      "no-restricted-syntax": [
        "error",
        ...[
          "[property.name='lang'][object.property.name='documentElement']",
          "[property.name=/^languages?$/][object.name='navigator']",
          "[property.name=/^languages?$/][object.property.name='navigator']",
        ].map((what) => ({
          selector: `MemberExpression${what}`,
          message: "It need not be a language tag: src/locale.ts reads it.",
        })),
      ],
    },
  },
  { files: ["src/locale.ts", "tests/**"], rules: { "no-restricted-syntax": "off" } },
);
