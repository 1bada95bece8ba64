/** The tool `mpshd`: the session behind `mpsh`, which starts it. */

import { runMpshd } from "./mpshd-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runMpshd(process.argv.slice(2)).then((status) => process.exit(status));
