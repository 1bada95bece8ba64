/** What `mpmake --doctor` asks of a node, and what it makes of each answer: one table. */

import { formatOffset } from "../placement/clock-words.js";

export interface Judgement {
  readonly verdict: "ok" | "warning" | "error";
  /** What was found, as a phrase. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** What a machine answered, by name; one that could not be found out is absent or empty. */
export type Facts = ReadonlyMap<string, string>;

/** What is known of a node that can be used. */
export interface Examined {
  readonly here: Facts;
  readonly there: Facts;
  /** Its clock minus ours. */
  readonly clockOffsetMs: number;
  readonly roundTripMs: number;
  readonly megabytesPerSecond: number;
  /** Absolute. */
  readonly directory: string;
}

export interface Probe {
  readonly name: string;
  readonly judge: (examined: Examined) => Judgement;
}

/**
 * Prints `name=value` lines. It is run by /bin/sh in the build's directory, on every node and here. The file that it makes is removed.
 * Times are seconds and parts of one.
 */
export const SCRIPT = `
say() { printf '%s=%s\\n' "$1" "$2"; }
say uid "$(id -u)"; say gid "$(id -g)"; say groups "$(id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' ')"
say umask "$(umask)"; say system "$(uname -sm)"
say files "$(ulimit -n)"
for tool in sh cc make; do
  path=$(command -v "$tool"); say "$tool" "$path"
  [ "$path" ] && say "$tool.sum" "$(cksum <"$path")"
done
[ "$(command -v cc)" ] && say cc.version "$(cc -v 2>&1 | cksum)"
say filesystem "$(stat -f -c %T . 2>/dev/null)"
file=.mpmake-doctor-$$
if (umask 077; : >"$file") 2>/dev/null; then
  before=$(date +%s.%N); echo x >"$file"; after=$(date +%s.%N)
  say stamp "$(stat -c %.9Y "$file" 2>/dev/null)"; say before "$before"; say after "$after"
  command -v flock >/dev/null && { if flock -n "$file" true; then say locks yes; else say locks no; fi; }
  rm -f "$file"; say writable yes
else
  say writable no
fi
say mount "$(stat -c %m . 2>/dev/null)"
while read -r _ at type options _; do
  [ "$at" = "$(stat -c %m . 2>/dev/null)" ] && last="$type $options"
done </proc/self/mounts 2>/dev/null
say options "$last"
`;

const SLOW_ROUND_TRIP_MS = 20;
const SLOW_MB_PER_SECOND = 10;
const CLOCK_WARNING_MS = 500;
/** File systems stamp by a clock that is this far behind, at most. */
const STAMP_LAG_MS = 20;

const ok = (text: string): Judgement => ({ verdict: "ok", text });
const warning = (text: string, fix: string): Judgement => ({ verdict: "warning", text, fix });
const error = (text: string, fix: string): Judgement => ({ verdict: "error", text, fix });

/** Compares what a machine answered to what ours did. */
function same(name: string, differs: (there: string, here: string) => Judgement): Probe {
  return {
    name,
    judge: ({ here, there }) => {
      const [mine, its] = [here.get(name) ?? "", there.get(name) ?? ""];
      return mine === its ? ok(`${its === "" ? "none" : its}, as here`) : differs(its, mine);
    },
  };
}

/** A program that recipes look for in PATH. */
function tool(name: string): Probe {
  return {
    name: `${name} in PATH`,
    judge: ({ here, there }) => {
      const [mine = "", its = ""] = [here.get(name), there.get(name)];
      if (mine === "") return ok(its === "" ? "none, as here" : `${its}, and none here`);
      if (its === "")
        return error(`there is none; here it is ${mine}`, `install ${name} on the node, or put it on PATH`);
      if (its !== mine) return warning(`${its}, here ${mine}`, "have the same PATH and the same programs on all nodes");
      if (here.get(`${name}.sum`) === there.get(`${name}.sum`)) return ok(`${its}, the same file as here`);
      return warning(`${its} is another program than here`, "install the same version on all nodes");
    },
  };
}

/** In the order in which they are told. */
export const PROBES: readonly Probe[] = [
  {
    name: "clock",
    judge: ({ clockOffsetMs }) =>
      Math.abs(clockOffsetMs) <= CLOCK_WARNING_MS
        ? ok(formatOffset(clockOffsetMs))
        : warning(formatOffset(clockOffsetMs), "synchronise the node's clock (NTP)"),
  },
  {
    name: "file times",
    judge: ({ there, clockOffsetMs }) => {
      const [stamp, before, after] = ["stamp", "before", "after"].map((name) => Number(there.get(name) ?? Number.NaN));
      if (stamp === undefined || before === undefined || after === undefined || Number.isNaN(stamp + before + after))
        return warning("they could not be read", "install GNU coreutils (stat, date) on the node");
      const lateMs = Math.max(0, stamp - after, before - stamp) * 1000;
      if (Number.isInteger(stamp) && !Number.isInteger(before))
        return warning("whole seconds", "a file system that keeps parts of a second tells newer from older better");
      if (lateMs <= STAMP_LAG_MS) return ok("they follow the node's clock");
      const text = `${(lateMs / 1000).toFixed(1)} s off its clock, which is ${formatOffset(clockOffsetMs)}`;
      return warning(text, "synchronise the file server's clock with the nodes'");
    },
  },
  same("uid", (its, mine) =>
    error(`${its}, here ${mine}: files would belong to a stranger`, "run mexecd as the same user"),
  ),
  same("gid", (its, mine) => warning(`${its}, here ${mine}`, "give the user the same group on all nodes")),
  same("groups", (its, mine) => warning(`${its}, here ${mine}`, "give the user the same groups on all nodes")),
  same("umask", (its, mine) => warning(`${its}, here ${mine}`, "run the same version of mexecd on all nodes")),
  same("system", (its, mine) =>
    error(`${its}, here ${mine}: what is compiled there does not run here`, "leave it out"),
  ),
  same("files", (its, mine) =>
    Number(its) < Number(mine) || mine === "unlimited"
      ? warning(`${its} files may be open, here ${mine}`, "raise the hard limit of open files where mexecd starts")
      : ok(`${its} files may be open, here ${mine}`),
  ),
  tool("sh"),
  tool("cc"),
  tool("make"),
  same("cc.version", () => warning("cc -v says something else than here", "install the same compiler on all nodes")),
  {
    name: "directory",
    judge: ({ there, directory }) =>
      there.get("writable") === "yes"
        ? ok(`${directory} can be written`)
        : error(`${directory} cannot be written`, "mount it for writing, with the same users"),
  },
  same("filesystem", (its, mine) => ok(`${its}, here ${mine}`)),
  {
    name: "cache",
    judge: ({ there }) => {
      const options = there.get("options") ?? "";
      const window = /\b(?:acregmax|acdirmax|actimeo|attr_timeout|entry_timeout)=\d+/.exec(options)?.[0];
      if (!/^(?:nfs|fuse)/.test(options)) return ok("names and attributes are not kept");
      return ok(
        `${options.split(" ")[0] ?? ""}${window === undefined ? "" : ` with ${window}`}: files are looked for again`,
      );
    },
  },
  {
    name: "locks",
    judge: ({ there }) =>
      there.get("locks") === "no"
        ? warning("files cannot be locked", "mount the file system with locks (nfslock, no nolock)")
        : ok(there.get("locks") === "yes" ? "files can be locked" : "not tried: there is no flock"),
  },
  {
    name: "latency",
    judge: ({ roundTripMs }) =>
      roundTripMs <= SLOW_ROUND_TRIP_MS
        ? ok(`${roundTripMs.toFixed(2)} ms there and back`)
        : warning(`${roundTripMs.toFixed(0)} ms there and back`, "short recipes gain nothing on a node that far away"),
  },
  {
    name: "throughput",
    judge: ({ megabytesPerSecond: rate }) =>
      rate >= SLOW_MB_PER_SECOND
        ? ok(`${rate.toFixed(0)} MB/s of output`)
        : warning(`${rate.toFixed(1)} MB/s of output`, "look at the network between here and the node"),
  },
];
