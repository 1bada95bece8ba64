/** Functions that say something: error, warning, info. */

import { MakefileError } from "../../base/location.js";
import type { BuiltinFunction } from "../model.js";

export const MESSAGE_FUNCTIONS: readonly BuiltinFunction[] = [
  {
    name: "error",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([text = ""], { language }) => {
      throw new MakefileError(language.location, text);
    },
  },
  {
    name: "warning",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([text = ""], { language }) => {
      language.warn(language.location, text);
      return "";
    },
  },
  {
    name: "info",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([text = ""], { language }) => {
      language.host.print("stdout", text + "\n");
      return "";
    },
  },
];
