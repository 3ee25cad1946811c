/**
 * Semantic profiles: where kernels and designs differ, the difference is a value here, never an
 * `if (profile === …)` in the engine. Sources: the merged kernel (luo73), the seed mail's agreed
 * model (seed), and the posted patch series (rfc2, p1v1, p1v5, p2).
 */

import type { Errno } from "../errno.js";

export type ProfileId = "luo73" | "seed" | "rfc2" | "p1v1" | "p1v5" | "p2";

export interface Profile {
  readonly id: ProfileId;
  readonly title: string;
  readonly source: string;
  /** iommufd and VFIO files can be put into a session. */
  readonly preserves_iommufd: boolean;
  /** Request numbers of commands whose number moved between series. */
  readonly requests: Readonly<Record<string, number>>;
  /** What MAP, MAP_FILE, COPY into and UNMAP answer on the IOAS of a preserved HWPT. */
  readonly preserved_ioas_errno: Errno | undefined;
  /** What RETRIEVE_FD of an iommufd answers; undefined: it works. */
  readonly retrieve_iommufd_errno: Errno | undefined;
}
