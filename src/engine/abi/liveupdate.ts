/** Layouts of the live update ioctl arguments: include/uapi/linux/liveupdate.h (v7.3.4). */

import { bytes, defineStruct, s32, u32, u64 } from "./layout.js";
/** `struct liveupdate_ioctl_create_session`, request 0xba00. */
export const LIVEUPDATE_IOCTL_CREATE_SESSION = defineStruct({
  name: "LIVEUPDATE_IOCTL_CREATE_SESSION",
  request: 0xba00,
  length_bytes: 72,
  minimum_bytes: 72,
  size_field: "size",
  fields: {
    size: u32(0),
    fd: s32(4),
    name: bytes(8, 64),
  },
});

/** `struct liveupdate_ioctl_retrieve_session`, request 0xba01. */
export const LIVEUPDATE_IOCTL_RETRIEVE_SESSION = defineStruct({
  name: "LIVEUPDATE_IOCTL_RETRIEVE_SESSION",
  request: 0xba01,
  length_bytes: 72,
  minimum_bytes: 72,
  size_field: "size",
  fields: {
    size: u32(0),
    fd: s32(4),
    name: bytes(8, 64),
  },
});

/** `struct liveupdate_session_preserve_fd`, request 0xba40. */
export const LIVEUPDATE_SESSION_PRESERVE_FD = defineStruct({
  name: "LIVEUPDATE_SESSION_PRESERVE_FD",
  request: 0xba40,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    fd: s32(4),
    token: u64(8),
  },
});

/** `struct liveupdate_session_retrieve_fd`, request 0xba41. */
export const LIVEUPDATE_SESSION_RETRIEVE_FD = defineStruct({
  name: "LIVEUPDATE_SESSION_RETRIEVE_FD",
  request: 0xba41,
  length_bytes: 16,
  minimum_bytes: 16,
  size_field: "size",
  fields: {
    size: u32(0),
    fd: s32(4),
    token: u64(8),
  },
});

/** `struct liveupdate_session_finish`, request 0xba42. */
export const LIVEUPDATE_SESSION_FINISH = defineStruct({
  name: "LIVEUPDATE_SESSION_FINISH",
  request: 0xba42,
  length_bytes: 8,
  minimum_bytes: 8,
  size_field: "size",
  fields: {
    size: u32(0),
    reserved: u32(4),
  },
});

/** `struct liveupdate_session_get_name`, request 0xba43. */
export const LIVEUPDATE_SESSION_GET_NAME = defineStruct({
  name: "LIVEUPDATE_SESSION_GET_NAME",
  request: 0xba43,
  length_bytes: 72,
  minimum_bytes: 72,
  size_field: "size",
  fields: {
    size: u32(0),
    reserved: u32(4),
    name: bytes(8, 64),
  },
});
