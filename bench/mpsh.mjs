/** Claim: what a line costs when a stock make's SHELL is mpsh and a worker on this machine runs it, beside /bin/sh. */

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist, findPrograms } from "./lib/programs.mjs";

const COUNT = smoke ? 20 : quick ? 100 : 500;

const folder = scratch("mpsh");
const key = path.join(folder, "key");
const made = spawnSync(dist("ckeygen"), [key, `${key}.pub`], { encoding: "latin1" });
if (made.status !== 0) throw new Error(`ckeygen: ${made.stdout}${made.stderr}`);
const targets = Array.from({ length: COUNT }, (_, i) => `t${i}`).join(" ");
fs.writeFileSync(
  path.join(folder, "Makefile"),
  `.PHONY: all ${targets}\nall: ${targets}\n${targets}:\n\t@echo x >/dev/null; true\n`,
);

const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
const words = [
  "--key",
  key,
  "--listen",
  "127.0.0.1:0",
  "--slots",
  "4",
  "--audit",
  path.join(folder, "audit"),
  ...asRoot,
];
const worker = spawn(dist("mexecd"), words, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
const ended = new Promise((resolve) => worker.once("exit", resolve));
const port = await new Promise((resolve, reject) => {
  worker.stdout.setEncoding("latin1");
  worker.stdout.on("data", (text) => resolve(/listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1]));
  worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
});

const session = path.join(folder, "session");
const env = { ...process.env, NODES: `127.0.0.1:${port}`, MPMAKE_KEY: `${key}.pub`, MPSH_DIR: session };
try {
  const { found } = findPrograms(["gnu"]);
  const makes = found.filter(({ family }) => family === "gnu").slice(0, 1);
  const shells = [
    ["mpsh, a node on loopback", dist("mpsh")],
    ["/bin/sh", "/bin/sh"],
  ];
  const contenders = makes.flatMap(({ title, program }) =>
    ["-j1", "-j4"].flatMap((jobs) =>
      shells.map(([name, shell]) => ({
        title: `${title} ${jobs}, ${name}`,
        // its output is no pipe of Node's, which is a socket: mpsh could not open that
        command: ["/bin/sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", program, "-s", jobs, `SHELL=${shell}`],
        cwd: folder,
        env,
      })),
    ),
  );
  if (contenders.length === 0) console.log("there is no GNU make here: nothing to measure");
  else
    report({
      name: "mpsh",
      title: `one of ${COUNT} lines "echo x >/dev/null; true" of a stock make, by its SHELL`,
      rows: compare(contenders, { runs: quick ? 1 : 5, per: COUNT, memory: false }),
      reference: contenders[1].title,
      note: "processor time of the session and of the worker is not part of the figures: they are not children of make",
    });
} finally {
  const pid =
    fs.existsSync(path.join(session, "pid")) &&
    Number(fs.readFileSync(path.join(session, "pid"), "latin1").split(" ")[0]);
  if (pid) process.kill(pid, "SIGTERM");
  worker.kill("SIGTERM");
  await ended;
}
