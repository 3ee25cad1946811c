/** Samples of a file's contents: they stand in where a file system's times say too little. */

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/** SHA-256 over 64 samples of 4 KiB, from the first bytes to the last, evenly. */
export async function sampleFile(path: string, size_bytes: number): Promise<string> {
  const handle = await open(path, "r");
  try {
    const hash = createHash("sha256");
    const sample = Buffer.alloc(SAMPLE_BYTES);
    const last = Math.max(0, size_bytes - SAMPLE_BYTES);
    for (let number = 0; number < SAMPLES; number++) {
      const at = Math.floor((last * number) / (SAMPLES - 1));
      const { bytesRead } = await handle.read(sample, 0, SAMPLE_BYTES, at);
      hash.update(sample.subarray(0, bytesRead));
    }
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}
