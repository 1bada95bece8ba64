// The floors of src/: a room imports only rooms of the floors below its own, and nothing goes round in a circle.

/** From the lowest floor up; the rooms of one floor are siblings and do not know each other. */
const FLOORS = [
  ["base"],
  ["events"],
  ["makefile", "wire", "placement"],
  ["rules"],
  ["graph"],
  ["sched"],
  // the pure line
  ["os", "net"],
  ["exec", "node", "launch", "observe", "watch"],
  ["session"],
  ["cli"],
];

/** The one sideways step: sockets may use what os/ knows of descriptors and clocks. */
const SIDEWAYS = { net: ["os"] };

const PURE = FLOORS.slice(0, 6).flat();
const only = (rooms) => `^src/(${rooms.join("|")})/`;

const floors = FLOORS.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const below = FLOORS.slice(0, floor).flat();
    const reachable = [room, ...below, ...(SIDEWAYS[room] ?? [])];
    return {
      name: `floor-of-${room}`,
      comment: `src/${room} imports only itself and the floors below it: ${reachable.join(", ")}`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^src/", pathNot: only(reachable) },
    };
  }),
);

/** Packages that belong to one place. */
const PACKAGES = { yargs: ["cli"], chokidar: ["watch"], "p-queue": ["sched"] };

const packages = Object.entries(PACKAGES).map(([name, rooms]) => ({
  name: `only-${rooms.join("-")}-uses-${name}`,
  severity: "error",
  from: { path: "^src/", pathNot: only(rooms) },
  to: { path: `^node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    ...floors,
    ...packages,
    {
      name: "no-cycles",
      comment: "type-only imports count: a circle of types is a circle of ideas",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "pure-rooms-know-no-node",
      severity: "error",
      from: { path: only(PURE) },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-rooms-use-no-packages",
      comment: "p-queue, which holds the job slots, is the one exception",
      severity: "error",
      from: { path: only(PURE) },
      to: { path: "^node_modules/", pathNot: "^node_modules/p-queue/" },
    },
    {
      name: "tools-are-entries",
      comment: "a tool's file is started, not imported: what tools share stands in files beside them",
      severity: "error",
      from: {},
      to: { path: "^src/cli/(mpmake|mexecvp|mpshd|mexecd|cexec|cservice|ckeygen|crat|cproxy)\\.ts$" },
    },
    {
      name: "nothing-imports-the-library-entry",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "no-tests-in-src",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|scripts|fixtures)/" },
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^koffi$" } },
    {
      name: "src-uses-shipped-packages-only",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
