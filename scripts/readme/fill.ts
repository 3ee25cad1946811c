/**
 * The README shows real output: below a line `$ npx lutrace …` in a console block stands what that
 * command prints. `<!-- lines: N -->` above the block keeps the first N lines and ends with "…".
 */

/** Runs lutrace with these arguments and gives what it prints on stdout. */
export type Run = (argv: readonly string[]) => Promise<string>;

const BLOCK = /(?:<!-- lines: (\d+) -->\n)?```console\n\$ npx lutrace ([^\n]+)\n[^`]*```/g;

/** The README with the output of every block made anew. */
export async function fillOutputs(readme: string, run: Run): Promise<string> {
  let filled = readme;
  for (const [block, lines, command = ""] of readme.matchAll(BLOCK)) {
    const printed = (await run(command.split(" "))).trimEnd().split("\n");
    const kept = lines === undefined ? printed : [...printed.slice(0, Number(lines)), "…"];
    const note = lines === undefined ? "" : `<!-- lines: ${lines} -->\n`;
    const text = ["```console", `$ npx lutrace ${command}`, ...kept, "```"].join("\n");
    filled = filled.replace(block, () => note + text);
  }
  return filled;
}
