import { FACTS, type FactPath } from "../../engine/profile/facts.js";
import type { Profile } from "../../engine/profile/index.js";

/** Fields of each section of a profile, with the names of their facts. */
const PATHS: ReadonlyMap<string, ReadonlyMap<PropertyKey, FactPath>> = pathsBySection();

/**
 * The same profile, which says when one of its facts is read. That way the engine itself tells
 * which facts an answer depends on.
 */
export function watchProfile(profile: Profile, onRead: (path: FactPath) => void): Profile {
  const watch = <T extends object>(section: keyof Profile, values: T): T => {
    const paths = PATHS.get(section);
    return new Proxy(values, {
      get: (target, key) => {
        const path = paths?.get(key);
        if (path !== undefined) onRead(path);
        return Reflect.get(target, key);
      },
    });
  };
  return {
    ...profile,
    requests: watch("requests", profile.requests),
    preserve: watch("preserve", profile.preserve),
    immutable: watch("immutable", profile.immutable),
    boot: watch("boot", profile.boot),
    restore: watch("restore", profile.restore),
    finish: watch("finish", profile.finish),
  };
}

function pathsBySection(): Map<string, Map<PropertyKey, FactPath>> {
  const found = new Map<string, Map<PropertyKey, FactPath>>();
  for (const { path } of FACTS) {
    const [section = "", field = ""] = path.split(".");
    const paths = found.get(section) ?? new Map<PropertyKey, FactPath>();
    found.set(section, paths.set(field, path));
  }
  return found;
}
