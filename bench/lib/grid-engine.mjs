/** A Grid Engine of our own, in namespaces of its own, and its qmake: a make that has each recipe run by a node. */

import fs from "node:fs";
import path from "node:path";
import { Missing, need, startDaemon } from "./daemons.mjs";
import { firstOf } from "./trivial-jobs.mjs";

const script = path.join(import.meta.dirname, "grid-engine.sh");

/** One qmake for all recipes, in a parallel environment with as many slots as are to run at once. */
export async function gridEngine(folder, makefile) {
  if (process.getuid?.() !== 0) throw new Missing("a Grid Engine of our own needs root");
  const [setpriv, unshare, nsenter, qmake] = ["setpriv", "unshare", "nsenter", "qmake_sge"].map(need);
  for (const name of ["sge_qmaster", "sge_execd", "qconf", "ip"]) need(name);
  const file = (name) => path.join(folder, name);
  const env = {
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    SGE_ROOT: "/var/lib/gridengine",
    SGE_CELL: "default",
    SGE_QMASTER_PORT: "6444",
    SGE_EXECD_PORT: "6445",
  };
  const first = () => Number(fs.readFileSync(file("pid"), "latin1"));
  const own = [unshare, "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child"];
  const stop = await startDaemon([setpriv, "--pdeathsig", "KILL", ...own, "/bin/sh", script, folder], {
    env,
    cwd: "/",
    isUp: () => fs.existsSync(file("up")),
    end: () => process.kill(first(), "SIGKILL"), // all its processes end with it, and then unshare
  });
  const inside = [nsenter, "-t", `${first()}`, "-m", "-n", "-u", "-i", "-p", `--wd=${folder}`];
  const qmakeWords = (jobs) => [qmake, "-cwd", "-v", "PATH", "-pe", "make", `${jobs}`, "--"];
  const command = (count, jobs) => [...inside, ...qmakeWords(jobs), ...firstOf(makefile, count)];
  return { contenders: [{ title: "qmake of Grid Engine", command, cost: 300, env }], stop };
}
