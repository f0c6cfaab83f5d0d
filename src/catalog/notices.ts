import type { Database } from '#catalog/database.ts'

/** Listeners to one channel of the database, which is listened to from the first of them on. */
export interface Notices<Told> {
  /** Returns the way to stop. */
  add(listener: (told: Told) => void): () => void
  close(): Promise<void>
}

/** `read` says what listeners are told: the text of a notice; null: some may have been missed. */
export function openNotices<Told>(
  database: Database,
  channel: string,
  read: (text: string | null) => Told,
): Notices<Told> {
  const listeners = new Set<(told: Told) => void>()
  let listening: Promise<() => Promise<void>> | null = null

  function tell(text: string | null): void {
    for (const listener of listeners) setImmediate(() => listener(read(text)))
  }

  return {
    add(listener) {
      listeners.add(listener)
      listening ??= database.listen(channel, tell)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      const stop = await listening?.catch(() => null)
      await stop?.()
    },
  }
}
