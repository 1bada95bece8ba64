/** The table of all options: GNU make 4.4.1's and our own, with what each takes, means to MAKEFLAGS, and says in help. */

export type OptionKey = keyof typeof OPTIONS;

export interface OptionSpec {
  /** Single letters; the first one stands in MAKEFLAGS. */
  readonly letters: string;
  /** Long names; the first one is the one shown in messages and in MAKEFLAGS. */
  readonly names: readonly string[];
  readonly argument: "none" | "optional" | "required";
  /**
   * flag: on or off, and the strongest origin wins · list: every value counts · last: the last value counts ·
   * count: a positive number, or none for infinity · load: a number, or none for no limit.
   */
  readonly kind: "flag" | "list" | "last" | "count" | "load";
  /** Flags of one group turn each other off. */
  readonly group?: string;
  /** Whether sub-makes get it by MAKEFLAGS. */
  readonly isPassedDown: boolean;
  /** Whether the makefile may set it by MAKEFLAGS. */
  readonly fromMakefile: boolean;
  /** What stands for the argument in help. */
  readonly value?: string;
  /** undefined: not shown. */
  readonly help?: string;
  /** Not in GNU make; never taken for what an abbreviation means. */
  readonly isOurs?: boolean;
}

const flag = (letters: string, names: readonly string[], help: string, more: Partial<OptionSpec> = {}): OptionSpec => {
  return { letters, names, argument: "none", kind: "flag", isPassedDown: true, fromMakefile: true, help, ...more };
};

/** A flag that matters to this make alone. */
const once = (letters: string, names: readonly string[], help?: string, more: Partial<OptionSpec> = {}): OptionSpec => {
  const spec = {
    letters,
    names,
    argument: "none",
    kind: "flag",
    isPassedDown: false,
    fromMakefile: false,
    ...more,
  } as const;
  return help === undefined ? spec : { ...spec, help };
};

const required = (letters: string, names: readonly string[], value: string, help: string): OptionSpec => {
  return { letters, names, argument: "required", kind: "list", isPassedDown: false, fromMakefile: false, value, help };
};

/** Options that makes tell each other and nobody else. */
const internal = (name: string, kind: "list" | "last", isPassedDown: boolean): OptionSpec => {
  return { letters: "", names: [name], argument: "required", kind, isPassedDown, fromMakefile: false };
};

const ours = (name: string, value: string | undefined, help: string): OptionSpec => {
  const common = { letters: "", names: [name], isPassedDown: false, fromMakefile: false, help, isOurs: true } as const;
  if (value === undefined) return { ...common, argument: "none", kind: "flag" };
  return { ...common, argument: "required", kind: "last", value };
};

