import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

import type { Random } from '#kernel/random.ts'

/**
 * The key with which this machine's own commands speak to the running server: made anew at each
 * start of a server, readable by its user only, taken over the loopback interface only.
 */
function localKeyPath(home: string): string {
  return join(home, 'keys', 'local.key')
}

export async function writeLocalKey(home: string, random: Random): Promise<string> {
  const path = localKeyPath(home)
  const key = `ml_${Buffer.from(random.bytes(32)).toString('hex')}`
  await mkdir(join(home, 'keys'), { recursive: true, mode: 0o700 })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(`${key}\n`)
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  return key
}

/** Null when there is none, or another user's server holds it. */
export async function readLocalKey(home: string): Promise<string | null> {
  try {
    return (await readFile(localKeyPath(home), 'utf8')).trim()
  } catch {
    return null
  }
}
