/** What a kexec takes along: the domains that one serialization writes down. */

import type { PreservedDomainView } from "./domains.js";
import type { SessionView } from "./subjects.js";
import type { TransitionView } from "./view.js";

export interface CrossingDomain {
  readonly domain: PreservedDomainView;
  readonly session: SessionView;
}

/** Collects `domain_serialized`; `take` gives what came since it was called last. */
export class Crossing {
  #domains: CrossingDomain[] = [];

  readonly add = ({ domain, session }: TransitionView<"domain_serialized">): void => {
    this.#domains.push({ domain, session });
  };

  take(): readonly CrossingDomain[] {
    const taken = this.#domains;
    this.#domains = [];
    return taken;
  }
}