/** In the order of GNU make's help, which is also the order of the letters in MAKEFLAGS. */
export const OPTIONS = {
  ignored: once("bm", [], "Ignored for compatibility."),
  alwaysMake: flag("B", ["always-make"], "Unconditionally make all targets."),
  directory: required("C", ["directory"], "DIRECTORY", "Change to DIRECTORY before doing anything."),
  debugAll: flag("d", [], "Print lots of debugging information."),
  debug: {
    ...{ letters: "", names: ["debug"], argument: "optional", kind: "list", isPassedDown: true, fromMakefile: true },
    ...{ value: "FLAGS", help: "Print various types of debugging information." },
  },
  environmentOverrides: flag("e", ["environment-overrides"], "Environment variables override makefiles."),
  evaluate: { ...required("E", ["eval"], "STRING", "Evaluate STRING as a makefile statement."), isPassedDown: true },
  makefile: required("f", ["file", "makefile"], "FILE", "Read FILE as a makefile."),
  help: once("h", ["help"], "Print this message and exit."),
  ignoreErrors: flag("i", ["ignore-errors"], "Ignore errors from recipes."),
  includeDirectory: {
    ...required("I", ["include-dir"], "DIRECTORY", "Search DIRECTORY for included makefiles."),
    ...{ isPassedDown: true, fromMakefile: true },
  },
  jobs: {
    ...{ letters: "j", names: ["jobs"], argument: "optional", kind: "count", isPassedDown: true, fromMakefile: true },
    ...{ value: "N", help: "Allow N jobs at once; infinite jobs with no arg." },
  },
  jobserverStyle: {
    ...{ letters: "", names: ["jobserver-style"], argument: "required", kind: "last", isPassedDown: false },
    ...{ fromMakefile: false, value: "STYLE", help: "Select the style of jobserver to use." },
  },
  keepGoing: flag("k", ["keep-going"], "Keep going when some targets can't be made.", { group: "keepGoing" }),
  loadAverage: {
    ...{ letters: "l", names: ["load-average", "max-load"], argument: "optional", kind: "load", isPassedDown: true },
    ...{ fromMakefile: true, value: "N", help: "Don't start multiple jobs unless load is below N." },
  },
  checkSymlinks: flag("L", ["check-symlink-times"], "Use the latest mtime between symlinks and target."),
  justPrint: flag("n", ["just-print", "dry-run", "recon"], "Don't actually run any recipe; just print them."),
  oldFile: required("o", ["old-file", "assume-old"], "FILE", "Consider FILE to be very old and don't remake it."),
  outputSync: {
    ...{
      letters: "O",
      names: ["output-sync"],
      argument: "optional",
      kind: "last",
      isPassedDown: true,
      fromMakefile: true,
    },
    ...{ value: "TYPE", help: "Synchronize output of parallel jobs by TYPE." },
  },
  printDataBase: flag("p", ["print-data-base"], "Print make's internal database."),
  question: flag("q", ["question"], "Run no recipe; exit status says if up to date."),
  noBuiltinRules: flag("r", ["no-builtin-rules"], "Disable the built-in implicit rules."),
  noBuiltinVariables: flag("R", ["no-builtin-variables"], "Disable the built-in variable settings."),
  shuffle: {
    ...{ letters: "", names: ["shuffle"], argument: "optional", kind: "last", isPassedDown: true, fromMakefile: true },
    ...{ value: "{SEED|random|reverse|none}", help: "Perform shuffle of prerequisites and goals." },
  },
  silent: flag("s", ["silent", "quiet"], "Don't echo recipes.", { group: "silent" }),
  noSilent: flag("", ["no-silent"], "Echo recipes (disable --silent mode).", { group: "silent" }),
  stop: flag("S", ["no-keep-going", "stop"], "Turns off -k.", { group: "keepGoing" }),
  touch: flag("t", ["touch"], "Touch targets instead of remaking them."),
  trace: flag("", ["trace"], "Print tracing information."),
  version: once("v", ["version"], "Print the version number of make and exit.", { fromMakefile: true }),
  printDirectory: flag("w", ["print-directory"], "Print the current directory.", { group: "printDirectory" }),
  noPrintDirectory: flag("", ["no-print-directory"], "Turn off -w, even if it was turned on implicitly.", {
    group: "printDirectory",
  }),
  newFile: required("W", ["what-if", "new-file", "assume-new"], "FILE", "Consider FILE to be infinitely new."),
  warnUndefined: flag("", ["warn-undefined-variables"], "Warn when an undefined variable is referenced."),
  jobserverAuth: { ...internal("jobserver-auth", "last", true), fromMakefile: true },
  jobserverDescriptors: internal("jobserver-fds", "last", false),
  syncMutex: { ...internal("sync-mutex", "last", true), fromMakefile: true },
  temporaryStdin: internal("temp-stdin", "last", false),
  nodes: ours("nodes", "LIST", "Run recipes on these machines (NODES): 1-3,host:port,host*slots,n[01-16],ssh:host."),
  backend: ours(
    "backend",
    "HOW",
    "Reach machines by HOW: mexecd, ssh, slurm, grid-engine, none, exec:COMMAND with {host}, {worker}.",
  ),
  partition: ours("partition", "NAME", "With --backend=slurm --nodes=N: ask for machines of this partition."),
  time: ours("time", "LIMIT", "With --backend=slurm --nodes=N: ask for them for so long, as sbatch --time has it."),
  slurmOptions: ours(
    "slurm-options",
    "OPTIONS",
    "With --backend=slurm --nodes=N: more options of salloc, in one word.",
  ),
  tunnel: ours("tunnel", undefined, "Workers that are started do not call back: all goes through what started them."),
  remoteNode: ours("remote-node", "PATH", "Start workers with the node program PATH on the machines."),
  group: ours("group", "LIST", "Run recipes on machines that are found here, too (GROUP): [DEVICE:]ADDRESS[:PORT],..."),
  key: ours("key", "FILE", "The client's half of the key pair that the machines hold (MPMAKE_KEY)."),
  config: ours("config", "FILE", "Read FILE instead of the mpmake.config.json found upwards from here."),
  strict: ours("strict", undefined, "Fail when no machine can be reached, instead of building here."),
  joinsFromNodes: ours(
    "joins-from-nodes",
    undefined,
    "Makes that scripts on machines start become parts of this one, as they do here: machines are trusted with it.",
  ),
  cluster: ours(
    "cluster",
    "COMMAND",
    "up, join, drain or status, as the first word: make, enter, leave or show a standing cluster.",
  ),
  memfree: ours("memfree", "SIZE", "Leave out machines with less free memory than SIZE, such as 2G."),
  clockSkew: ours("clock-skew", "SECONDS", "Leave out machines whose clock is further off than SECONDS."),
  sentdir: ours("sentdir", "DIR", "Share with other builds, in DIR, what was sent where lately (SENTDIR)."),
  history: {
    ...ours("history", "FILE", "Keep in FILE how long recipes took, and start the longest chains first."),
    argument: "optional",
  },
  noHistory: ours("no-history", undefined, "Do not keep how long recipes took, nor go by it."),
  progress: ours("progress", undefined, "Show what runs where and how much is done."),
  report: ours("report", "FILE", "Write what was run where, and for how long, to FILE as JSON."),
  traceFile: ours("trace-file", "FILE", "Write a timeline that Perfetto and Chrome show to FILE."),
  annotate: {
    ...ours("annotate", "LOG", "Fold output by directory and note what failed, as the log of github or gitlab has it."),
    argument: "optional",
  },
  explain: { ...ours("explain", "TARGET", "Say of TARGET, or of all that is remade, why."), argument: "optional" },
  watch: ours("watch", undefined, "Build again whenever a source or a makefile changes, until Ctrl-C."),
  doctor: ours("doctor", undefined, "Ask every machine what could go wrong there, say how to mend it, and exit."),
  json: ours("json", undefined, "Have --doctor answer in JSON."),
  completion: ours("completion", "SHELL", "Print a completion script for SHELL (bash, zsh, fish), and exit."),
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** All keys, in table order. */
export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[];

/** The options without a letter, in the order in which MAKEFLAGS has them. */
export const LONG_IN_MAKEFLAGS: readonly OptionKey[] = [
  ...([
    "debug",
    "jobserverAuth",
    "trace",
    "noPrintDirectory",
    "warnUndefined",
    "syncMutex",
    "noSilent",
    "shuffle",
  ] as const),
];

/** An option's row. */
export function optionSpec(key: OptionKey): OptionSpec {
  return OPTIONS[key];
}
