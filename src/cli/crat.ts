/** The tool `crat`: not there yet. */

import { exitStatus, tellArrival } from "./arrival.js";

tellArrival("crat");
process.exitCode = exitStatus;
