import fc from "fast-check";
import { expect, test } from "vitest";
import { TerminalText } from "../../src/exec/terminal-text.js";

const cooked = { flags: [0, 5, 0, 0], characters: "", rows: 24, columns: 80 } as const;
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

test("whatever a terminal makes of newlines, in whatever pieces, is taken back", () => {
  const texts = fc.array(fc.constantFrom("a", "\r", "\n", "\xe9"), { maxLength: 30 }).map((chars) => chars.join(""));
  fc.assert(
    fc.property(texts, fc.array(fc.nat(60)), (written, cuts) => {
      const shown = written.replaceAll("\n", "\r\n");
      const text = new TerminalText(cooked);
      const ends = [...cuts.filter((cut) => cut < shown.length).sort((a, b) => a - b), shown.length];
      const pieces = ends.map((end, i) => text.take(latin1(shown.slice(ends[i - 1] ?? 0, end))));
      expect(Buffer.concat([...pieces, text.rest()]).toString("latin1")).toBe(written);
    }),
  );
});

test("a terminal that hands everything on as it is has nothing taken back", () => {
  const text = new TerminalText({ ...cooked, flags: [0, 0, 0, 0] });
  expect(Buffer.concat([text.take(latin1("a\r\nb\r")), text.rest()]).toString("latin1")).toBe("a\r\nb\r");
});
