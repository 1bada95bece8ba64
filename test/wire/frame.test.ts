import fc from "fast-check";
import { expect, test } from "vitest";
import { type Delivery, frameHeader, FrameReader, type FrameHeader } from "../../src/wire/frame.js";
import { WireError } from "../../src/wire/wire-error.js";

interface Sent {
  readonly header: FrameHeader;
  readonly payload: Uint8Array;
}

const frames = fc.array(
  fc.record({
    code: fc.integer({ min: 0, max: 255 }),
    stream: fc.integer({ min: 0, max: 0xff_ffff }),
    payload: fc.uint8Array({ maxLength: 3000 }),
  }),
  { maxLength: 8 },
);

/** Cuts bytes and joins the pieces of each frame again. */
function cut(bytes: Uint8Array, chunk: number, delivery: Delivery): readonly Sent[] {
  let open: { readonly header: FrameHeader; readonly parts: Uint8Array[] } | undefined;
  const whole: Sent[] = [];
  const reader = new FrameReader(() => delivery);
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.subarray(at, at + chunk));
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      open ??= { header: frame.header, parts: [] };
      open.parts.push(frame.payload.slice());
      const payload = Uint8Array.from(Buffer.concat(open.parts));
      if (payload.length < frame.header.length) continue;
      whole.push({ header: frame.header, payload });
      open = undefined;
    }
  }
  return whole;
}

test.each(["whole", "pieces"] as const)("frames are cut wherever their bytes are (%s)", (delivery) => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 5000 }), (all, chunk) => {
      const sent = all.map(({ code, stream, payload }) => ({
        header: { length: payload.length, code, stream },
        payload,
      }));
      const bytes = Buffer.concat(sent.flatMap(({ header, payload }) => [frameHeader(header), payload]));
      expect(cut(bytes, chunk, delivery)).toEqual(sent);
    }),
  );
});

test("a header that is refused is refused before its payload has come", () => {
  const reader = new FrameReader(() => {
    throw new WireError("no");
  });
  reader.push(frameHeader({ length: 1000, code: 1, stream: 0 }));
  expect(() => reader.next()).toThrow(WireError);
});
