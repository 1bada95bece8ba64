/** Whether another process is as this one in all that programs inherit: what it starts would then be the same, started here. */

import { readlinkSync } from "node:fs";
import { attempt } from "./attempt.js";
import { procPath, readProcFile } from "./proc.js";
import type { Launched } from "./process-settings.js";

/** Lines of /proc/PID/status that are compared as they are; see proc(5). */
const STATUS = new Set([
  ...["Umask", "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"],
  ...["Seccomp_filters", "Cpus_allowed", "Mems_allowed", "TracerPid"],
]);
/** Fields of /proc/PID/stat behind the name: session, terminal, nice level, real-time priority and policy. */
const STAT_FIELDS = [3, 4, 16, 37, 38];
const FILES = ["cgroup", "oom_score_adj", "personality"];
const LINKS = ["root", ...["mnt", "pid", "net", "user", "uts", "ipc", "cgroup", "time"].map((name) => `ns/${name}`)];
const SIGQUIT = 0b100n;

/** What programs inherit, beside arguments, environment, directory and descriptors, as one text; undefined: it cannot be known. */
export function likenessOf(pid: number): string | undefined {
  const status = readProcFile(pid, "status");
  const limits = readProcFile(pid, "limits");
  const stat = readProcFile(pid, "stat");
  if (status === undefined || limits === undefined || stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [
    ...status.split("\n").filter((line) => STATUS.has(line.slice(0, line.indexOf(":")))),
    `ignored ${String(maskOf(status, "SigIgn") & ~SIGQUIT)}`,
    `blocked ${String(maskOf(status, "SigBlk"))}`,
    limits,
    ...STAT_FIELDS.map((field) => fields[field] ?? ""),
    ...FILES.map((name) => readProcFile(pid, name) ?? ""),
    ...LINKS.map((name) => attempt(() => readlinkSync(procPath(pid, name))) ?? ""),
  ].join("\n");
}

/** The same for programs that this process starts: as it was itself before Node changed some of it. */
export function ownLikeness({ ignoredSignals, blockedSignals = 0n, openFiles }: Launched): string | undefined {
  return likenessOf(process.pid)
    ?.replace(/^ignored .*$/m, `ignored ${String(ignoredSignals & ~SIGQUIT)}`)
    .replace(/^blocked .*$/m, `blocked ${String(blockedSignals)}`)
    .replace(/^(Max open files\s+)(\S+)(\s*)/m, (whole, name: string, soft: string, gap: string) => {
      const text = openFiles === undefined ? soft : String(openFiles);
      return openFiles === undefined ? whole : name + text + " ".repeat(soft.length + gap.length - text.length);
    });
}

/** Signals that a shell of bash's kind ignores whatever its caller did are left out above: SIGQUIT. */
function maskOf(status: string, name: string): bigint {
  const [, mask = "0"] = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status) ?? [];
  return BigInt(`0x${mask}`);
}
