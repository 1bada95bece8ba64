/** What `mpmake --doctor` asks of a machine, and what it makes of each answer: one table. */

import { formatOffset } from "../placement/clock-words.js";
import type { WantedTools } from "./doctor-facts.js";
import {
  type Examined,
  type ExaminedRemote,
  error,
  type Judgement,
  ok,
  type Probe,
  same,
  warning,
} from "./doctor-judgement.js";
import { LIMIT_PROBES } from "./doctor-limits.js";
import { SHARING_PROBES } from "./doctor-sharing-probes.js";

const SLOW_ROUND_TRIP_MS = 20;
const SLOW_MB_PER_SECOND = 10;
const CLOCK_WARNING_MS = 500;
/** File systems stamp by a clock that is this far behind, at most. */
const STAMP_LAG_MS = 20;
/** Files that are made one after the other within so long are to have different times. */
const COARSE_GRAIN_MS = 100;

/** In the order in which they are told. */
export function probesFor(tools: WantedTools): readonly Probe[] {
  return [
    ofNode("clock", judgeClock),
    { name: "file times", judge: judgeFileTimes },
    { name: "stamp grain", judge: judgeGrain },
    ...IDENTITY,
    ...LIMIT_PROBES,
    ...[...tools.others, ...tools.compilers].map(tool),
    ...tools.compilers.map(compiler),
    {
      name: "directory",
      judge: ({ there, directory }) =>
        there.get("writable") === "yes"
          ? ok(`${directory} can be written`)
          : error(`${directory} cannot be written`, {
              effect: "recipes cannot make their targets",
              fix: "mount it for writing, with the same users",
            }),
    },
    { name: "filesystem", judge: judgeFileSystem },
    ...SHARING_PROBES,
    ofNode("latency", ({ roundTripMs }) =>
      roundTripMs <= SLOW_ROUND_TRIP_MS
        ? ok(`${roundTripMs.toFixed(2)} ms there and back`)
        : warning(`${roundTripMs.toFixed(0)} ms there and back`, {
            effect: "short recipes take longer there than here",
            fix: "list nearer nodes, or make recipes longer (one compiler for several sources)",
          }),
    ),
    ofNode("throughput", ({ megabytesPerSecond: rate }) =>
      rate >= SLOW_MB_PER_SECOND
        ? ok(`${rate.toFixed(0)} MB/s of output`)
        : warning(`${rate.toFixed(1)} MB/s of output`, {
            effect: "recipes that print much wait for the network",
            fix: "look at the network between here and the node",
          }),
    ),
  ];
}

function ofNode(name: string, judge: (remote: ExaminedRemote) => Judgement): Probe {
  return { name, judge: ({ remote }) => remote && judge(remote) };
}

const IDENTITY: readonly Probe[] = [
  same("uid", (its, mine) =>
    error(`${its}, here ${mine}`, { effect: "files would belong to a stranger", fix: "run mexecd as the same user" }),
  ),
  same("gid", (its, mine) =>
    warning(`${its}, here ${mine}`, {
      effect: "new files belong to another group than here",
      fix: "give the user the same group on all nodes",
    }),
  ),
  same("groups", (its, mine) =>
    warning(`${its}, here ${mine}`, {
      effect: "recipes may not read or write what a group of yours may",
      fix: "give the user the same groups on all nodes",
    }),
  ),
  same("umask", (its, mine) =>
    warning(`${its}, here ${mine}`, {
      effect: "new files have other modes than here",
      fix: "run the same version of mexecd on all nodes, and no ENVSETTER that changes it",
    }),
  ),
  same("system", (its, mine) =>
    error(`${its}, here ${mine}`, { effect: "what is compiled there does not run here", fix: "leave it out" }),
  ),
];

/** A program that recipes look for in PATH. */
function tool(name: string): Probe {
  return {
    name: `${name} in PATH`,
    judge: ({ here, there, remote }) => {
      const [mine = "", its = ""] = [here.get(`tool.${name}`), there.get(`tool.${name}`)];
      if (remote === undefined) return ok(its === "" ? "there is none" : its);
      if (mine === "") return ok(its === "" ? "none, as here" : `${its}, and none here`);
      if (its === "")
        return error(`there is none; here it is ${mine}`, {
          effect: `recipes that use it end there with status 127`,
          fix: `install ${name} on the node, or put it on PATH`,
        });
      const effect = "what recipes make depends on where they run";
      if (its !== mine)
        return warning(`${its}, here ${mine}`, {
          effect,
          fix: "have the same PATH and the same programs on all nodes",
        });
      if (here.get(`sum.${name}`) === there.get(`sum.${name}`)) return ok(`${its}, the same file as here`);
      return warning(`${its} is another program than here`, { effect, fix: "install the same version on all nodes" });
    },
  };
}

