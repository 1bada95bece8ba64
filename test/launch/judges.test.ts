/** What the end of a launcher's command means, by its status and what it said. The lines are OpenSSH's, Slurm's and Grid Engine's own. */

import { describe, expect, test } from "vitest";
import { judgeQrsh } from "../../src/launch/qrsh.js";
import { judgeSrun } from "../../src/launch/srun.js";
import { judgeSsh } from "../../src/launch/ssh.js";
import { fill } from "../../src/launch/template.js";
import { nodeId } from "../../src/base/ids.js";

const JUDGES = { ssh: judgeSsh, srun: judgeSrun, qrsh: judgeQrsh } as const;

const ENDS: readonly (readonly [
  by: keyof typeof JUDGES,
  status: number | string | undefined,
  said: readonly string[],
  kind: "unreachable" | "refused",
  reason: string,
])[] = [
  ["ssh", 255, [], "unreachable", "ssh: it failed without a word"],
  [
    "ssh",
    255,
    ["ssh: connect to host n1 port 22: Connection refused"],
    "unreachable",
    "ssh: connect to host n1 port 22: Connection refused",
  ],
  [
    "ssh",
    255,
    ["ann@n1: Permission denied (publickey)."],
    "refused",
    "it does not let us in (ssh: ann@n1: Permission denied (publickey).)",
  ],
  [
    "ssh",
    255,
    ["@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", "Host key verification failed."],
    "refused",
    "its host key is another than ssh knows it by (known_hosts) (ssh: WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!)",
  ],
  [
    "ssh",
    255,
    ["Host key verification failed."],
    "refused",
    "ssh does not know its host key: log in there once by hand, or see known_hosts (ssh: Host key verification failed.)",
  ],
  ["ssh", undefined, ["No such file or directory"], "refused", "ssh cannot be started (No such file or directory)"],
  ["ssh", 1, ["sh: line 3: killed"], "unreachable", "its ssh ended with status 1: sh: line 3: killed"],
  ["ssh", "SIGKILL", [], "unreachable", "its ssh was ended by SIGKILL"],
  [
    "ssh",
    0,
    ["mexecd: the build is silent"],
    "unreachable",
    "its ssh ended with status 0: mexecd: the build is silent",
  ],
  [
    "ssh",
    255,
    ["Connection to n1 closed by remote host.", "mexecd: its line has ended"],
    "unreachable",
    "ssh: Connection to n1 closed by remote host.",
  ],
  ["srun", 0, [], "unreachable", "its srun ended with status 0"],
  ["srun", 0, ["mexecd: it was ended by SIGTERM"], "unreachable", "srun: mexecd: it was ended by SIGTERM"],
  [
    "srun",
    143,
    ["slurmstepd: error: *** STEP 7.1 ON n1 CANCELLED ***", "mexecd: it was ended by SIGTERM"],
    "unreachable",
    "srun: slurmstepd: error: *** STEP 7.1 ON n1 CANCELLED ***",
  ],
  [
    "srun",
    1,
    ["srun: error: Unable to confirm allocation for job 9: Invalid job id specified", "srun: Check SLURM_JOB_ID"],
    "refused",
    "srun: Unable to confirm allocation for job 9: Invalid job id specified",
  ],
  ["srun", 1, ["srun: error: Task launch failed on node n1"], "unreachable", "srun: Task launch failed on node n1"],
  ["srun", 9, ["srun: x lacks support for cpu binding"], "unreachable", "its srun ended with status 9"],
  ["srun", undefined, [], "refused", "srun cannot be started (nobody says why)"],
  [
    "qrsh",
    1,
    ['error: executing task of job 9 failed: execution daemon on host "n3" didn\'t accept task'],
    "unreachable",
    'qrsh: executing task of job 9 failed: execution daemon on host "n3" didn\'t accept task',
  ],
  [
    "qrsh",
    1,
    ["error: commlib error: got select error (Connection refused)"],
    "unreachable",
    "qrsh: commlib error: got select error (Connection refused)",
  ],
  ["qrsh", 3, [], "unreachable", "its qrsh ended with status 3"],
  ["qrsh", undefined, ["Permission denied"], "refused", "qrsh cannot be started (Permission denied)"],
];

describe("the end of what started a worker", () => {
  test.each(ENDS)("%s, %s, %j: %s, %s", (by, status, said, kind, reason) => {
    expect(JUDGES[by](status, said)).toEqual({ kind, reason });
  });
});

describe("a command that the user has written", () => {
  const target = { node: nodeId("n1"), host: "n1.lan", user: "ann", port: 22 };
  test.each([
    ["ssh {user}@{host} {worker}", target, "ssh ann@n1.lan /bin/sh -s"],
    ["x -p{port} ${host} '{host}' {worker}", target, "x -p22 ${host} 'n1.lan' /bin/sh -s"],
    ["x -p{port}; {user}", { ...target, user: undefined, port: undefined }, "x -p; "],
    ["x {host}", { ...target, host: "a b;c" }, "x 'a b;c'"],
  ])("%s", (template, at, filled) => {
    expect(fill(template, at)).toBe(filled);
  });
});
