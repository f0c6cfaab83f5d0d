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
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'none', folder], {
      stdio: 'ignore',
    })
  } catch {
    rmdirSync(folder)
    t.skip('this user may not mount a small disk')
    return null
  }
  t.after(() => {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  })
  return folder
}
