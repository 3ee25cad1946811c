const SEALS = ["SEAL", "SHRINK", "GROW", "WRITE", "FUTURE_WRITE", "EXEC"] as const;

/** Seals of a memfd by their uapi names: `F_SEAL_SHRINK|F_SEAL_GROW`. */
export function sealNames(seals: number): string {
  const names = SEALS.filter((_, bit) => (seals & (1 << bit)) !== 0);
  return names.map((name) => `F_SEAL_${name}`).join("|");
}
