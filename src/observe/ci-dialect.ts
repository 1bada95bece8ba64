/** How the logs of continuous integration are told what to fold, and what to show beside the sources. Pure text. */

export interface Annotation {
  readonly severity: "error" | "warning";
  /** From the top of the sources. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly title: string;
  /** May have several lines. */
  readonly message: string;
}

/** What a log understands; each text is whole lines. */
export interface CiDialect {
  /** Before the first line of a build: from here on the log obeys nothing. */
  readonly guard: string;
  /** The opposite: commands may follow. */
  readonly unguard: string;
  /** Commands: a group that can be folded begins, or ends. @param number - of this group and no other */
  open(title: string, number: number, nowMs: number): string;
  close(number: number, nowMs: number): string;
  /** Commands, or lines, that show what was noted. */
  annotate(annotations: readonly Annotation[]): string;
}

export const CI_DIALECTS = { github, gitlab } as const satisfies Record<string, (token: string) => CiDialect>;

export type CiDialectName = keyof typeof CI_DIALECTS;

export function isCiDialect(name: string): name is CiDialectName {
  return Object.hasOwn(CI_DIALECTS, name);
}

/**
 * Commands of GitHub's runner. It obeys none but ours: all output stands between `stop-commands` and a token that nobody can guess.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
function github(token: string): CiDialect {
  return {
    guard: `::stop-commands::${token}\n`,
    unguard: `::${token}::\n`,
    open: (title) => `::group::${githubData(title)}\n`,
    close: () => "::endgroup::\n",
    annotate: (annotations) =>
      annotations.map((one) => `::${one.severity}${githubProperties(one)}::${githubData(one.message)}\n`).join(""),
  };
}

function githubProperties({ file, line, column, title }: Annotation): string {
  const properties = { file, line, col: column, title };
  const words = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${githubProperty(String(value))}`],
  );
  return ` ${words.join(",")}`;
}

/** What has a meaning in a command's text, and besides in a property of it. */
function githubData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function githubProperty(text: string): string {
  return githubData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

const CLEAR_LINE = "\r\x1b[0K";
const RED = "\x1b[31;1m";
const YELLOW = "\x1b[33;1m";
const PLAIN = "\x1b[0m";

/** Sections of GitLab's job logs; what GitLab shows beside sources it takes from files. @see https://docs.gitlab.com/ci/jobs/job_logs/ */
function gitlab(token: string): CiDialect {
  const name = (number: number): string => `mpmake_${token.slice(0, 8)}_${String(number)}`;
  const seconds = (ms: number): string => String(Math.floor(ms / 1000));
  return {
    guard: "",
    unguard: "",
    open: (title, number, nowMs) =>
      `section_start:${seconds(nowMs)}:${name(number)}[collapsed=true]${CLEAR_LINE}${oneLine(title)}\n`,
    close: (number, nowMs) => `section_end:${seconds(nowMs)}:${name(number)}${CLEAR_LINE}\n`,
    annotate: (annotations) => annotations.map(gitlabLine).join(""),
  };
}

function gitlabLine({ severity, file, line, column, message }: Annotation): string {
  const place = [file, line, column].filter((part) => part !== undefined).map((part) => `${part}:`);
  const colour = severity === "error" ? RED : YELLOW;
  return `${colour}${severity}:${PLAIN} ${[place.join(""), oneLine(message)].filter((part) => part !== "").join(" ")}\n`;
}

/** The first line of it, and nothing that moves the cursor. */
function oneLine(text: string): string {
  return text.replace(/\n[^]*$/, "").replace(/[\x00-\x1f]/g, " ");
}
