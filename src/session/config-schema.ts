/** What may stand in `mpmake.config.json`. Loaded only when such a file exists; the shipped JSON schema is made from it. */

import { isIP } from "node:net";
import { z } from "zod";
import { hostPatternComplaint } from "../placement/node-directory.js";
import { formatNodeListError, parseNodeList } from "../placement/node-list.js";
import { parseGroup } from "../wire/group.js";

const port = z.int().min(1).max(65535);
const slots = z.int().min(1).max(4096);

const node = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9_.:%-]+$/, { error: "expected a host name or address" })
      .describe("Host name or address, without port."),
    port: port.optional().describe("Where its mexecd listens; defaultPort when left out."),
    slots: slots.optional().describe("Jobs it may run at once; as many as it offers when left out."),
    speed: z.number().positive().optional().describe("Speed of one slot, relative to the other nodes' 1."),
  })
  .describe("One node.");

const nodeList = z.string().superRefine((text, context) => {
  const parsed = parseNodeList(text);
  if (!parsed.ok) context.addIssue({ code: "custom", message: formatNodeListError(parsed.error) });
});

const hostPattern = z.string().superRefine((text, context) => {
  const complaint = hostPatternComplaint(text);
  if (complaint !== undefined) context.addIssue({ code: "custom", message: complaint });
});

const group = z.string().superRefine((text, context) => {
  const parsed = parseGroup(text, (word) => isIP(word) !== 0);
  if (!parsed.ok) context.addIssue({ code: "custom", message: parsed.error });
});

const absolutePath = z.string().regex(/^\//, { error: "expected an absolute path" });

/** The file's contents; unknown keys are mistakes. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe("Where this schema is, for editors."),
    use: nodeList
      .optional()
      .describe("The nodes to build on when neither --nodes nor NODES says; written as NODES is."),
    cluster: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The folder of a standing cluster (mpmake up), relative to this file: whose nodes to build on when nothing else names any.",
      ),
    group: group
      .optional()
      .describe(
        "Where mpmake looks for nodes that nobody has listed, when neither --group nor GROUP says; written as GROUP is.",
      ),
    nodes: z
      .record(z.string().regex(/^[A-Za-z0-9_.:-]+$/), node)
      .optional()
      .describe("Nodes by number or name, as NODES names them."),
    groups: z
      .record(z.string().regex(/^[A-Za-z0-9_.-]+$/), nodeList)
      .optional()
      .describe("What @NAME stands for in NODES; each written as NODES is."),
    hostPattern: hostPattern
      .optional()
      .describe("The host of a number that nodes does not hold, such as n%02d.cluster:7070."),
    defaultPort: port.optional().describe("The port where none is said; 7070 when left out."),
    key: z.string().min(1).optional().describe("The client's key file, made by ckeygen; relative to this file."),
    clockSkew: z
      .number()
      .positive()
      .optional()
      .describe("A node whose clock is off by more seconds is left out; 2 when left out."),
    strict: z.boolean().optional().describe("Fail when no node can be reached, instead of building here."),
    joinsFromNodes: z
      .boolean()
      .optional()
      .describe(
        "Makes that scripts on nodes start become parts of the make here; nodes are then trusted with what is read and run here.",
      ),
    connectTimeoutMs: z
      .int()
      .min(10)
      .max(60_000)
      .optional()
      .describe(
        "How long a node's machine has to take a connection; 1000 when left out. Its worker has five times as long to answer.",
      ),
    backend: z
      .string()
      .min(1)
      .optional()
      .describe(
        "How nodes are reached of which NODES does not say it, when neither --backend nor MPMAKE_BACKEND does: mexecd, ssh, or exec:COMMAND.",
      ),
    ssh: z.string().min(1).optional().describe("The ssh program with its options, as words; ssh when left out."),
    remoteNode: z.string().min(1).optional().describe("The node program on machines where workers are started."),
    tunnel: z.boolean().optional().describe("Workers that are started are not to call back."),
    callPorts: z
      .string()
      .regex(/^\d{1,5}(-\d{1,5})?$/, { error: "expected a port or a range such as 4000-4010" })
      .optional()
      .describe("Where workers that are started call back; any port when left out."),
    munge: z
      .union([z.boolean(), absolutePath])
      .optional()
      .describe("Show machines a MUNGE credential, by which they know our user; a path names munged's socket."),
    envsetter: absolutePath
      .optional()
      .describe("ENVSETTER: a program run on the node before recipes, that sets their environment."),
    sentDirectory: absolutePath.optional().describe("SENTDIR: where sessions tell each other what they sent."),
    history: z
      .union([z.boolean(), z.string().min(1)])
      .optional()
      .describe(
        "Where it is kept how long recipes took, from the first make's directory; when left out, .mpmake/history if there is such a folder; false: nowhere.",
      ),
    memfree: z
      .string()
      .regex(/^\d+(\.\d+)?[KMGT]?$/i, { error: "expected a size such as 512M or 2G" })
      .optional()
      .describe("A node with less memory free takes no further job."),
  })
  .meta({ title: "mpmake.config.json", description: "The configuration of mpmake and its tools." });

export type Config = z.infer<typeof configSchema>;

/**
 * The JSON schema of the file, as shipped in `schema/mpmake.config.schema.json`; scripts/config-schema.mjs writes it there.
 *
 * @public
 */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { target: "draft-7" });
}

/** Checks what was read; the first mistake is told as `KEY: WHAT WAS EXPECTED`. */
export function checkConfig(value: unknown): { readonly config: Config } | { readonly mistake: string } {
  const checked = configSchema.safeParse(value, { reportInput: true });
  if (checked.success) return { config: checked.data };
  const [issue] = checked.error.issues;
  return { mistake: issue === undefined ? checked.error.message : formatIssue(issue) };
}

function formatIssue(issue: z.core.$ZodIssue): string {
  const key = issue.path.map(String).join(".");
  const message = issue.message
    .replace(/^(Invalid input|Invalid string|Too small|Too big): /, "")
    .replace(/^[A-Z](?![A-Z])/, (c) => c.toLowerCase());
  return key === "" ? message : `${key}: ${message}`;
}
