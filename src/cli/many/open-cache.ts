import { isAbsolute, join } from "node:path";
import { UsageError } from "../usage-error.js";
import { ResultCache } from "./result-cache.js";

/** About 130,000 results of usual size, which take one block of the disk each. */
const CACHE_BYTES_MAX = 512 * 1024 * 1024;

/**
 * The cache of a run. The usual folder is the one the XDG base directory specification names; where
 * there is none that can be written to, there is no cache.
 *
 * @param asked The folder of `--cache-dir`.
 * @throws UsageError when the folder that was asked for cannot be used.
 */
export async function openCache(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ResultCache | undefined> {
  const folder = asked ?? usualCacheFolder(env);
  if (folder === undefined) return undefined;
  try {
    return await ResultCache.open(folder, CACHE_BYTES_MAX);
  } catch (error) {
    if (asked === undefined) return undefined;
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--cache-dir ${asked} cannot be used: ${code ?? error}`);
  }
}

export function usualCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_CACHE_HOME, HOME } = env;
  // The specification says to ignore relative paths.
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) {
    return join(XDG_CACHE_HOME, "lutrace");
  }
  if (HOME === undefined || !isAbsolute(HOME)) return undefined;
  return join(HOME, ".cache", "lutrace");
}
