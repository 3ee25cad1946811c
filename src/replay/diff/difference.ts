/** One way in which two states differ, in the user's words. */
export interface Difference {
  /** What kind of thing differs. */
  readonly kind:
    | "kernel"
    | "process"
    | "session"
    | "session_file"
    | "memfd"
    | "device"
    | "restored_domain"
    | "iommufd"
    | "iommufd_object"
    | "mapping";
  /** Which thing, as the first state names it; as the second one does where only it has it. */
  readonly object: string;
  /** What about it; `presence` where only one state has it. */
  readonly field: string;
  /** Values in the two states; null where there is none. */
  readonly a: string | null;
  readonly b: string | null;
  /** One sentence. */
  readonly message: string;
}
