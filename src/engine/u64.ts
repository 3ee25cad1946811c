/** The last value of a u64: IOVAs and user addresses use all 64 bits. */
export const U64_MAX = 0xffff_ffff_ffff_ffffn;
