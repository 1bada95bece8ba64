// What the steps have to say to GitHub's runner, in its own files and words.
import { appendFileSync } from "node:fs";
import { randomBytes } from "node:crypto";

/** Of those that the runner sets. */
export function runnerVariable(name) {
  const value = process.env[name] ?? "";
  return value === "" ? fail(`${name} is not set: this is to be run by GitHub's runner`) : value;
}

/** Sets an output of this step. */
export function output(name, value) {
  const end = `end-${randomBytes(16).toString("hex")}`;
  appendFileSync(runnerVariable("GITHUB_OUTPUT"), `${name}<<${end}\n${value}\n${end}\n`);
}

/** Says why, and ends with make's own status for errors. */
export function fail(message) {
  note("error", message);
  process.exit(2);
}

/** Something that is shown with the run; `error` or `warning`. */
export function note(severity, message) {
  const text = message.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  console.log(`::${severity} title=mpmake::${text}`);
}
