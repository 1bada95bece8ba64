/** How an environment names the jobserver: the last `--jobserver-auth` among the options of MAKEFLAGS, and of MFLAGS. */

const FLAGS = /^M(?:AKE)?FLAGS=/;
/** Blanks within a word have a backslash before them. */
const AUTH = /(?<=^M(?:AKE)?FLAGS=|(?<!\\) )--jobserver-auth=((?:\\.|[^\\ ])*)/g;
const BEFORE_VARIABLES = /(?<!\\) -- /;

/** What a jobserver is to the programs of a recipe; undefined: there is none. */
export type JobserverStyle = "fifo" | "pipe" | undefined;

/** As MAKEFLAGS has it, blanks with backslashes before them; undefined: there is none. */
export function jobserverAuthOf(environment: readonly string[]): string | undefined {
  const entry = environment.find((one) => one.startsWith("MAKEFLAGS="));
  return entry === undefined ? undefined : [...partsOf(entry).options.matchAll(AUTH)].at(-1)?.[1];
}

export function jobserverStyleOf(environment: readonly string[]): JobserverStyle {
  const auth = jobserverAuthOf(environment);
  if (auth === undefined) return undefined;
  if (auth.startsWith("fifo:")) return "fifo";
  return /^\d+,\d+$/.test(auth) ? "pipe" : undefined;
}

/** The same environment, with its jobserver at another FIFO. @param path - without blanks and backslashes */
export function withFifo(environment: readonly string[], path: string): readonly string[] {
  return withAuth(environment, () => `fifo:${path}`);
}

/** The same environment, with one jobserver in the place of another; both as MAKEFLAGS has them. */
export function withAuthFor(environment: readonly string[], from: string, to: string): readonly string[] {
  return withAuth(environment, (auth) => (auth === from ? to : auth));
}

function withAuth(environment: readonly string[], authFor: (auth: string) => string): readonly string[] {
  return environment.map((entry) => {
    if (!FLAGS.test(entry)) return entry;
    const { options, variables } = partsOf(entry);
    return options.replace(AUTH, (_, auth: string) => `--jobserver-auth=${authFor(auth)}`) + variables;
  });
}

/** Tells a program that is not given the jobserver's pipe so, as GNU make does: by descriptors that cannot be. */
export function withoutPipe(environment: readonly string[]): readonly string[] {
  return environment.map((entry) => {
    if (!FLAGS.test(entry)) return entry;
    const { options, variables } = partsOf(entry);
    return `${options} --jobserver-auth=-2,-2${variables}`;
  });
}

/** Behind ` -- ` stand variables, whatever they look like. */
function partsOf(entry: string): { readonly options: string; readonly variables: string } {
  const at = entry.search(BEFORE_VARIABLES);
  return at < 0 ? { options: entry, variables: "" } : { options: entry.slice(0, at), variables: entry.slice(at) };
}
