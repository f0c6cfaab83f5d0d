import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Well within the hour that a sweep waits for. */
const TOUCH_EVERY_MS = 300_000

export interface AtWork {
  /** Entries of the folder that this process works with. */
  readonly names: ReadonlySet<string>
  begin(name: string): void
  end(name: string): void
}

/**
 * What this process works with below a folder. It is touched as long as it lasts, for other processes
 * sweep the same folder by age, and a long query writes nothing for a while.
 */
export function createAtWork(root: string, everyMs = TOUCH_EVERY_MS): AtWork {
  const names = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const touchAll = () => {
    for (const name of names) {
      // Whatever times are written, the time of change becomes the present. It may be gone, or not
      // made yet.
      utimes(join(root, name), 0, 0).catch(() => {})
    }
  }

  return {
    names,
    begin(name) {
      names.add(name)
      timer ??= setInterval(touchAll, everyMs).unref()
    },
    end(name) {
      names.delete(name)
      if (names.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}
