import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As in tsconfig.json, which the bundler of the tests does not read for this.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/__tests__/*.test.{ts,tsx}']
  }
});
