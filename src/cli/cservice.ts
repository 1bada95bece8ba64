/** The tool `cservice`: not there yet. */

import { exitStatus, tellArrival } from "./arrival.js";

tellArrival("cservice");
process.exitCode = exitStatus;
