/** What `mpmake --doctor` has each machine, and this one, say of itself: one script, and how its answers are read. */

/** What a machine answered, by name; one that could not be found out is absent or empty. */
export type Facts = ReadonlyMap<string, string>;

/** How often a file is written to see how far apart its times are. */
const STAMPS = 12;

/**
 * Prints `name=value` lines. It is run by /bin/sh in the build's directory. The first word after its name is a list of compilers,
 * parted by blanks, the others are programs to be looked for. The file that it makes is removed. Times are seconds and parts of one.
 */
export const FACTS_SCRIPT = `
say() { printf '%s=%s\\n' "$1" "$2"; }
searched=$PATH; PATH=$PATH:/usr/bin:/bin
say uid "$(id -u)"; say gid "$(id -g)"; say groups "$(id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' ')"
say umask "$(umask)"; say system "$(uname -sm)"; say host "$(uname -n)"
while read -r line; do
  case $line in Max*) say "\${line%%  *}" "\${line#*  }";; esac
done </proc/self/limits 2>/dev/null
compilers=$1; shift
for tool do
  path=$(PATH=$searched; command -v "$tool"); say "tool.$tool" "$path"
  [ -f "$path" ] && say "sum.$tool" "$(cksum <"$path")"
done
for compiler in $compilers; do
  (PATH=$searched; command -v "$compiler") >/dev/null || continue
  said=$(PATH=$searched; "$compiler" -v 2>&1 </dev/null)
  say "said.$compiler" "$(printf '%s\\n' "$said" | grep version | tail -n 1)"
  say "hash.$compiler" "$(printf '%s\\n' "$said" | cksum)"
done
say filesystem "$(stat -f -c %T . 2>/dev/null)"
file=.mpmake-doctor-$$
if (umask 077; : >"$file") 2>/dev/null; then
  before=$(date +%s.%N); echo x >"$file"; after=$(date +%s.%N)
  say stamp "$(stat -c %.9Y "$file" 2>/dev/null)"; say before "$before"; say after "$after"
  stamps= count=0
  while [ "$count" -lt ${String(STAMPS)} ]; do
    echo x >"$file"; stamps="$stamps $(stat -c %.9Y "$file" 2>/dev/null)"; count=$((count + 1))
  done
  say stamps "$stamps"
  rm -f "$file"; say writable yes
else
  say writable no
fi
place=$(stat -c %m . 2>/dev/null)
while read -r _ at type options _; do
  [ "$at" = "$place" ] && last="$type $options"
done </proc/self/mounts 2>/dev/null
say mount "$last"
`;

export function factsOf(printed: string): Facts {
  return new Map(
    printed.split("\n").flatMap((line) => {
      const end = line.indexOf("=");
      return end < 0 ? [] : [[line.slice(0, end), line.slice(end + 1).trim()] as const];
    }),
  );
}

/** The programs that builds are likely to need: what SHELL and CC name, by a word of the command line or the environment, and the usual. */
export interface WantedTools {
  readonly compilers: readonly string[];
  readonly others: readonly string[];
}

/** @param variable - a variable's value; undefined: it is not set */
export function wantedTools(variable: (name: "SHELL" | "CC") => string | undefined): WantedTools {
  const named = (name: "SHELL" | "CC", usual: string): string => variable(name)?.trim().split(/\s+/)[0] ?? usual;
  return {
    compilers: [...new Set(["cc", named("CC", "cc")])].filter((word) => word !== ""),
    others: [...new Set(["sh", named("SHELL", "sh"), "make"])].filter((word) => word !== ""),
  };
}
