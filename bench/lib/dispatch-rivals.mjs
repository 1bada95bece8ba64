/**
 * Other ways to have a program run elsewhere, each set up on loopback from nothing, with keys, ports and folders of its own.
 * Each is an async function of a folder that returns `{ contenders, stop }` or throws Missing. A contender is `{ title, words, cost,
 * env?, less? }`: `words` is run once for each trivial job, `{}` in it is the job's number; `cost` is how many times a local shell it
 * costs, roughly; `less` are words whose cost is taken off.
 */

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort, listens, Missing, need, output, startDaemon, succeeds } from "./daemons.mjs";

const isRoot = process.getuid?.() === 0;

/** ssh over a connection that stands: a ControlMaster to an sshd of our own. */
export async function warmSsh(folder) {
  const [sshd, ssh, keygen] = ["sshd", "ssh", "ssh-keygen"].map(need);
  const file = (name) => path.join(folder, name);
  const port = await freePort();
  for (const name of ["host", "user"]) output([keygen, "-q", "-t", "ed25519", "-N", "", "-f", file(name)]);
  if (isRoot) fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  fs.writeFileSync(
    file("sshd_config"),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${file("host")}\nAuthorizedKeysFile ${file("user.pub")}\n` +
      `PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nMaxSessions 64\n` +
      `SetEnv HOME=${folder}\n`, // the shell that runs "true" is to read nobody's own settings
  );
  const stopSshd = await startDaemon([sshd, "-D", "-e", "-f", file("sshd_config")], { isUp: () => listens(port) });
  const common = [ssh, "-F", "none", "-S", file("master"), "-p", `${port}`, "127.0.0.1"];
  const trusting = ["-i", file("user"), "-o", `UserKnownHostsFile=${file("known")}`, "-o", "StrictHostKeyChecking=no"];
  try {
    const stopMaster = await startDaemon([...common.slice(0, -1), ...trusting, "-M", "-N", "127.0.0.1"], {
      isUp: () => succeeds([...common.slice(0, -1), "-O", "check", "127.0.0.1"]),
    });
    const stop = () => stopMaster().finally(stopSshd);
    return { contenders: [{ title: "ssh, warm ControlMaster", words: [...common, "true"], cost: 10 }], stop };
  } catch (error) {
    await stopSshd();
    throw error;
  }
}

/** srun, a step in an allocation that is held. */
export async function slurm(folder) {
  if (!isRoot) throw new Missing("a Slurm of our own needs root");
  const [munged, slurmctld, slurmd, salloc, srun] = ["munged", "slurmctld", "slurmd", "salloc", "srun"].map(need);
  const [sinfo, scancel] = ["sinfo", "scancel"].map(need);
  const file = (name) => path.join(folder, name);
  const [control, node] = [await freePort(), await freePort()];
  const socket = file("munge.socket");
  fs.chmodSync(folder, 0o755); // munged wants that others can reach its socket
  fs.writeFileSync(file("munge.key"), randomBytes(1024), { mode: 0o400 });
  for (const name of ["state", "spool"]) fs.mkdirSync(file(name));
  const host = os.hostname().split(".")[0];
  fs.writeFileSync(
    file("slurm.conf"),
    `ClusterName=bench\nSlurmctldHost=${host}(127.0.0.1)\nSlurmctldPort=${control}\nSlurmUser=root\nSlurmdUser=root\n` +
      `AuthType=auth/munge\nAuthInfo=socket=${socket}\nCryptoType=crypto/munge\n` +
      `StateSaveLocation=${file("state")}\nSlurmdSpoolDir=${file("spool")}/%n\n` +
      `SlurmctldPidFile=${file("ctld.pid")}\nSlurmdPidFile=${file("%n.pid")}\n` +
      `SlurmctldLogFile=${file("ctld.log")}\nSlurmdLogFile=${file("%n.log")}\n` +
      `ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\n` +
      `SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nJobAcctGatherType=jobacct_gather/none\n` +
      `AccountingStorageType=accounting_storage/none\nSlurmdParameters=config_overrides\nReturnToService=2\nMinJobAge=10\n` +
      `NodeName=n1 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${node} CPUs=4 State=UNKNOWN\n` +
      `PartitionName=all Nodes=n1 Default=YES State=UP\n`,
  );
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
    const isIdle = () => output([sinfo, "-h", "-o", "%T"], env).trim() === "idle";
    stops.push(await startDaemon([slurmd, "-D", "-N", "n1"], { env, isUp: isIdle }));
    const granted = output([salloc, "--no-shell", "-n4"], env);
    const job = /job allocation (\d+)/.exec(granted)?.[1];
    if (job === undefined) throw new Missing(`salloc says ${granted.trim()}`);
    stops.push(async () => void succeeds([scancel, job], env));
    const words = [srun, "--overlap", `--jobid=${job}`, "-n1", "true"];
    return { contenders: [{ title: "srun in an allocation", words, cost: 60, env }], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** distcc: what a compilation costs more than the same one here. */
export async function distcc(folder) {
  const [distccd, client, compiler] = ["distccd", "distcc", "cc"].map(need);
  const port = await freePort();
  fs.writeFileSync(path.join(folder, "one.c"), "int one;\n");
  const stop = await startDaemon(
    [
      distccd,
      ...["--daemon", "--no-detach", "--log-stderr", "--enable-tcp-insecure", "--jobs", "8"],
      ...["--listen", "127.0.0.1", "--allow", "127.0.0.1", "--port", `${port}`],
    ],
    { isUp: () => listens(port), cwd: "/" },
  );
  const env = { DISTCC_HOSTS: `127.0.0.1:${port}/8`, DISTCC_FALLBACK: "0", DISTCC_DIR: folder };
  const less = [compiler, "-c", path.join(folder, "one.c"), "-o", path.join(folder, "{}.o")];
  const title = "distcc, a trivial file, less the same here";
  return { contenders: [{ title, words: [client, ...less], less, cost: 30, env }], stop };
}
