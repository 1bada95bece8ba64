import { expect, test } from "vitest";
import { ByteWriter } from "../../src/wire/byte-writer.js";

test("numbers of every width may be what makes a writer grow", () => {
  for (const width of [1, 2, 4, 8]) {
    for (let before = 240; before <= 256; before++) {
      const writer = new ByteWriter();
      for (let i = 0; i < before; i++) writer.u8(7);
      if (width === 1) writer.u8(1);
      else if (width === 2) writer.u16(1);
      else if (width === 4) writer.u32(1);
      else writer.u64(1n).i64(1n);
      const bytes = writer.take();
      expect([bytes.at(before - 1), bytes.at(-1), bytes.length]).toEqual([7, 1, before + (width === 8 ? 16 : width)]);
    }
  }
});
