/** The shell script that a launcher's command reads first: finds Node and the worker's file there, or takes the file, and starts it. */

import { quote } from "../os/quote.js";
import { WORKER_WORDS } from "./launcher.js";

/** What the script looks for. */
export interface ScriptRequest {
  /** The worker's file: SHA-256 in hexadecimal, and its length. */
  readonly hash: string;
  readonly bytes: number;
  /** Where the file is here, and with a shared file system perhaps there. */
  readonly path: string;
  /** The node program there, as the user names it; undefined: what is found. */
  readonly node: string | undefined;
  /** Ours, which may be in the same place there. */
  readonly ownNode: string;
}

/** What the script says, each on a line of its own behind this mark; all other lines are not its. */
export const SCRIPT_MARK = "mpmake-launch: ";
export const SCRIPT_SAYS = { send: "send", ready: "ready", cannot: "cannot " } as const;

/**
 * The whole script. It says `send` when the file is to come, `ready` right before the worker starts, or `cannot` and why. Until it has
 * said so, nothing may be sent behind it: a shell may read further than it needs. Nor may a shell read less than all of it, as the worker
 * would have the rest: it runs what it has read so far, which need not be all, so that all is one function and its call.
 *
 * The file has its hash in its name and appears under it whole or not at all; it is looked at each time that it is used.
 */
export function workerScript({ hash, bytes, path, node, ownNode }: ScriptRequest): string {
  return `main() {
say() { printf '\\n${SCRIPT_MARK}%s\\n' "$*"; }
cannot() { say cannot "$*"; exit 1; }
if [ ${quote(node ?? "")} ]; then
  node=$(command -v ${quote(node ?? "")}) || cannot ${quote(`${node ?? ""} is no program there (--remote-node)`)}
else
  node=
  for each in node ${quote(ownNode)} /usr/local/bin/node /usr/bin/node /opt/node/bin/node nodejs; do
    if node=$(command -v "$each"); then break; fi
  done
  [ "$node" ] || cannot 'there is no node in its PATH (--remote-node names it)'
fi
sum() { { sha256sum || shasum -a 256 || sha256 -q; } 2>/dev/null; }
isgood() { [ -f "$1" ] && [ -r "$1" ] && set -- $(sum <"$1") && [ "$1" = ${hash} ]; }
start() { MPMAKE_NODE=$node; export MPMAKE_NODE; cd /; say ready; exec /bin/sh "$1" ${WORKER_WORDS.launched}; }
if isgood ${quote(path)}; then start ${quote(path)}; fi
umask 077
id=$(id -u)
for folder in "\${XDG_CACHE_HOME:-\${HOME:-/nonexistent}/.cache}/mpmake-worker" "/var/tmp/mpmake-worker-$id" "/tmp/mpmake-worker-$id"; do
  mkdir -p "$folder" 2>/dev/null && chmod 700 "$folder" 2>/dev/null && [ -O "$folder" ] && ! [ -h "$folder" ] && [ -w "$folder" ] && break
  folder=
done
[ "$folder" ] || cannot 'there is no folder where the worker could be put: neither in the home directory nor in /var/tmp or /tmp'
file=$folder/mexecd-${hash}
if isgood "$file"; then start "$file"; fi
say send
new=$file.$$
trap 'rm -f "$new"' EXIT HUP INT TERM
head -c ${String(bytes)} >"$new" || cannot "$new cannot be written"
isgood "$new" || cannot "what arrived in $new is not what was sent, or no sha256sum is there to tell"
chmod 700 "$new" && mv -f "$new" "$file" || cannot "$file cannot be written"
trap - EXIT HUP INT TERM
find "$folder" -name 'mexecd-*' -mtime +30 -exec rm -f {} + 2>/dev/null
start "$file"
}
main
`;
}
