import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/**
 * The folder of a disk of so many bytes of its own, for the length of the test; null, and the test
 * is skipped, where this user may not mount one.
 */
export function mountSmallDisk(t: TestContext, sizeBytes: number): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
  try {
    system('mount', '-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'none', folder)
  } catch {
    rmdirSync(folder)
    t.skip('this user may not mount a small disk')
    return null
  }
  t.after(() => {
    system('umount', folder)
    rmdirSync(folder)
  })
  return folder
}

/** From now on nothing can be written to a disk of {@link mountSmallDisk}. */
export function makeReadOnly(folder: string): void {
  system('mount', '-o', 'remount,ro', folder)
}

function system(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'ignore' })
}
