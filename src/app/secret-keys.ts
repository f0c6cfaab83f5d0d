import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '#app/config.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { systemCode } from '#kernel/system-code.ts'
import { moveToFreeName } from '#lake/durable.ts'
import { keyLine, parseKeyRing, type SecretKey } from '#secrets/key-ring.ts'
import { openSecrets, type Secrets } from '#secrets/secrets.ts'

interface Tools {
  readonly random: Random
  readonly log: Logger
}

/**
 * The secrets of this process, with the keys of MILLRACE_SECRET_KEY_FILE. An embedded home has a file
 * of its own, made at the first start. A shared deployment without a file goes on, and keeps no
 * secrets. Throws `secret-key-unusable`.
 */
export async function openOwnSecrets(config: Config, { random, log }: Tools): Promise<Secrets> {
  return openSecrets(await ownKeys(config, random, log), random)
}

async function ownKeys(config: Config, random: Random, log: Logger): Promise<SecretKey[]> {
  if (config.secretKeyFile !== null) return readSecretKeys(config.secretKeyFile)
  if (config.databaseUrl !== null) {
    log.warn('no MILLRACE_SECRET_KEY_FILE: secrets cannot be stored')
    return []
  }
  const file = join(config.home, 'secret.key')
  if (!(await isThere(file))) await makeSecretKeys(file, random)
  return readSecretKeys(file)
}

/** The keys in a file that not everybody may read. Throws `secret-key-unusable`. */
export async function readSecretKeys(file: string): Promise<SecretKey[]> {
  try {
    const { mode } = await stat(file)
    // Windows keeps no such bits.
    if (process.platform === 'win32' || (mode & 0o007) === 0) {
      return parseKeyRing(await readFile(file, 'utf8'), file)
    }
  } catch (error) {
    if (error instanceof MillraceError) throw error
    throw unusable(file, (error as Error).message, error)
  }
  throw unusable(file, 'everybody on this machine may read it')
}

/**
 * A new key in a file that only this user can read. It is whole and on the disk before anything is
 * sealed with it, and a file that is there already stays.
 */
async function makeSecretKeys(file: string, random: Random): Promise<void> {
  const draft = `${file}.draft`
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(keyLine(random.bytes(32)))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await moveToFreeName(draft, file)
  await rm(draft, { force: true })
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw unusable(file, (error as Error).message, error)
  }
}

function unusable(file: string, problem: string, cause?: unknown): MillraceError {
  return new MillraceError('secret-key-unusable', { file, problem }, { cause })
}
