/** Names of things that cross rooms; branded, so that one kind is never taken for another. */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A machine, by the name its user gave it in NODES or the configuration; `LOCAL_NODE` is this machine. */
export type NodeId = Branded<string, "NodeId">;
/** One target's recipe, unique within a session. */
export type JobId = Branded<number, "JobId">;
/** One make invocation (a top-level make or a sub-make), unique within a session. */
export type InvocationId = Branded<number, "InvocationId">;

export const LOCAL_NODE = "local" as NodeId;

export function nodeId(name: string): NodeId {
  return name as NodeId;
}

export function jobId(n: number): JobId {
  return n as JobId;
}

export function invocationId(n: number): InvocationId {
  return n as InvocationId;
}
