import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    globalSetup: ["test/support/temporary-folder.ts"],
    // Test files share a process: to load the engine anew for each took longer than the tests.
    // So what one file leaves behind (globals, module state) is there for the next.
    isolate: false,
  },
});
