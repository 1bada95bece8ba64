/** The tool `mexecvp`: runs a program on the least loaded node. */

import { runMexecvp } from "./mexecvp-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runMexecvp().then((status) => process.exit(status));
