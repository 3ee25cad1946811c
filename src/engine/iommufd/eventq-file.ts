import { FileObject } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { Fault } from "./fault.js";
import type { Veventq } from "./veventq.js";

/**
 * The descriptor of a fault queue or an event queue. It keeps its iommufd alive; closing it does
 * not destroy the queue.
 */
abstract class EventqFile<Queue extends Fault | Veventq> extends FileObject {
  private readonly iommufd: OpenFile;

  constructor(
    readonly queue: Queue,
    iommufd: OpenFile,
  ) {
    super();
    this.iommufd = iommufd.get();
    queue.use();
  }

  override onRelease(machine: Machine): void {
    this.queue.unuse();
    this.iommufd.put(machine);
  }
}

/** What read and write on a fault queue's descriptor work on. */
export class FaultQueueFile extends EventqFile<Fault> {
  readonly kind = "fault_queue";

  override describe(): string {
    return `fault queue ${this.queue.id}`;
  }
}

/** What read on an event queue's descriptor works on. */
export class VeventqFile extends EventqFile<Veventq> {
  readonly kind = "veventq";

  override describe(): string {
    return `event queue ${this.queue.id}`;
  }
}
