import { isIP } from "node:net";
import { expect, test } from "vitest";
import { parseGroup } from "../../src/wire/group.js";

function group(text: string) {
  return parseGroup(text, (address) => isIP(address) !== 0);
}

test("an empty group is every machine of our networks", () => {
  expect(group(" ")).toEqual({ ok: true, value: [{ address: "255.255.255.255", port: 3010, device: undefined }] });
});

test("devices, addresses, ports, and lists of them", () => {
  expect(group("239.1.2.3, lo:10.0.0.255:4000 [ff15::1] eth0.5:[fd00::1]:9")).toEqual({
    ok: true,
    value: [
      { address: "239.1.2.3", port: 3010, device: undefined },
      { address: "10.0.0.255", port: 4000, device: "lo" },
      { address: "ff15::1", port: 3010, device: undefined },
      { address: "fd00::1", port: 9, device: "eth0.5" },
    ],
  });
});

test.each(["somewhere", "10.0.0", "10.0.0.1:0", "10.0.0.1:65536", "fd00::1", "[10.0.0.1", "lo:", "300.1.1.1"])(
  "%s is no place of a group",
  (text) => {
    expect(group(`10.0.0.1 ${text}`)).toEqual({ ok: false, error: `'${text}' is not [DEVICE:]ADDRESS[:PORT]` });
  },
);
