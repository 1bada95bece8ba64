/** What programs of a job inherit from it, beside environment and descriptors: what a process that is started as they are shows. */

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Cgroup } from "../os/cgroup.js";
import { likenessOf } from "../os/likeness.js";
import { openPipe, type PipeEnds } from "../os/pipes.js";
import type { Spawner } from "../os/spawn.js";
import type { RunRequest } from "../wire/message.js";

export interface JobLikenessRequest {
  readonly request: Pick<RunRequest, "directory" | "settings" | "umask">;
  readonly spawner: Spawner;
  readonly temporaryDirectory: string;
  readonly cgroup: Cgroup | undefined;
  /** `NAME=value`, by which it is found when the job is ended. */
  readonly marker: string;
}

/** It says that it is what it is going to be, and ends when nobody looks at it any more. */
const SHOWS = "echo; read -r _";

/** @returns undefined when it cannot be known. @throws HostError when there is no pipe */
export async function likenessOfJob(asked: JobLikenessRequest): Promise<string | undefined> {
  const { request, spawner, temporaryDirectory, cgroup, marker } = asked;
  const ours = new Set<number>();
  const pipe = (): PipeEnds => {
    const opened = openPipe(temporaryDirectory);
    ours.add(opened.read).add(opened.write);
    return opened;
  };
  const close = (fd: number): void => {
    if (ours.delete(fd)) closeSync(fd);
  };
  try {
    const [input, output] = [pipe(), pipe()];
    const spawn = () =>
      spawner.spawn({
        ...{ program: "/bin/sh", argv: ["/bin/sh", "-c", SHOWS], environment: [marker], group: "own" },
        ...{ directory: request.directory, umask: request.umask, settings: request.settings },
        ...{ stdin: input.read, stdout: output.write, stderr: output.write },
      });
    const { pid, exit } = cgroup === undefined ? spawn() : cgroup.within(spawn);
    close(input.read);
    close(output.write);
    ours.delete(output.read);
    const isThere = await hasSpoken(output.read);
    const likeness = pid === undefined || !isThere ? undefined : likenessOf(pid);
    close(input.write);
    await exit;
    return likeness;
  } finally {
    for (const fd of ours) closeSync(fd);
  }
}

/** @param fd - closed by this */
function hasSpoken(fd: number): Promise<boolean> {
  const socket = new Socket({ fd, readable: true, writable: false });
  return new Promise((resolve) => {
    const settle = (isThere: boolean): void => {
      resolve(isThere);
      socket.destroy();
    };
    socket.once("data", () => settle(true));
    socket.once("end", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
