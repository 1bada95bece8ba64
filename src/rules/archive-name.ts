/** Archive members as targets: `lib(member)`. */

export interface ArchiveMember {
  readonly archive: string;
  readonly member: string;
}

/** The parts of `lib(member)`; undefined for a name of another form. */
export function parseArchiveName(name: string): ArchiveMember | undefined {
  if (!name.endsWith(")")) return undefined;
  const open = name.indexOf("(");
  if (open <= 0 || open === name.length - 2) return undefined;
  return { archive: name.slice(0, open), member: name.slice(open + 1, -1) };
}

/** The file that a name stands for: of a member its archive. */
export function fileOf(name: string): string {
  return parseArchiveName(name)?.archive ?? name;
}
