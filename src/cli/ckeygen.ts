/** The tool `ckeygen`: makes the two halves of a key pair. */

import { runCkeygen } from "./ckeygen-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runCkeygen(process.argv.slice(2)).then((status) => (process.exitCode = status));
