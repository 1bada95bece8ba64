// Writes schema/mpmake.config.schema.json from src/session/config-schema.ts.
//
//   node scripts/config-schema.mjs           writes it
//   node scripts/config-schema.mjs --check   fails when it is not current
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";
import * as esbuild from "esbuild";
import * as prettier from "prettier";

const root = path.dirname(path.dirname(new URL(import.meta.url).pathname));
const file = path.join(root, "schema", "mpmake.config.schema.json");

const { outputFiles } = await esbuild.build({
  entryPoints: [path.join(root, "src/session/config-schema.ts")],
  bundle: true,
  platform: "node",
  format: "esm",
  write: false,
});
const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`;
const { configJsonSchema } = await import(code);
const options = { ...(await prettier.resolveConfig(pathToFileURL(file))), parser: "json" };
const text = await prettier.format(JSON.stringify(configJsonSchema()), options);

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) {
    console.error("schema/mpmake.config.schema.json is not current: run npm run schema");
    process.exitCode = 1;
  }
} else writeFileSync(file, text);
