import type { Cleanup } from './database.ts'

const closers = new WeakMap<Cleanup, (() => Promise<unknown>)[]>()

/** As `t.after`, but what was opened last is closed first. */
export function afterwards(t: Cleanup, close: () => Promise<unknown>): void {
  const known = closers.get(t)
  if (known) return void known.push(close)
  const own = [close]
  closers.set(t, own)
  t.after(async () => {
    for (const each of own.reverse()) await each()
  })
}
