import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { LuoFile } from "./luo-file.js";

/**
 * The file of a session that arrived, made when it is asked for first; LUO keeps a reference of its
 * own until FINISH. Nothing may be in its way any more: see `checkRetrieve`.
 *
 * @source luo_retrieve_file, kernel/liveupdate/luo_file.c (v7.3.4)
 */
export function retrieveFile(machine: Machine, luoFile: LuoFile): OpenFile {
  if (luoFile.file !== undefined) return luoFile.file;
  const file = luoFile.handler.retrieve(machine, luoFile).get();
  luoFile.file = file;
  luoFile.state = "retrieved";
  luoFile.retrieved_seq = machine.seq;
  machine.liveUpdate.preserved.set(luoFile.handler.identity(file), luoFile);
  return file;
}
