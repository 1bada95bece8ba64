/**
 * Other ways to have a program run elsewhere, each set up on loopback from nothing, with keys, ports and folders of its own.
 * Each is an async function of a folder that returns `{ contenders, stop }` or throws Missing. A contender is `{ title, command, cost,
 * env?, less?, words? }`: `words` are those of one job, `command` makes the words that run so many trivial jobs, so many at once; `cost` is how many times a local shell one
 * costs, roughly; `less` makes those of what is taken off.
 */

import fs from "node:fs";
import path from "node:path";
import { freePort, listens, need, output, startDaemon, succeeds } from "./daemons.mjs";
import { holdAllocation, startSlurm } from "./slurm.mjs";
import { times } from "./trivial-jobs.mjs";

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
    const words = [...common, "true"];
    return { contenders: [{ title: "ssh, warm ControlMaster", words, command: times(words), cost: 10 }], stop };
  } catch (error) {
    await stopSshd();
    throw error;
  }
}

/** srun, a step in an allocation that is held. */
export async function slurm(folder) {
  const { env, stop } = await startSlurm(folder, 1);
  try {
    const held = await holdAllocation(env, ["-n4"]);
    const command = times([need("srun"), "--overlap", `--jobid=${held.job}`, "-n1", "true"]);
    return { contenders: [{ title: "srun in an allocation", command, cost: 60, env }], stop };
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
  const here = [compiler, "-c", path.join(folder, "one.c"), "-o", path.join(folder, "{}.o")];
  const title = "distcc, a trivial file, less the same here";
  return { contenders: [{ title, command: times([client, ...here]), less: times(here), cost: 30, env }], stop };
}
