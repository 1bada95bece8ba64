/** The tool `cexec`: has the service of an application do its work with our descriptors. */

import { runCexec } from "./cexec-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runCexec().then((status) => process.exit(status));
