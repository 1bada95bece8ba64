/** The tool `mexecd`: a worker, which runs the recipes of clients that hold the other half of its key. */

import { runMexecd } from "./mexecd-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runMexecd(process.argv.slice(2)).then((status) => (process.exitCode = status));
