import type { Machine } from "../machine.js";
import { FileObject } from "./file-object.js";
import type { OpenFile } from "./open-file.js";

/** One end of a socket pair: a queue of descriptors that were sent to it and not yet received. */
export class SocketFile extends FileObject {
  readonly kind = "socket";
  peer: SocketFile | undefined;
  private readonly _inFlight: { files: OpenFile[]; from: number }[] = [];

  override describe(): string {
    return "socket";
  }

  /** Messages that were sent and not received, oldest first. */
  get inFlight(): readonly { readonly files: readonly OpenFile[]; readonly from: number }[] {
    return this._inFlight;
  }

  /** Queues a message; each file keeps a reference while it is in flight. */
  send(files: readonly OpenFile[], from: number): void {
    this._inFlight.push({ files: files.map((file) => file.get()), from });
  }

  /** The oldest message; the caller drops the in-flight references. */
  receive(): { files: OpenFile[]; from: number } | undefined {
    return this._inFlight.shift();
  }

  override onRelease(machine: Machine): void {
    if (this.peer !== undefined) this.peer.peer = undefined;
    for (const message of this._inFlight.splice(0)) {
      for (const file of message.files) file.put(machine);
    }
  }
}
