/** Key files that the tools of announcements are not to take: each ends at once, says which file and why, and has done nothing. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const dist = join(import.meta.dirname, "../../dist");

/** How each tool is called with a key file, and which file is its own. */
const TOOLS = [
  { tool: "cexec", own: "app.pub", words: (file: string) => [file] },
  { tool: "cservice", own: "app", words: (file: string) => [file, "sh", "-c", "echo run >>ran"] },
  { tool: "crat", own: "app.pub", words: (file: string) => [file] },
  {
    tool: "cproxy",
    own: "app.relay",
    words: (file: string) => ["--key", file, "lo:239.192.0.1:3999", "lo:239.192.0.2:3999"],
  },
] as const;

interface Spoiling {
  readonly title: string;
  readonly said: RegExp;
  readonly spoil: (path: string, good: string) => void;
}

const write = (path: string, text: string, mode = 0o600): void => {
  writeFileSync(path, text, { encoding: "latin1" });
  chmodSync(path, mode); // whatever the umask is
};

const SPOILINGS: readonly Spoiling[] = [
  {
    title: "that everybody may read",
    said: /may be read or written by others \(mode 644\); use chmod 600$/,
    spoil: (path, good) => write(path, good, 0o644),
  },
  {
    title: "that a group may write",
    said: /may be read or written by others \(mode 620\); use chmod 600$/,
    spoil: (path, good) => write(path, good, 0o620),
  },
  { title: "that is a link", said: /is a symbolic link$/, spoil: (path) => symlinkSync("app", path) },
  { title: "that is a directory", said: /is not a plain file$/, spoil: (path) => mkdirSync(path) },
  { title: "that is not there", said: /^there is no key file /, spoil: () => undefined },
  { title: "that is empty", said: /is empty$/, spoil: (path) => write(path, "") },
  {
    title: "that is cut off",
    said: /is damaged: its checksum is wrong or missing$/,
    spoil: (path, good) => write(path, good.slice(0, -20)),
  },
  {
    title: "with one digit changed",
    said: /is damaged: its checksum is wrong or missing$/,
    spoil: (path, good) =>
      write(
        path,
        good.replace(/[0-9a-f](?=\nchecksum)/, (digit) => (digit === "0" ? "1" : "0")),
      ),
  },
  {
    title: "with carriage returns",
    said: /has carriage returns; copy it as it was made$/,
    spoil: (path, good) => write(path, good.replaceAll("\n", "\r\n")),
  },
  { title: "of a megabyte", said: /is too long for a key file$/, spoil: (path) => write(path, "x".repeat(1 << 20)) },
];

describe.skipIf(!existsSync(join(dist, "cexec")))("no key is", () => {
  let directory: string;

  beforeAll(async () => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-")));
    await execa(join(dist, "ckeygen"), ["app"], { cwd: directory });
    await execa(join(dist, "ckeygen"), ["--relay", "app"], { cwd: directory });
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** @returns the status, and what the tool said of the file */
  async function saidOf(tool: string, words: readonly string[]): Promise<readonly unknown[]> {
    const env = { GROUP: "lo:239.192.0.1:3999" };
    const ran = await execa(join(dist, tool), words, {
      cwd: directory,
      env,
      reject: false,
      stdin: "ignore",
      timeout: 15_000,
    });
    expect(existsSync(join(directory, "ran"))).toBe(false);
    return [ran.exitCode, ran.stdout, ran.stderr];
  }

  const rows = TOOLS.flatMap((tool) => SPOILINGS.map((spoiling) => ({ ...tool, ...spoiling })));

  test.concurrent.each(rows)("one $title ($tool)", async ({ tool, title, own, words, said, spoil }) => {
    const file = `${tool}-${title.replaceAll(" ", "-")}`;
    spoil(join(directory, file), readFileSync(join(directory, own), "latin1"));
    const [status, stdout, stderr] = await saidOf(tool, words(file));
    expect([status, stdout]).toEqual([111, ""]);
    const lines = String(stderr).split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(file);
    expect(lines[0]?.replace(`${tool}: `, "")).toMatch(said);
  });

  const others = TOOLS.flatMap((tool) =>
    ["app", "app.pub", "app.relay"]
      .filter((file) => file !== tool.own && tool.tool !== "crat")
      .map((file) => ({ ...tool, file })),
  );

  test.concurrent.each(others)("$file for $tool", async ({ tool, file, words }) => {
    const [status, stdout, stderr] = await saidOf(tool, words(file));
    expect([status, stdout]).toEqual([111, ""]);
    expect(stderr).toMatch(
      /^\w+: app\S* is (a relay's key|the (worker|client)'s half of a key pair); \w+ take the file [^\n]+$/,
    );
  });
});
