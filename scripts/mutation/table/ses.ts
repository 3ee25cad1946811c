/** Faults in the life of a session. */

import type { Memfd } from "../../../src/engine/memory/memfd.js";
import { after, alter, before, delay, drop, instead, repeat, stop } from "../change.js";
import {
  CLEAN,
  MEMORIES,
  MEMORY,
  type Mutation,
  REAPED,
  RECORDED,
  silent,
  TWO_DEVICES,
  TWO_TABLES,
  VM,
} from "../mutation.js";
import { BOOT, event, ioctl, KEXEC, open } from "../select.js";

const EVERY = [VM, TWO_DEVICES, TWO_TABLES, MEMORY, MEMORIES, RECORDED];
const STRICT_VM = "scenarios/S57-kernel-driver-refused";
const PRESERVE = "LIVEUPDATE_SESSION_PRESERVE_FD";
const RETRIEVE = "LIVEUPDATE_SESSION_RETRIEVE_FD";
const FINISH = "LIVEUPDATE_SESSION_FINISH";
const PRESERVE_MEMORY = ioctl("PRESERVE_FD", { about: "memfd" });

export const SES: readonly Mutation[] = [
  {
    rule: "ses-token-reuse",
    fault: "PRESERVE_FD twice with one token",
    of: EVERY,
    change: repeat(ioctl("PRESERVE_FD")),
    at: ["here"],
  },
  {
    rule: "ses-double-preserve",
    fault: "a memfd that is preserved goes into a second session too",
    of: [CLEAN, RECORDED],
    change: after(PRESERVE_MEMORY, (scene) => {
      const created = scene.createSession("shared");
      const memory = scene.held("memfd", (memfd) => (memfd as Memfd).frozen);
      const session = scene.pass(created, memory.pid);
      scene.ioctl(session, PRESERVE, { fd: memory.fd, token: 99n });
    }),
    at: ["here"],
  },
  {
    rule: "ses-retrieve-before-kexec",
    fault: "RETRIEVE_SESSION in the kernel that created the session",
    of: [CLEAN, RECORDED],
    change: after(ioctl("CREATE_SESSION"), (scene) => {
      const luo = scene.held("luo_device");
      const name = [...scene.machine.liveUpdate.outgoing.keys()].at(-1) ?? "";
      scene.ioctl(luo, "LIVEUPDATE_IOCTL_RETRIEVE_SESSION", { fd: -1, name });
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "ses-preserve-after-retrieve",
    fault: "a new memfd goes into a session that came out of a kexec",
    of: [CLEAN, RECORDED],
    change: before(ioctl("SESSION_FINISH"), (scene) => {
      const session = scene.session();
      const { fd } = scene.memfd(session.pid, "new");
      scene.ioctl(session, PRESERVE, { fd, token: 99n });
    }),
    at: ["here"],
  },
  {
    rule: "ses-finish-without-retrieve",
    fault: "FINISH before anything is retrieved",
    of: [MEMORY, MEMORIES],
    change: before(ioctl("SESSION_RETRIEVE_FD"), (scene) => scene.ioctl(scene.session(), FINISH)),
    nth: 0,
    at: ["here", "marker"],
  },
  {
    rule: "ses-finish-before-replace",
    fault: "the kernel finishes a session whose restored domain still translates",
    of: [CLEAN],
    change: before(ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true }), (scene) => {
      scene.ioctl(scene.session(), FINISH, {}, "ok");
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "ses-finish-refused-loop",
    fault: "FINISH three times in vain",
    of: [CLEAN],
    change: before(ioctl("ATTACH_IOMMUFD_PT", { epoch: 2, replaces: true }), (scene) => {
      for (let time = 0; time < 3; time++) scene.ioctl(scene.session(), FINISH);
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "ses-retrieve-session-twice",
    fault: "RETRIEVE_SESSION twice",
    of: [CLEAN, RECORDED],
    change: repeat(ioctl("RETRIEVE_SESSION", { unfinished: true })),
    at: ["here"],
  },
  {
    rule: "ses-retry-failed-retrieve",
    fault: "RETRIEVE_FD fails for want of memory and is tried again",
    of: [MEMORY, MEMORIES],
    change: stop(
      instead(ioctl("SESSION_RETRIEVE_FD"), (scene) => {
        const session = scene.session();
        for (let time = 0; time < 2; time++) {
          scene.ioctl(session, RETRIEVE, { fd: -1, token: 1n }, "ENOMEM");
        }
      }),
    ),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "ses-closed-before-kexec",
    fault: "close the session early: before the kexec",
    of: [...EVERY.slice(0, -1), STRICT_VM, "scenarios/S103-closed-after-preserve"],
    change: before(KEXEC, (scene) => scene.closeEverywhere(scene.session())),
    at: ["reboot"],
  },
  {
    rule: "ses-fd-passed-to-unknown-role",
    fault: "the session is handed to a process of no known role",
    of: [CLEAN, RECORDED],
    change: before(KEXEC, (scene) => {
      const session = scene.session();
      scene.spawnWith(session.pid, "other", session);
    }),
    at: ["here"],
  },
  {
    rule: "ses-reaper-incomplete",
    fault: "the reaper forgets RETRIEVE_FD of the device, which nobody had retrieved",
    of: REAPED.slice(0, 3),
    change: drop(ioctl("RETRIEVE_FD", { role: "reaper", about: "vfio_device" })),
    at: ["close", "exit"],
    also: {
      "leak-session-stuck": "what the reaper leaves is a stuck session: the cause",
      "api-destroy-restored-before-replace": "without the device nothing is replaced",
      "api-restore-before-bind": "without the device nothing is bound",
    },
  },
  {
    rule: "ses-device-open-contention",
    fault: "a second program opens /dev/liveupdate while the manager has it",
    of: EVERY,
    change: after(open("/dev/liveupdate"), (scene) => {
      scene.open(scene.start("other"), "/dev/liveupdate");
    }),
    nth: 0,
    at: ["here"],
  },
  {
    rule: "ses-open-eio",
    fault: "the next kernel lacks a handler: nobody can open /dev/liveupdate",
    of: EVERY,
    change: alter(BOOT, { missing_handlers: ["memfd-v2"] }),
    at: ["open"],
    also: { "cmp-next-kernel-cannot-accept": "the boot says it first" },
  },
  {
    rule: "ses-ioctl-after-freeze",
    fault: "a session takes a file after everything was written down",
    of: [CLEAN, RECORDED],
    change: after(KEXEC, (scene) => {
      const session = scene.session();
      const { fd } = scene.memfd(session.pid, "late");
      scene.ioctl(session, PRESERVE, { fd, token: 99n }, "ok");
    }),
    at: ["here"],
    also: { "leak-file-not-retrieved-at-finish": "nobody knows of that file in the next kernel" },
  },
  {
    rule: "ses-freeze-failure-ignored",
    fault: "the kexec fails, and the VM resumes with its session open",
    of: [CLEAN, RECORDED],
    change: stop(
      instead(KEXEC, (scene) => {
        const { pid } = scene.session();
        scene.add({ type: "reboot", pid, cmd: "kexec", ret: -1, errno: "EINVAL" });
        scene.add({ type: "marker", what: "vcpus_resumed" });
      }),
    ),
    at: ["here"],
  },
  {
    rule: "ses-freeze-not-undone",
    fault: "forget to start the device again that a failed kexec has stopped",
    of: [silent("ses-freeze-not-undone")],
    change: drop(event("bus_master")),
    nth: 1,
    at: ["marker"],
  },
  {
    rule: "ses-name-invalid",
    fault: "CREATE_SESSION twice with one name",
    of: [CLEAN, RECORDED],
    change: repeat(ioctl("CREATE_SESSION")),
    at: ["here"],
  },
  {
    rule: "ses-order-violation",
    fault: "the iommufd is preserved before its memory",
    of: [VM, TWO_DEVICES, TWO_TABLES, STRICT_VM],
    change: delay(PRESERVE_MEMORY, ioctl("PRESERVE_FD", { about: "iommufd" })),
    at: ["PRESERVE_FD"],
  },
  {
    rule: "ses-order-violation",
    fault: "forget PRESERVE_FD of the memory where the kernel asks for it",
    of: [VM, TWO_DEVICES, TWO_TABLES, STRICT_VM],
    change: drop(PRESERVE_MEMORY),
    at: ["PRESERVE_FD"],
  },
  {
    rule: "ses-retrieve-unknown-token",
    fault: "forget PRESERVE_FD of a memfd that the next kernel is asked for",
    of: EVERY,
    change: drop(PRESERVE_MEMORY),
    at: ["RETRIEVE_FD"],
    also: {
      "cmp-mapped-memory-not-preserved": "a page table crosses that maps it",
      "ses-order-violation": "the kernel asks for it before the iommufd",
    },
  },
  {
    rule: "ses-retry-failed-retrieve",
    fault: "RETRIEVE_FD of the iommufd fails and is tried again",
    of: [VM, TWO_DEVICES, TWO_TABLES],
    change: stop(
      instead(ioctl("RETRIEVE_FD", { token: 2n }), (scene) => {
        const session = scene.session();
        for (let time = 0; time < 2; time++) {
          scene.ioctl(session, RETRIEVE, { fd: -1, token: 2n }, "ENOMEM");
        }
      }),
    ),
    at: ["here"],
  },
];
