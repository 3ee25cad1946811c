import type { VFIO_DEVICE_FEATURE } from "../abi/vfio.js";
import { O_RDWR } from "../call/call.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import { isReadable } from "./argument.js";
import { deviceOf } from "./device-file.js";
import { type DmabufRange, VfioDmabuf } from "./dmabuf.js";
import { checkFeature, FEATURE_GET } from "./feature.js";
import { LAST_BAR, type PciDevice } from "./pci-device.js";

type FeatureCall = IoctlCall<typeof VFIO_DEVICE_FEATURE>;

/** struct vfio_device_feature_dma_buf: four words, then the ranges. */
const HEADER_BYTES = 16;
const RANGE_BYTES = 16;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

interface DmabufRequest {
  readonly bar: number;
  readonly open_flags: number;
  readonly flags: number;
  readonly ranges: readonly DmabufRange[];
}

/**
 * VFIO_DEVICE_FEATURE_DMA_BUF: exports parts of a BAR as a dma-buf and makes a descriptor for it.
 *
 * @source vfio_pci_core_feature_dma_buf, drivers/vfio/pci/vfio_pci_dmabuf.c (v7.3.4)
 */
export function exportDmabuf(call: FeatureCall): void {
  if (!checkFeature(call, FEATURE_GET, HEADER_BYTES)) return;
  const request = readRequest(call);
  if (request === undefined) {
    call.reject("EFAULT", "the payload cannot be read");
    return;
  }
  const device = deviceOf(call);
  const errno = checkRequest(call, request, device);
  if (errno !== undefined) {
    call.reject(errno);
    return;
  }
  if (!call.accept(call.process.fds.lowestFree())) return;
  const { machine } = call;
  const dmabuf = new VfioDmabuf(machine.newSerial(), device, request.bar, request.ranges);
  device.dmabufs.add(dmabuf);
  if (!device.decoding) dmabuf.setRevoked(machine, true);
  call.noteAdopted("ret");
  call.ret = call.installFd(call.observedFd(), dmabuf, request.open_flags | O_RDWR);
}

function readRequest(call: FeatureCall): DmabufRequest | undefined {
  const start = call.layout.length_bytes;
  const tail = call.event.tail ?? new Uint8Array(0);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  if (tail.length < HEADER_BYTES || !isReadable(call, start + HEADER_BYTES)) return undefined;
  const word = (index: number) => view.getUint32(4 * index, true);
  const count = word(3);
  const ranges: DmabufRange[] = [];
  // What the recorder did not keep cannot be looked at; the kernel reads behind argsz as well.
  for (let at = HEADER_BYTES; ranges.length < count; at += RANGE_BYTES) {
    if (at + RANGE_BYTES > tail.length) break;
    const offset = view.getBigUint64(at, true);
    ranges.push({ offset, length_bytes: view.getBigUint64(at + 8, true) });
  }
  return { bar: word(0), open_flags: word(1), flags: word(2), ranges };
}

function checkRequest(
  call: FeatureCall,
  request: DmabufRequest,
  device: PciDevice,
): Errno | undefined {
  if (request.ranges.length === 0 || request.flags !== 0) return "EINVAL";
  if (request.bar > LAST_BAR) return "ENODEV";
  // User space that exports a BAR asked for its size before, so one nobody asked about is absent.
  const bar_bytes = device.findBarSize(request.bar) ?? 0n;
  if (bar_bytes === 0n) return "ENODEV";
  const page = call.machine.page_size;
  let total = 0n;
  for (const { offset, length_bytes } of request.ranges) {
    if (length_bytes === 0n || offset % page !== 0n || length_bytes % page !== 0n) return "EINVAL";
    total += length_bytes;
    if (offset + length_bytes > bar_bytes || total > U64_MAX) return "EINVAL";
  }
  return undefined;
}
