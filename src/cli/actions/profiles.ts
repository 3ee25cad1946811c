/** What `lutrace profiles` does. */

import { PROFILES, type ProfileId } from "../../engine/profile/index.js";
import { profileFacts, profileName } from "../../report/profiles/profile-facts.js";
import { profileText } from "../../report/profiles/profile-text.js";
import { renderTable } from "../../report/table.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";
import { UsageError } from "../usage-error.js";

export interface ProfilesArgs {
  /** None: all of them are listed. */
  readonly profile: readonly ProfileId[] | undefined;
  readonly format: Format;
}

export async function profiles(args: ProfilesArgs, io: CliIo): Promise<ExitStatus> {
  const ids = args.profile ?? [];
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new UsageError(
      `${twice} does not differ from itself; lutrace profiles ${twice} shows it in full`,
    );
  }
  if (ids.length === 0) return await listAll(args.format, io);
  const document = profileFacts(ids);
  if (args.format === "json") await writeJson(io.out, document);
  else await io.out.write(profileText(document, styleFor(io)));
  return EXIT.ok;
}

async function listAll(format: Format, io: CliIo): Promise<ExitStatus> {
  const list = (Object.keys(PROFILES) as ProfileId[]).map(profileName);
  if (format === "json") {
    await writeJson(io.out, { version: 1, profiles: list });
    return EXIT.ok;
  }
  const rows = list.map(({ id, title, source }) => [id, title, source]);
  const columns = [{ title: "profile" }, { title: "what it is" }, { title: "source" }];
  await io.out.write(`${renderTable(columns, rows, styleFor(io))}\n`);
  return EXIT.ok;
}
