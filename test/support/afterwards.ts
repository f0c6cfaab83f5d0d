import type { TestContext } from 'node:test'

const closers = new WeakMap<TestContext, (() => Promise<unknown>)[]>()

/** As `t.after`, but what was opened last is closed first. */
export function afterwards(t: TestContext, close: () => Promise<unknown>): void {
  const known = closers.get(t)
  if (known) return void known.push(close)
  const own = [close]
  closers.set(t, own)
  t.after(async () => {
    for (const each of own.reverse()) await each()
  })
}
