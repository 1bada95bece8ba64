/** The tool `crat`: tells what clients say of the workers that they found. */

import { runCrat } from "./crat-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runCrat().then((status) => process.exit(status));
