/** The tool `cproxy`: hands announcements on from one network to another. */

import { runCproxy } from "./cproxy-main.js";

// A failure that nobody foresaw ends the program with its trace.
void runCproxy().then((status) => process.exit(status));
