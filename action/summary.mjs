// A report of mpmake's as Markdown. Names and output are anybody's: nothing in them is taken for markup.

/** GitHub takes 1 MiB of a step. */
const MAX_BYTES = 900 * 1024;

/** @param report - what `mpmake --report` has written; undefined: it has written nothing */
export function summaryOf(report, targets) {
  const heading = `### mpmake${targets.trim() === "" ? "" : ` ${code(targets.trim())}`}\n\n`;
  if (report === undefined) return `${heading}The build has left no report: it was killed, or never began.\n\n`;
  const parts = [result(report), nodes(report), leftOut(report), slowest(report), ...failures(report)];
  let text = heading;
  for (const part of parts) {
    if (Buffer.byteLength(text) + Buffer.byteLength(part) > MAX_BYTES) return `${text}There is more in the report.\n\n`;
    text += part;
  }
  return text;
}

function result({ status, wallMs, jobs, recipes, failed }) {
  const verdict = status === 0 ? "✅ succeeded" : status === 1 ? "not up to date" : "❌ failed";
  const sum = Object.values(recipes).reduce((all, count) => all + count, 0);
  return table(
    ["result", "exit status", "time", "jobs at once", "recipes", "failed"],
    [[verdict, status, seconds(wallMs), jobs === "infinite" ? "no limit" : jobs, sum, failed]],
  );
}

function nodes({ recipes, busyMs }) {
  const all = Object.values(busyMs).reduce((sum, ms) => sum + ms, 0);
  const rows = Object.entries(recipes).map(([node, count]) => {
    const ms = busyMs[node] ?? 0;
    return [code(node), count, seconds(ms), all === 0 ? "" : `${Math.round((100 * ms) / all)} %`];
  });
  return rows.length === 0 ? "" : table(["node", "recipes", "busy", "share"], rows);
}

function leftOut(report) {
  const rows = Object.entries(report.leftOut).map(([node, reason]) => [code(node), escaped(reason)]);
  return rows.length === 0 ? "" : table(["node left out", "why"], rows);
}

function slowest(report) {
  const rows = report.slowest
    .slice(0, 10)
    .map(({ target, node, tookMs }) => [code(target), code(node), seconds(tookMs)]);
  return rows.length === 0 ? "" : table(["slowest recipe", "node", "time"], rows);
}

function failures(report) {
  return report.failures.map(({ target, directory, makefile, line, node, status, output = [] }) => {
    const file = directory === "" || makefile.startsWith("/") ? makefile : `${directory}/${makefile}`;
    const place = line === 0 ? "" : `, ${code(`${file}:${line}`)}`;
    return `#### ${code(target)} failed: ${escaped(endOf(status))}\n\non ${code(node)}${place}\n\n${block(output)}`;
  });
}

function endOf(status) {
  switch (status.kind) {
    case "exited":
      return `exit status ${status.code}`;
    case "signalled":
      return `ended by signal ${status.signal}`;
    case "unstarted":
      return `${status.program} could not be started (${status.errno})`;
    default:
      return `lost with its node (${status.reason})`;
  }
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  return `${line(heads)}${line(heads.map(() => "---"))}${rows.map(line).join("")}\n`;
}

/** In a fence that is longer than any in the lines. */
function block(lines) {
  if (lines.length === 0) return "";
  const text = lines.join("\n").replace(/(?![\t\n])\p{Cc}/gu, "");
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}\n\n`;
}

const code = (text) => `<code>${escaped(text)}</code>`;

/** All that could be markup, as what stands for it; nothing of it is on more than one line. */
function escaped(text) {
  return String(text)
    .replace(/\p{Cc}/gu, " ")
    .replace(/[^\w \u0080-\uffff]/g, (char) => `&#${char.codePointAt(0)};`)
    .replaceAll("_", "&#95;");
}

function seconds(ms) {
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
