/** The tool `cproxy`: not there yet. */

import { exitStatus, tellArrival } from "./arrival.js";

tellArrival("cproxy");
process.exitCode = exitStatus;
