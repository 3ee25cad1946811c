/** The largest offset in a file: loff_t is signed (include/linux/types.h, v7.3.4). */
export const OFFSET_MAX = 0x7fff_ffff_ffff_ffffn;
