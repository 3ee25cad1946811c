/**
 * What the rules do not see: for each rule where it says less than its obligation, and what no rule
 * looks at. `lutrace explain` and `lutrace rules --coverage` show it.
 */

const FIVE_MINUTES =
  "Without a marker, five minutes count as too long: nobody has agreed on a time.";
const ROLES = "Roles come from the trace: of a process without one it says nothing.";
const OBSERVED = "Only DMA that the trace shows, with what became of it, proves anything.";

const LIMITS: Readonly<Record<string, readonly string[]>> = {
  "api-wrong-number-for-profile": [
    "Of commands that have only a number, 0x95 to 0x97 are looked at: those that moved.",
  ],
  "cmp-image-without-kho": ["The trace has to show which call loaded the image."],
  "cmp-next-kernel-cannot-accept": [
    "It goes by what the boot event says of the next kernel; unsaid means that all is well.",
  ],
  "cmp-vm-without-memory": ["The trace has to say which files are a guest's memory."],
  "dma-after-destroy": ["It remembers the last four page tables of a device."],
  "dma-after-detach": [OBSERVED],
  "dma-between-pause-and-resume": ["The trace has to mark when the vCPUs are paused and resumed."],
  "dma-lost-translation": [OBSERVED],
  "dma-replacement-hole": [
    "Which pages DMA has used is known for this kernel and the one before, not for longer.",
  ],
  "dma-requester-id-changed": [
    "It needs the list of the next kernel's devices, or a retrieve that is answered ENODEV.",
  ],
  "dma-to-reused-page": [
    OBSERVED,
    "Who owns a page by now is in no trace: every page that was freed counts as somebody else's.",
  ],
  "dma-translation-changed-across-kexec": [
    "It needs the physical addresses that an IOMMU's log gives; tables themselves are in no trace.",
    "It remembers 65,536 pages; with more it can no longer say that none has moved.",
  ],
  "dma-unmapped-iova": [
    OBSERVED,
    "A translation request (ATS) cannot be told from an access: a trace shows transactions only.",
  ],
  "imm-guest-memfd-fault-while-frozen": [
    "The trace has to show faults of the guest (`guest_memfd_fault`).",
  ],
  "imm-mutate-restored-domain": [
    "Tables are in no trace: a change shows in DMA, or in a call that clears dirty bits.",
  ],
  "imm-punch-retrieved-memfd-under-restored-domain": [
    "Whether a device is quiet is known only where the trace shows bus mastering and resets.",
  ],
  "leak-flb-held-by-one-session": [FIVE_MINUTES],
  "leak-outgoing-session-not-closed-after-abort": [FIVE_MINUTES],
  "leak-preserved-memory-unreferenced": [
    "Memory is that of memfds and guest_memfds; pages of the kernel's records are not followed.",
    "The trace has to end on purpose (`clean_end`).",
  ],
  "leak-restored-hwpt-after-replace": [FIVE_MINUTES],
  "leak-session-fd-single-holder": [ROLES],
  "leak-session-never-retrieved": [FIVE_MINUTES],
  "own-domain-freed-without-owner": [
    "Only a DMA that faults shows that a domain is gone; of a quiet device it says nothing.",
  ],
  "own-driver-switch-across-kexec": [
    "A driver that the trace does not show is taken for vfio-pci.",
  ],
  "own-finish-touched-domain": [
    "It needs a tracepoint inside of FINISH, or DMA before and after it.",
  ],
  "own-reaper-before-owner-exit": [
    "Who works with something is known from the last call on it, not from memory accesses.",
  ],
  "own-shared-group-partial-preserve": ["Groups are those that the machine facts state."],
  "own-two-claimants-one-session": [
    "Hand-overs are forks and messages with descriptors; an agreement without either is not seen.",
  ],
  "ses-fd-passed-to-unknown-role": [
    ROLES,
    "What a child inherits is looked at when it starts another program.",
    "The first 1,000 passes are looked at.",
  ],
  "ses-freeze-failure-ignored": [FIVE_MINUTES],
  "ses-reaper-incomplete": [ROLES],
  "trace-impossible-result": [
    "It judges calls of live update: of other calls, lutrace replay says how they differ.",
  ],
  "trace-size-field": ["VFIO's argsz says how much data follows, and is not judged."],
};

/** What a rule does not see although its obligation speaks of it; mostly nothing. */
export function limitsOf(rule: string): readonly string[] {
  return LIMITS[rule] ?? [];
}

/** Rules that state a limit. */
export const LIMITED_RULES: readonly string[] = Object.keys(LIMITS);

/** Something that may go wrong in a live update and that no rule looks at. */
export interface NotChecked {
  readonly what: string;
  readonly why: string;
}

export const NOT_CHECKED: readonly NotChecked[] = [
  {
    what: "whether the contents of memory survive",
    why: "rules follow pages, not bytes; where a trace shows bytes, lutrace replay compares them",
  },
  {
    what: "DMA through a guest's own page table (a nested HWPT)",
    why: "the guest's table lies in memory that no trace holds",
  },
  {
    what: "interrupts that come while no kernel runs, interrupt remapping, MSI routing",
    why: "no posted series hands them over, and no event of the trace format shows them",
  },
  {
    what: "vIOMMUs, fault queues, access pins and dirty tracking of an iommufd that crosses",
    why: "the series leave them behind; nobody has agreed what user space owes for them",
  },
  {
    what: "the state inside a device",
    why: "a preserved device keeps running or is reset; no series describes its registers",
  },
  {
    what: "how long an update takes",
    why: "no agreement says how long is too long; the trace has the times",
  },
  {
    what: "caches of translations (IOTLB, ATS)",
    why:
      "a trace shows transactions; a stale entry shows as DMA after a detach or a destroy," +
      " which rules report",
  },
];
