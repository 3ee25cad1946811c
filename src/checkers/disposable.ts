import type { HeaderFacts } from "./rule.js";
import { type FileView, type LuoFileView, objectOf, type SessionView } from "./subjects.js";

/** What the header of a trace says may be lost on purpose: memfds and sessions, by name. */
export class Disposable {
  private readonly names: ReadonlySet<string>;

  constructor(header: HeaderFacts | undefined) {
    this.names = new Set(header?.disposable);
  }

  /** The session with all that is in it. */
  hasSession({ name }: Pick<SessionView, "name">): boolean {
    return this.names.has(name);
  }

  hasFile({ session, source }: LuoFileView): boolean {
    return this.hasSession(session) || this.hasMemory(source);
  }

  hasMemory(file: FileView): boolean {
    const memfd = objectOf(file, "memfd");
    return memfd !== undefined && this.names.has(memfd.name);
  }
}
