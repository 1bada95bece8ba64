/** The tool `cservice`: a worker that runs one program for the clients of one application. */

import { runCservice } from "./cservice-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runCservice().then((status) => process.exit(status));
