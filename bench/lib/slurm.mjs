/** A Slurm of our own on loopback: munged, slurmctld and so many slurmd, with a key, ports and folders that nobody else uses. */

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort, listens, Missing, need, output, startDaemon, succeeds } from "./daemons.mjs";

/**
 * Nodes n1, n2, … of four processors each.
 *
 * @returns `{ env, stop }`: what Slurm's programs need to find it
 * @throws Missing
 */
export async function startSlurm(folder, count) {
  if (process.getuid?.() !== 0) throw new Missing("a Slurm of our own needs root");
  const [munged, slurmctld, slurmd, sinfo, squeue, scancel] = [
    ...["munged", "slurmctld", "slurmd", "sinfo", "squeue", "scancel"].map(need),
  ];
  for (const name of ["srun", "salloc"]) need(name);
  const file = (name) => path.join(folder, name);
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const control = await freePort();
  const ports = [];
  while (ports.length < count) ports.push(await freePort());
  const socket = file("munge.socket");
  fs.chmodSync(folder, 0o755); // munged wants that others can reach its socket
  fs.writeFileSync(file("munge.key"), randomBytes(1024), { mode: 0o400 });
  for (const name of ["state", "spool"]) fs.mkdirSync(file(name));
  fs.writeFileSync(file("slurm.conf"), configuration({ file, control, ports, socket }));
  const env = { SLURM_CONF: file("slurm.conf") };
  const stops = [];
  const stop = async () => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const files = ["key", "pid", "seed", "log"].map((kind) => `--${kind}-file=${file(`munge.${kind}`)}`);
    stops.push(
      await startDaemon([munged, "-F", "-f", `--socket=${socket}`, ...files], { isUp: () => fs.existsSync(socket) }),
    );
    stops.push(await startDaemon([slurmctld, "-D"], { env, isUp: () => listens(control) }));
    for (const number of numbers) {
      const isIdle = () => output([sinfo, "-h", "-n", `n${number}`, "-o", "%T"], env).trim() === "idle";
      stops.push(await startDaemon([slurmd, "-D", "-N", `n${number}`], { env, isUp: isIdle }));
    }
    stops.push(async () => {
      const jobs = output([squeue, "-h", "-o", "%i"], env).split("\n").filter(Boolean);
      if (jobs.length > 0) succeeds([scancel, ...jobs], env);
    });
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration({ file, control, ports, socket }) {
  const host = os.hostname().split(".")[0];
  const nodes = ports.map(
    (port, at) => `NodeName=n${at + 1} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=4 State=UNKNOWN\n`,
  );
  return (
    `ClusterName=bench\nSlurmctldHost=${host}(127.0.0.1)\nSlurmctldPort=${control}\nSlurmUser=root\nSlurmdUser=root\n` +
    `AuthType=auth/munge\nAuthInfo=socket=${socket}\nCryptoType=crypto/munge\n` +
    `StateSaveLocation=${file("state")}\nSlurmdSpoolDir=${file("spool")}/%n\n` +
    `SlurmctldPidFile=${file("ctld.pid")}\nSlurmdPidFile=${file("%n.pid")}\n` +
    `SlurmctldLogFile=${file("ctld.log")}\nSlurmdLogFile=${file("%n.log")}\n` +
    `ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\n` +
    `SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nJobAcctGatherType=jobacct_gather/none\n` +
    `AccountingStorageType=accounting_storage/none\nSlurmdParameters=config_overrides\nReturnToService=2\nMinJobAge=10\n` +
    `${nodes.join("")}PartitionName=all Nodes=ALL Default=YES State=UP\n`
  );
}

/** An allocation that stays until Slurm ends. `variables`: what salloc gives to its command. @throws Missing */
export function holdAllocation(env, words) {
  const granted = output([need("salloc"), "--no-shell", ...words], env);
  const job = /job allocation (\d+)/.exec(granted)?.[1];
  if (job === undefined) throw new Missing(`salloc says ${granted.trim()}`);
  const [nodes = "", count = ""] = output([need("squeue"), "-h", "-j", job, "-o", "%N %D"], env)
    .trim()
    .split(" ");
  return { job, variables: { SLURM_JOB_ID: job, SLURM_JOB_NODELIST: nodes, SLURM_JOB_CPUS_PER_NODE: `4(x${count})` } };
}
