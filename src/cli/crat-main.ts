/** What `crat` does with its command line: hears a group, and prints what is said of the applications whose keys it holds. */

import { EventEmitter, once } from "node:events";
import { isIP } from "node:net";
import { basename } from "node:path";
import { SUCCESS } from "../base/exit-status.js";
import { fail, ok, type Result } from "../base/result.js";
import { DatagramJudge } from "../net/datagram-judge.js";
import { type ApplicationKey, applicationKeyOf } from "../net/datagram-proof.js";
import { listenToGroup } from "../net/group-sockets.js";
import { readHalf } from "../net/key-store.js";
import { Log } from "../node/log.js";
import { readProcessCall } from "../os/environment.js";
import { readSetting } from "../session/config.js";
import type { Datagram } from "../wire/datagram.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import { SeenRequests } from "../wire/seen-requests.js";
import { LostOutput } from "./lost-output.js";
import { type OptionTable, parseWords } from "./parse-words.js";

/** The model's status of all that goes wrong. */
const FAILED = 111;

const USAGE = `Usage: crat [OPTION]... NAME.pub...

Prints what clients of these applications say of the workers that they found: that one has failed them, or has done its work. Runs until
it is interrupted.`;

interface CratOptions {
  readonly files: readonly string[];
  readonly group: readonly GroupAddress[];
  readonly json: boolean;
  /** Announcements and answers too. */
  readonly follow: boolean;
}

/** An application, and how it is called: by its file. */
interface Named extends ApplicationKey {
  readonly file: string;
}

const clock = { nowMs: (): number => Date.now() };

/** @returns the exit status */
export async function runCrat(): Promise<number> {
  const { argv, environment, launched } = readProcessCall();
  const options = await parseCratOptions(argv, readSetting(environment, "GROUP") ?? "");
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'crat --help'.`);
  const named = readKeys(options.value.files);
  if (!named.ok) return complain(named.error);
  const { ignoredSignals } = launched;
  const lost = new LostOutput({ ignoredSignals, complain, failed: FAILED });
  const unwritten = new EventEmitter();
  const stdout = new Log(1, (errno) => unwritten.emit("lost", errno));
  const stderr = new Log(2);
  const listener = await listenToGroup(options.value.group, hearing(named.value, options.value, { stdout, stderr }));
  if (!listener.ok) return complain(listener.error);
  const told = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal));
  await Promise.race([...told, once(unwritten, "lost").then(([errno]) => lost.add(1, String(errno)))]);
  listener.value.close();
  await stdout.idle();
  return lost.endAs(SUCCESS);
}

/** Alerts that are remembered, so that one that is sent again is not told again. */
const MAX_REMEMBERED = 4096;
const REMEMBER_MS = 120_000;

function hearing(
  named: readonly Named[],
  { json, follow }: CratOptions,
  { stdout, stderr }: { readonly stdout: Log; readonly stderr: Log },
): (bytes: Uint8Array, source: string) => void {
  const seen = new SeenRequests(MAX_REMEMBERED);
  const judge = new DatagramJudge({
    clock,
    keys: named,
    onRejected: (source, reason) => stderr.line(`crat: ${source}: ${reason}`),
  });
  return (bytes, source) => {
    const datagram = judge.judge(bytes, source);
    if (datagram === undefined) return;
    const isAlert = datagram.type === "complaint" || datagram.type === "completed";
    const nowMs = clock.nowMs();
    const mark = `${datagram.type} ${datagram.id}`;
    if ((!isAlert && !follow) || seen.has(mark, nowMs)) return;
    seen.add(mark, { nowMs, untilMs: nowMs + REMEMBER_MS });
    const file = named.find(({ application }) => application === datagram.application)?.file ?? "";
    stdout.line(json ? asJson(datagram, source, file) : asText(datagram, source, file));
  };
}

/** In the model's words, where it has some. */
function asText(datagram: Datagram, source: string, file: string): string {
  switch (datagram.type) {
    case "request":
      return `${source} looks for a worker for ${file}`;
    case "answered":
      return `${source} has found a worker for ${file}`;
    case "complaint":
      return `${source} rats out ${datagram.address} (${datagram.worker}) for ${file}: ${datagram.reason}`;
    case "completed": {
      const { status } = datagram;
      const how = status.kind === "exited" ? `exit code ${String(status.code)}` : `signal ${String(status.signal)}`;
      return `${source} completed by ${datagram.address} (${datagram.worker}) for ${file} ${how}`;
    }
  }
}

function asJson({ id, sentMs, ...rest }: Datagram, source: string, file: string): string {
  const request = Buffer.from(id, "latin1").toString("hex");
  return JSON.stringify({ ...rest, time: new Date(sentMs).toISOString(), source, application: file, request });
}

function readKeys(files: readonly string[]): Result<readonly Named[], string> {
  const named: Named[] = [];
  for (const file of files) {
    const key = readHalf(file);
    if (!key.ok) return fail(key.error.text);
    named.push({ ...applicationKeyOf(key.value), file: basename(file) });
  }
  return ok(named);
}

/** What crat takes. */
export const CRAT_OPTIONS = {
  group: {
    type: "string",
    requiresArg: true,
    describe: "where to listen: [DEVICE:]ADDRESS[:PORT],... (GROUP)",
  },
  json: { type: "boolean", nargs: 0, describe: "a line of JSON for each" },
  follow: { type: "boolean", nargs: 0, describe: "tell of announcements and answers, too" },
} as const satisfies OptionTable;

async function parseCratOptions(
  words: readonly string[],
  groupVariable: string,
): Promise<Result<CratOptions, string> | undefined> {
  const tool = { program: "crat", usage: USAGE, options: CRAT_OPTIONS, endsAtOperand: false };
  const given = await parseWords(tool, words);
  if (given?.ok !== true) return given;
  const parsed = given.value;
  const { json = false, follow = false } = parsed;
  const files = parsed._.map(String);
  if (files.length === 0) return fail("which application? crat NAME.pub...");
  const group = parseGroup(parsed.group ?? groupVariable, (text) => isIP(text) !== 0);
  return group.ok ? ok({ files, group: group.value, json, follow }) : fail(`GROUP: ${group.error}`);
}

function complain(message: string): number {
  process.stderr.write(`crat: ${message}\n`);
  return FAILED;
}
