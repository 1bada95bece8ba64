// What the linter asks beyond the compiler: types used strictly, promises awaited, and the world kept out of the pure rooms.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The rooms above the pure line: no Node, no process, no clock, no randomness. See docs/design.md. */
const PURE = ["base", "events", "makefile", "wire", "placement", "rules", "graph", "sched"];

const PROCESS_STATE = {
  selector: "MemberExpression[object.name='process'][property.name=/^(cwd|chdir|env|argv)$/]",
  message:
    "only cli/, os/ and the library read the process's directory, environment and arguments: take them as arguments",
};

const CLOCK_AND_CHANCE = ["Date[now]", "Math[random]"].map((name) => {
  const [, object, property] = /^(\w+)\[(\w+)\]$/.exec(name) ?? [];
  return {
    selector: `MemberExpression[object.name='${object}'][property.name='${property}']`,
    message: "above the pure line the time and chance arrive as arguments",
  };
});

const NEW_DATE = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: CLOCK_AND_CHANCE[0].message,
};

export default defineConfig(
  globalIgnores(["dist/", "coverage/", "fixtures/", "**/*.tmp/"]),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": true }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-import-type-side-effects": "off",
      "@typescript-eslint/no-shadow": "error",
      "@typescript-eslint/promise-function-async": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-empty": ["error", { allowEmptyCatch: false }],
      "no-control-regex": "off",
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 400 }],
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/cli/**", "src/os/**", "src/index.ts", "src/mexec.ts", ...PURE.map((room) => `src/${room}/**`)],
    rules: { "no-restricted-syntax": ["error", PROCESS_STATE] },
  },
  {
    files: PURE.map((room) => `src/${room}/**/*.ts`),
    rules: {
      "no-restricted-syntax": ["error", PROCESS_STATE, ...CLOCK_AND_CHANCE, NEW_DATE],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["node:*"], message: "no Node above the pure line: declare a port" }] },
      ],
      "no-restricted-globals": [
        "error",
        "process",
        "Buffer",
        "performance",
        "crypto",
        "setTimeout",
        "setInterval",
        "setImmediate",
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "Buffer", "URL", "performance", "module", "require", "setTimeout", "clearTimeout"].map(
          (name) => [name, "readonly"],
        ),
      ),
    },
  },
  {
    files: ["scripts/tool-loader.cjs"],
    languageOptions: { globals: { __tool: "readonly", __filename: "readonly", __dirname: "readonly" } },
  },
);