/** All that `cc -v` says: version, target and how it was configured. */
function compiler(name: string): Probe {
  return {
    name: `${name} -v`,
    judge: ({ here, there, remote }) => {
      const said = there.get(`said.${name}`) ?? "";
      if (remote === undefined) return ok(said === "" ? "it says nothing" : said);
      if (here.get(`hash.${name}`) === there.get(`hash.${name}`))
        return ok(`${said === "" ? "nothing" : said}, as here`);
      return warning(`${said}, which is not what it says here`, {
        effect: "objects of two compilers come into one program",
        fix: "install the same compiler on all nodes",
      });
    },
  };
}

function judgeClock({ clockOffsetMs }: ExaminedRemote): Judgement {
  const off = formatOffset(clockOffsetMs);
  if (Math.abs(clockOffsetMs) <= CLOCK_WARNING_MS) return ok(off);
  const effect = "programs that compare the time with files' times (tar, ccache, a second make) take old for new";
  return warning(off, { effect, fix: "synchronise the node's clock (NTP)" });
}

/** Whether the file system stamps by the machine's clock. */
function judgeFileTimes({ there, remote }: Examined): Judgement {
  const [stamp, before, after] = ["stamp", "before", "after"].map((name) => Number(there.get(name) ?? Number.NaN));
  if (stamp === undefined || before === undefined || after === undefined || Number.isNaN(stamp + before + after))
    return warning("they could not be read", {
      effect: "it is not known whether files made there look newer or older than they are",
      fix: "install GNU coreutils (stat, date) on the machine, and let the directory be written",
    });
  const wholeMs = Number.isInteger(stamp) ? 1000 : 0;
  const lateMs = Math.max(0, stamp - after, before - stamp) * 1000 - wholeMs;
  if (lateMs <= STAMP_LAG_MS) return ok(`they follow the ${remote === undefined ? "machine" : "node"}'s clock`);
  const clock = remote === undefined ? "" : `, which is ${formatOffset(remote.clockOffsetMs)}`;
  return warning(`${(lateMs / 1000).toFixed(1)} s off its clock${clock}`, {
    effect: 'files made there look newer or older than they are ("Clock skew detected")',
    fix: "synchronise the file server's clock with the nodes'",
  });
}

/** How far apart the times of files are that are written one after the other. */
function judgeGrain({ there }: Examined): Judgement | undefined {
  const stamps = (there.get("stamps") ?? "").split(" ").filter((word) => /^\d+\.\d{9}$/.test(word));
  if (stamps.length === 0) return undefined;
  const times = stamps.map((stamp) => BigInt(stamp.replace(".", "")));
  const steps = times
    .slice(1)
    .flatMap((time, i) => (time > (times[i] ?? time) ? [Number(time - (times[i] ?? time))] : []));
  const coarse = {
    effect: "of two files made within that time none is newer",
    fix: "use a file system that keeps parts of a second",
  };
  if (stamps.every((stamp) => stamp.endsWith(".000000000"))) return warning("whole seconds", coarse);
  if (steps.length === 0) return ok("parts of a second are kept");
  const stepMs = Math.min(...steps) / 1e6;
  const text = `files written one after the other are ${stepMs < 1 ? stepMs.toFixed(3) : stepMs.toFixed(0)} ms apart`;
  return stepMs < COARSE_GRAIN_MS ? ok(text) : warning(text, coarse);
}

function judgeFileSystem({ here, there, remote }: Examined): Judgement {
  const [type = "", options = ""] = (there.get("mount") ?? "").split(" ");
  const memory = options
    .split(",")
    .filter((option) => /^(?:ac|noac|lookupcache|attr_timeout|entry_timeout)/.test(option));
  const name = there.get("filesystem") ?? "";
  const its = [name === "" ? type : name, ...memory].join(" ");
  return ok(
    remote === undefined || name === here.get("filesystem") ? its : `${its}, here ${here.get("filesystem") ?? ""}`,
  );
}
