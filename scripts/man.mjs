// Writes the man pages, man/NAME.SECTION, from docs/man/NAME.SECTION.md.
//
//   node scripts/man.mjs           writes them
//   node scripts/man.mjs --check   fails when one is not current
//
// A list whose items have an empty line in them is one of terms: the first paragraph is the term, the others say what it means.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Marked } from "marked";
import markedMan from "marked-man";
import { root } from "./project.mjs";

/** The day on which what the pages say was last looked through. */
const DATE = "2026-11-21";
const MANUALS = { 1: "User Commands", 8: "System Administration" };
const SOURCES = path.join(root, "docs", "man");
const PAGES = path.join(root, "man");

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

const marked = new Marked(markedMan, {
  breaks: false,
  renderer: {
    list: (body) => body,
    listitem(text) {
      const [empty, term, ...meaning] = text.split(/^\.P\n/m).map((part) => part.trim());
      if (empty !== "" || term === undefined) return `.IP \\(bu 2\n${text.trim()}\n`;
      return `.TP\n${term}\n${meaning.join("\n.IP\n")}\n`;
    },
  },
});

/** @param name - such as mexecd.8 */
function pageOf(name) {
  const [tool, section] = name.split(".");
  const roff = marked.parse(readFileSync(path.join(SOURCES, `${name}.md`), "utf8"));
  const [, ...body] = roff.split("\n");
  const head = `.TH ${tool.toUpperCase()} ${section} ${DATE} "mpmake ${version}" "${MANUALS[section]}"\n`;
  return head + body.join("\n").replaceAll(/^(\.SH .*\n)\.P\n/gm, "$1");
}

const names = readdirSync(SOURCES).map((file) => file.replace(/\.md$/, ""));
const pages = new Map(names.map((name) => [name, pageOf(name)]));
mkdirSync(PAGES, { recursive: true });
const surplus = readdirSync(PAGES).filter((name) => !pages.has(name));

if (process.argv.includes("--check")) {
  const read = (name) => (existsSync(path.join(PAGES, name)) ? readFileSync(path.join(PAGES, name), "utf8") : "");
  const stale = [...names.filter((name) => read(name) !== pages.get(name)), ...surplus];
  for (const name of stale) console.error(`man/${name} is not current: run npm run man`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const name of surplus) rmSync(path.join(PAGES, name));
  for (const [name, text] of pages) writeFileSync(path.join(PAGES, name), text);
}
