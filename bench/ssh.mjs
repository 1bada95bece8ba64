/** Claim: from the command to the first recipe on a machine that has nothing but sshd takes at most 1.5 times a plain `ssh HOST node -e 0`. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort, Missing, need, startDaemon } from "./lib/daemons.mjs";
import { quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist } from "./lib/programs.mjs";

const RUNS = smoke ? 1 : quick ? 2 : 15;
const folder = scratch("ssh");
const at = (name) => path.join(folder, name);
const host = "bench";

function run(command, words, env = {}) {
  const ran = spawnSync(command, words, {
    cwd: folder,
    encoding: "latin1",
    env: { PATH: process.env.PATH ?? "", HOME: os.homedir(), LC_ALL: "C", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (ran.error) throw ran.error;
  if (ran.status !== 0)
    throw new Error(`${command} ${words.join(" ")}: status ${ran.status}: ${ran.stderr.slice(-500)}`);
}

/** An sshd on loopback with keys of its own, for this user. @returns what ends it */
async function startSshd() {
  const [sshd, keygen] = [need("sshd"), need("ssh-keygen")];
  need("ssh");
  for (const name of ["host", "id"]) run(keygen, ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  const port = await freePort();
  const publicKey = fs.readFileSync(at("host.pub"), "latin1").split(" ").slice(0, 2).join(" ");
  fs.copyFileSync(at("id.pub"), at("authorized"));
  fs.writeFileSync(at("known"), `${host} ${publicKey}\n`);
  fs.writeFileSync(
    at("sshd_config"),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${at("host")}\nAuthorizedKeysFile ${at("authorized")}\nPidFile none\n` +
      "UsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n",
  );
  fs.writeFileSync(
    at("ssh_config"),
    `Host ${host}\n  HostName 127.0.0.1\n  HostKeyAlias ${host}\n  Port ${port}\n  IdentityFile ${at("id")}\n  IdentitiesOnly yes\n` +
      `  UserKnownHostsFile ${at("known")}\n  BatchMode yes\n`,
  );
  if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true });
  const isUp = () => spawnSync("ssh", ["-F", at("ssh_config"), host, "true"]).status === 0;
  return startDaemon([sshd, "-D", "-e", "-f", at("sshd_config")], { isUp });
}

const now = () => process.hrtime.bigint();

function plainSsh() {
  const began = now();
  run("ssh", ["-F", at("ssh_config"), host, "node", "-e", "0"]);
  return Number(now() - began) / 1e6;
}

/** The recipe says when it runs, by the same clock. */
function firstRecipe(more) {
  const began = BigInt(Date.now()) * 1_000_000n;
  const words = ["--nodes", `ssh:${host}`, "--strict", ...more];
  run(dist("mpmake"), words, { MPMAKE_SSH: `ssh -F ${at("ssh_config")}` });
  return Number(BigInt(fs.readFileSync(at("first"), "latin1").trim()) - began) / 1e6;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  const stop = await startSshd();
  try {
    fs.writeFileSync(at("Makefile"), ".PHONY: all\nall:\n\t@date +%s%N >first\n");
    const contenders = [
      { title: `ssh HOST node -e 0`, measure: plainSsh, timesMs: [] },
      { title: "mpmake, the recipe runs, called back", measure: () => firstRecipe([]), timesMs: [] },
      { title: "mpmake, the recipe runs, --tunnel", measure: () => firstRecipe(["--tunnel"]), timesMs: [] },
    ];
    for (let round = smoke ? 0 : -1; round < RUNS; round++)
      for (const { measure, timesMs } of contenders) {
        const tookMs = measure();
        if (round >= 0) timesMs.push(tookMs);
      }
    report({
      name: "ssh",
      title: "from the command to the first recipe on a machine with nothing but sshd and Node",
      rows: contenders.map(({ title, timesMs }) => ({ title, timesMs, medianMs: median(timesMs) })),
      reference: contenders[0].title,
      note: "both machines are this one: their starts of Node share its processors",
    });
  } finally {
    await stop();
  }
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.log(`skipped: ${error.message}`);
}
