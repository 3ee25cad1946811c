/** What things are called in findings: by the session that took them and the kernel they are in. */

/** A session of the first kernel. */
export function sessionName(name: string): string {
  return `session "${name}"`;
}

/** The same thing in the next kernel. */
export function arrived(name: string): string {
  return `${name}@boot2`;
}

/** The VM's session, as it is preserved and as it arrives. */
export const VM1 = sessionName("vm1");
export const VM1_ARRIVED = arrived(VM1);

/** The VM's iommufd before a session takes it, then, and as it arrives. */
const IOMMUFD = "iommufd#1";
const KEPT_IOMMUFD = `vm1/${IOMMUFD}`;
export const IOMMUFD_ARRIVED = arrived(KEPT_IOMMUFD);

/** The VM's marked page table in its session; restored, as its domain and as its handle. */
export const KEPT_HWPT = `${KEPT_IOMMUFD}/hwpt:token=0x4d`;
export const RESTORED_HWPT = arrived(KEPT_HWPT);
export const DOMAIN1 = `restored domain ${RESTORED_HWPT}`;

/** A second marked page table in the session. */
export const SECOND_KEPT_HWPT = `${KEPT_IOMMUFD}/hwpt:token=0x4e`;

/** A page table of an iommufd that is in no session yet. */
export function hwptName(id: number): string {
  return `${IOMMUFD}/hwpt:${id}`;
}

/** A guest's page table: known by what it was made as, also when its iommufd is in a session. */
export function nestedName(id: number): string {
  return `${IOMMUFD}/hwpt-nested:${id}`;
}

/** A page table without a mark, of an iommufd that is in the session. */
export function unmarkedName(id: number): string {
  return `${KEPT_IOMMUFD}/hwpt:${id}`;
}

/** A page table that was made in the next kernel. */
export function newHwptName(id: number): string {
  return arrived(unmarkedName(id));
}

/** An IOAS of an iommufd that is in the session. */
export function keptIoasName(id: number): string {
  return `${KEPT_IOMMUFD}/ioas:${id}`;
}

/** An IOAS of an iommufd that is in no session yet. */
export function ioasName(id: number): string {
  return `${IOMMUFD}/ioas:${id}`;
}

/** A file of a session, by its token. */
export function tokenName(token: bigint, session = VM1): string {
  return `token 0x${token.toString(16)} of ${session}`;
}
