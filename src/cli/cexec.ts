/** The tool `cexec`: not there yet. */

import { exitStatus, tellArrival } from "./arrival.js";

tellArrival("cexec");
process.exitCode = exitStatus;
