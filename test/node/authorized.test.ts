import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKeyFile } from "../../src/net/key-store.js";
import { readTerms } from "../../src/node/terms.js";
import { randomKeys, temporaryDirectory } from "../net/worker-rig.js";
import { MAX_AUTHORIZED_BYTES, parseAuthorized } from "../../src/node/authorized.js";

const A = "a".repeat(64);
const B = "0123456789abcdef".repeat(4);
const plain = {
  users: ["alice"],
  from: undefined,
  nice: 0,
  maxJobs: undefined,
  notAfterMs: undefined,
  isByMunge: false,
};

test("nobody is authorized unless a line says so", () => {
  expect(parseAuthorized("")).toEqual({ ok: true, value: [] });
  expect(parseAuthorized("# nobody yet\n\n   \t\n")).toEqual({ ok: true, value: [] });
});

test("a line says who may run recipes as whom, and on which terms", () => {
  const terms = "from=10.0.0.0/255.0.0.0,192.168.1.7/255.255.255.255 nice=5 maxjobs=16 notafter=2027-01-31T12:00Z";
  const text = `# the lab\n${A} user=alice\n\t${B}  user=bob,_www-data.1\t${terms}`;
  expect(parseAuthorized(text)).toEqual({
    ok: true,
    value: [
      { ...plain, fingerprint: A },
      {
        fingerprint: B,
        users: ["bob", "_www-data.1"],
        from: [
          { address: 0x0a00_0000, mask: 0xff00_0000 },
          { address: 0xc0a8_0107, mask: 0xffff_ffff },
        ],
        nice: 5,
        maxJobs: 16,
        notAfterMs: Date.UTC(2027, 0, 31, 12),
        isByMunge: false,
      },
    ],
  });
  expect(parseAuthorized(`${A} user=* notafter=2027-01-31`)).toMatchObject({
    value: [{ users: "any", notAfterMs: Date.UTC(2027, 0, 31) }],
  });
});

test("a line may ask for a credential of MUNGE, at a worker that root starts alone", async () => {
  expect(parseAuthorized(`${A} user=* auth=munge`)).toMatchObject({ value: [{ users: "any", isByMunge: true }] });
  const directory = temporaryDirectory();
  const files = { key: join(directory, "key"), authorized: join(directory, "authorized"), pairs: undefined };
  createKeyFile(files.key, (await randomKeys()).worker);
  writeFileSync(files.authorized, `${A} user=* auth=munge\n`, { mode: 0o644 });
  const read = (opensMunge: boolean) => readTerms({ ...files, admitted: [], allowEveryone: false, opensMunge });
  const fault = `${files.authorized} says auth=munge, which takes a worker that root starts`;
  expect([read(false), read(true).ok]).toEqual([{ ok: false, error: fault }, true]);
  rmSync(directory, { recursive: true });
});

describe("a file with a mistake in it is none", () => {
  const none = "is none of user=, from=, nice=, maxjobs=, notafter= and auth=";
  test.each([
    ["alice", "it begins with no fingerprint (64 hexadecimal digits)"],
    [`${A.toUpperCase()} user=alice`, "it begins with no fingerprint (64 hexadecimal digits)"],
    [`${A}a user=alice`, "it begins with no fingerprint (64 hexadecimal digits)"],
    [A, "it names no user="],
    [`${A} maxjobs=3`, "it names no user="],
    [`${A} user=`, `'user=' ${none}`],
    [`${A} user=alice,`, "'user=alice,' is no user= that can be meant"],
    [`${A} user=al/ice`, "'user=al/ice' is no user= that can be meant"],
    [`${A} user=-alice`, "'user=-alice' is no user= that can be meant"],
    [`${A} user=0`, "'user=0' is no user= that can be meant"],
    [`${A} user=*,root`, "'user=*,root' is no user= that can be meant"],
    [`${A} user=${"x".repeat(33)}`, `'user=${"x".repeat(33)}' is no user= that can be meant`],
    [`${A} user=alice user=bob`, "user= stands there twice"],
    [`${A} user=alice usr=bob`, `'usr=bob' ${none}`],
    [`${A} user=alice __proto__=1`, `'__proto__=1' ${none}`],
    [`${A} user=alice constructor=1`, `'constructor=1' ${none}`],
    [`${A} user=alice # a remark`, `'#' ${none}`],
    [`${A} user=alice\r`, "'user=alice\r' is no user= that can be meant"],
    [`${A} user=alice from=10.0.0.0`, "'from=10.0.0.0' is no from= that can be meant"],
    [`${A} user=alice from=10.0.0.0/8`, "'from=10.0.0.0/8' is no from= that can be meant"],
    [`${A} user=alice from=0.0.0.0/0.0.0.0`, "'from=0.0.0.0/0.0.0.0' is no from= that can be meant"],
    [`${A} user=alice from=10.0.0.0/255.0.0.0,`, "'from=10.0.0.0/255.0.0.0,' is no from= that can be meant"],
    [`${A} user=alice nice=-5`, "'nice=-5' is no nice= that can be meant"],
    [`${A} user=alice nice=20`, "'nice=20' is no nice= that can be meant"],
    [`${A} user=alice nice=05`, "'nice=05' is no nice= that can be meant"],
    [`${A} user=alice maxjobs=0`, "'maxjobs=0' is no maxjobs= that can be meant"],
    [`${A} user=alice maxjobs=1e3`, "'maxjobs=1e3' is no maxjobs= that can be meant"],
    [`${A} user=alice notafter=tomorrow`, "'notafter=tomorrow' is no notafter= that can be meant"],
    [`${A} user=alice notafter=2027-13-01`, "'notafter=2027-13-01' is no notafter= that can be meant"],
    [`${A} user=alice auth=mung`, "'auth=mung' is no auth= that can be meant"],
    [`${A} auth=munge`, "it names no user="],
    [`${A} user=alice\0`, "'user=alice\0' is no user= that can be meant"],
  ])("%j", (line, fault) => {
    expect(parseAuthorized(`${B} user=bob\n${line}\n`)).toEqual({ ok: false, error: `line 2: ${fault}` });
  });

  test("two lines for one credential", () => {
    const text = `${A} user=alice\n${A} user=root\n`;
    expect(parseAuthorized(text)).toEqual({ ok: false, error: "line 2: this credential has a line already" });
  });

  test("one that is too long", () => {
    expect(parseAuthorized("#".repeat(MAX_AUTHORIZED_BYTES + 1))).toEqual({ ok: false, error: "is too long" });
  });
});

test("whatever stands there, it is read or refused, and never more authorized than there are lines", () => {
  const word = fc.oneof(
    fc.constantFrom(A, B, "user=root", "user=*", "nice=1", "from=1.2.3.4/255.255.255.255", "maxjobs=2", "#", " ", "\t"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 6 }), { maxLength: 6 }), (lines) => {
      const text = lines.map((words) => words.join(" ")).join("\n");
      const read = parseAuthorized(text);
      if (!read.ok) expect(read.error).toMatch(/^line \d+: /);
      else expect(read.value.length).toBeLessThanOrEqual(text.split("\n").length);
    }),
    { numRuns: 2000 },
  );
});
